package queue

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
)

// inboxMaxBytes is a fuse: some millions of references.
const inboxMaxBytes = 2 << 30

// FileRef names a published file: what a run may take, as it was when it was published.
type FileRef struct {
	Source  string `json:"source"`
	Path    string `json:"path"` // in the source, with slashes
	Bytes   int64  `json:"bytes"`
	ModTime int64  `json:"mod_time"`         // Unix nanoseconds
	Digest  string `json:"digest,omitempty"` // of the content, if it was asked for
}

func (c *Control) inboxConfig(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              c.inbox.name,
		Subjects:          []string{c.inboxPrefix() + "*"},
		Retention:         jetstream.LimitsPolicy,
		Storage:           jetstream.FileStorage,
		Discard:           jetstream.DiscardNew,
		MaxBytes:          inboxMaxBytes,
		MaxMsgsPerSubject: 1, // a file that is published again replaces its reference
		AllowDirect:       true,
		Duplicates:        100 * time.Millisecond, // unused: message ids are not durable
		Replicas:          replicas,
	}
}

func (c *Control) inboxPrefix() string { return "millrace.inbox." + c.name + "." }

func (c *Control) inboxSubject(ref FileRef) string {
	h := xxh3.HashString128(ref.Source + "\x00" + ref.Path).Bytes()
	return c.inboxPrefix() + hex.EncodeToString(h[:])
}

// Publish puts references of files into the inbox. A file that is there already is replaced. When it returns without
// error, the server has all of them; otherwise some, and publishing them again does no harm.
func (c *Control) Publish(ctx context.Context, refs ...FileRef) error {
	for window := range slices.Chunk(refs, enqueueWindow) {
		msgs := make([]*nats.Msg, len(window))
		for i, ref := range window {
			data, err := json.Marshal(ref)
			if err != nil {
				return fmt.Errorf("publish %s of %s: %w", ref.Path, ref.Source, err)
			}
			msgs[i] = &nats.Msg{Subject: c.inboxSubject(ref), Data: data}
		}
		if err := c.inbox.publishAll(ctx, msgs); err != nil {
			return fmt.Errorf("publish %d files from %s of %s: %w", len(window), window[0].Path, window[0].Source, err)
		}
	}
	return nil
}

// Inbox returns what has been published up to now, by source and path, and the number that stands for now: ClearInbox with
// it removes these and nothing newer. A file that is published again while Inbox reads may be left for the next time.
func (c *Control) Inbox(ctx context.Context) (refs []FileRef, upTo uint64, err error) {
	defer pipeline.Wrap(&err, "read the inbox")
	filter := c.inboxPrefix() + "*"
	if upTo, err = c.inbox.end(ctx, filter); err != nil || upTo == 0 {
		return nil, 0, err
	}
	sources := map[string]string{} // one string each, not one per file
	err = c.inbox.scan(ctx, filter, func(m jetstream.Msg, seq uint64) error {
		if seq > upTo {
			return nil
		}
		var ref FileRef
		if err := json.Unmarshal(m.Data(), &ref); err != nil {
			return fmt.Errorf("decode %s: %w", m.Subject(), err)
		}
		if s, ok := sources[ref.Source]; ok {
			ref.Source = s
		} else {
			sources[ref.Source] = ref.Source
		}
		refs = append(refs, ref)
		return nil
	})
	slices.SortFunc(refs, compareRefs)
	// What a server without power has lost may be read twice.
	return slices.CompactFunc(refs, func(a, b FileRef) bool { return compareRefs(a, b) == 0 }), upTo, err
}

func compareRefs(a, b FileRef) int {
	return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Path, b.Path))
}

// ClearInbox removes what was published up to the number that Inbox gave.
func (c *Control) ClearInbox(ctx context.Context, upTo uint64) (err error) {
	defer pipeline.Wrap(&err, "clear the inbox")
	if upTo == 0 {
		return nil
	}
	return c.inbox.retry(ctx, func(ctx context.Context) error {
		return c.inbox.handle.Purge(ctx, jetstream.WithPurgeSequence(upTo+1)) // up to, but without
	})
}
