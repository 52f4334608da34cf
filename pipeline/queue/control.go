package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
)

// ErrNoControl says that a corpus has no control plane: no coordinator has ever run for it.
var ErrNoControl = errors.New("no coordinator has opened the corpus in this nats")

// ErrNoInbox says that the inbox of published files is gone from NATS. A coordinator makes it anew.
var ErrNoInbox = fmt.Errorf("%w: its inbox is gone from nats, and millrace serve makes it anew within seconds", ErrNoControl)

const (
	// markerTTL is how long a deleted or expired key can still be told from one that never was: long enough for every
	// watcher to hear of it.
	markerTTL = time.Hour

	// restoreTries is how often a control plane is made that somebody deletes meanwhile. There are two streams to delete.
	restoreTries = 4

	// What a deletion looks like to the clients of key-value buckets.
	operationHeader = "KV-Operation"
	purgeOperation  = "PURGE"
)

// ControlOptions are the choices of who opens a control plane.
type ControlOptions struct {
	Replicas int           // default 1
	Patience time.Duration // how long requests are repeated while NATS does not answer; default 30 s
	// BindOnly makes nothing: what is missing is ErrNoControl. It is for those who have no right to make streams.
	BindOnly bool
	Logger   zerolog.Logger
}

// ControlEntry is a key with what it holds. Data is nil if the key was deleted or has expired.
type ControlEntry struct {
	Key  string
	Data []byte
	Rev  uint64
	Time time.Time // when it was set, by the server's clock; for people
}

// Control is what the processes of one corpus know of each other: a small key-value bucket, the inbox of published files,
// and who leads. Safe for concurrent use. It holds no connection of its own and needs no Close.
type Control struct {
	stream
	name   string
	bucket string
	inbox  stream
	made   ControlOptions
}

// OpenControl opens the control plane of a corpus by its name (letters, digits, - and _), making it if need be.
func OpenControl(ctx context.Context, nc *nats.Conn, name string, o ControlOptions) (*Control, error) {
	if !token.MatchString(name) {
		return nil, fmt.Errorf("corpus name %q: only letters, digits, - and _", name)
	}
	c := &Control{name: name, bucket: "millrace_" + name, made: o}
	var err error
	c.stream, err = newStream(nc, "KV_"+c.bucket, o.Patience, ErrNoControl)
	if err == nil {
		c.inbox, err = newStream(nc, "MILLRACE_INBOX_"+name, o.Patience, ErrNoInbox)
	}
	if err == nil {
		err = c.Restore(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("open the control plane of %s: %w", name, err)
	}
	return c, nil
}

// Restore makes the control plane anew, empty, if NATS has lost it (ErrNoControl), or finds that somebody else has. Who may
// not make one gets ErrNoControl until then.
func (c *Control) Restore(ctx context.Context) error {
	if c.made.BindOnly {
		return c.bind(ctx) // who publishes finds out whether there is an inbox
	}
	for range restoreTries - 1 {
		if err := c.makeAnew(ctx); !errors.Is(err, ErrNoControl) {
			return err
		}
	}
	return c.makeAnew(ctx)
}

// makeAnew is one try of Restore. What is deleted after it was seen, while an operator deletes one stream after the other, is ErrNoControl.
func (c *Control) makeAnew(ctx context.Context) error {
	err := c.create(ctx)
	if err == nil {
		err = c.bind(ctx)
	}
	if err == nil {
		err = c.inbox.bind(ctx)
	}
	return err
}

// Missing names the streams of the control plane that NATS does not have, such as those that somebody has deleted.
func (c *Control) Missing(ctx context.Context) (names []string, err error) {
	for _, s := range []*stream{&c.stream, &c.inbox} {
		_, err := s.lookUp(ctx)
		if errors.Is(err, s.gone) {
			names = append(names, s.name)
		} else if err != nil {
			return nil, fmt.Errorf("look for stream %s: %w", s.name, err)
		}
	}
	return names, nil
}

// create makes the bucket and the inbox unless they are there. Two processes may do so at once.
func (c *Control) create(ctx context.Context) error {
	replicas := max(c.made.Replicas, 1)
	err := c.ensure(ctx, replicas, c.made.Logger, func(ctx context.Context) error {
		_, err := c.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: c.bucket, History: 1, Storage: jetstream.FileStorage, Replicas: replicas, LimitMarkerTTL: markerTTL,
		})
		return err
	})
	if err != nil {
		return err
	}
	return c.inbox.ensure(ctx, replicas, c.made.Logger, func(ctx context.Context) error {
		_, err := c.js.CreateStream(ctx, c.inboxConfig(replicas))
		return withRoom(err, inboxMaxBytes)
	})
}

// ensure makes a stream by create unless it is there. One that has another number of replicas is left as it is: moving a
// living stream is the operator's decision.
func (s *stream) ensure(ctx context.Context, replicas int, log zerolog.Logger, create func(context.Context) error) error {
	return s.retry(ctx, func(ctx context.Context) error {
		handle, err := s.js.Stream(ctx, s.name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			err = create(ctx)
			if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) || errors.Is(err, jetstream.ErrBucketExists) {
				return nil // somebody else, at the same time
			}
			return err
		}
		if err == nil && handle.CachedInfo().Config.Replicas != replicas {
			log.Warn().Str("stream", s.name).Int("replicas", handle.CachedInfo().Config.Replicas).Int("configured", replicas).
				Msg("nats: the stream keeps its number of replicas; nats stream edit changes it")
		}
		return err
	})
}

func (c *Control) prefix() string { return "$KV." + c.bucket + "." }

// validKey says what keys are: words of letters, digits, -, _, = and /, joined by dots.
var validKey = regexp.MustCompile(`^[A-Za-z0-9_=/-]+(\.[A-Za-z0-9_=/-]+)*$`)

// subject of a key.
func (c *Control) subject(key string) (string, error) {
	if !validKey.MatchString(key) {
		return "", fmt.Errorf("key %q: only letters, digits, -, _, =, / and single dots between", key)
	}
	return c.prefix() + key, nil
}

// Get returns what a key holds and its revision; nil and 0 if it holds nothing.
func (c *Control) Get(ctx context.Context, key string) (data []byte, rev uint64, err error) {
	msg, err := c.get(ctx, key)
	if err != nil {
		return nil, 0, fmt.Errorf("get %s: %w", key, err)
	}
	if msg == nil || isDeleted(msg.Header) {
		return nil, 0, nil
	}
	return notNil(msg.Data), msg.Sequence, nil
}

// get returns the last message of a key, be it a deletion; nil if there is none.
func (c *Control) get(ctx context.Context, key string) (*nats.RawStreamMsg, error) {
	subject, err := c.subject(key)
	if err != nil {
		return nil, err
	}
	return c.last(ctx, subject)
}

// isDeleted says whether a message is a deletion by a client, or the server's word that a key has expired.
func isDeleted(h nats.Header) bool {
	return h.Get(operationHeader) != "" || h.Get(jetstream.MarkerReasonHeader) != ""
}

func notNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// Set replaces what a key holds if its revision is still rev, where 0 stands for a key that holds nothing. It returns the
// new revision, or pipeline.ErrFenced. A write whose answer was lost is found again: it counts once.
func (c *Control) Set(ctx context.Context, key string, data []byte, rev uint64) (newRev uint64, err error) {
	newRev, err = c.set(ctx, key, &nats.Msg{Data: data}, rev)
	if err != nil {
		return 0, fmt.Errorf("set %s: %w", key, err)
	}
	return newRev, nil
}

func (c *Control) set(ctx context.Context, key string, msg *nats.Msg, rev uint64) (newRev uint64, err error) {
	if msg.Subject, err = c.subject(key); err != nil {
		return 0, err
	}
	newRev, err = c.compareAndSetMsg(ctx, msg, rev)
	if errors.Is(err, errMismatch) && rev == 0 {
		stands, err := c.last(ctx, msg.Subject)
		if err != nil {
			return 0, err
		}
		if stands != nil && isDeleted(stands.Header) {
			newRev, err = c.compareAndSetMsg(ctx, msg, stands.Sequence)
			return newRev, fenced(err)
		}
	}
	return newRev, fenced(err)
}

func fenced(err error) error {
	if errors.Is(err, errMismatch) {
		return pipeline.ErrFenced
	}
	return err
}

// Put replaces what a key holds, whatever that is. With a ttl (whole seconds, at least one) the key expires if it is not
// put again; 0 is for ever.
func (c *Control) Put(ctx context.Context, key string, data []byte, ttl time.Duration) (err error) {
	defer pipeline.Wrap(&err, "put %s", key)
	subject, err := c.subject(key)
	if err != nil {
		return err
	}
	msg := &nats.Msg{Subject: subject, Data: data}
	if ttl > 0 {
		seconds := max((ttl+time.Second-1)/time.Second, 1)
		msg.Header = nats.Header{jetstream.MsgTTLHeader: {strconv.FormatInt(int64(seconds), 10) + "s"}}
	}
	return c.publishAll(ctx, []*nats.Msg{msg})
}

// Delete removes a key if its revision is still rev, else pipeline.ErrFenced; rev 0 removes it whatever it holds. That
// there is none is no error.
func (c *Control) Delete(ctx context.Context, key string, rev uint64) (err error) {
	defer pipeline.Wrap(&err, "delete %s", key)
	for {
		last := rev
		if rev == 0 {
			stands, err := c.get(ctx, key)
			if err != nil || stands == nil || isDeleted(stands.Header) {
				return err
			}
			last = stands.Sequence
		}
		_, err := c.set(ctx, key, &nats.Msg{Header: nats.Header{
			operationHeader:        {purgeOperation},
			jetstream.MsgTTLHeader: {strconv.Itoa(int(markerTTL/time.Second)) + "s"},
		}}, last)
		if rev != 0 || !errors.Is(err, pipeline.ErrFenced) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// filter is the subject of all keys that begin with the words of prefix ("workers", "workers."); empty for all.
func (c *Control) filter(prefix string) (string, error) {
	prefix = strings.TrimSuffix(prefix, ".")
	if prefix == "" {
		return c.prefix() + ">", nil
	}
	subject, err := c.subject(prefix)
	return subject + ".>", err
}

// List returns every key whose first words are prefix, without prefix itself, by name: all that was set before the call.
func (c *Control) List(ctx context.Context, prefix string) (_ []ControlEntry, err error) {
	defer pipeline.Wrap(&err, "list %s", prefix)
	filter, err := c.filter(prefix)
	if err != nil {
		return nil, err
	}
	byKey := map[string]ControlEntry{}
	err = c.scan(ctx, filter, func(m jetstream.Msg, seq uint64) error {
		e := c.entry(m, seq)
		if e.Data == nil {
			delete(byKey, e.Key)
		} else {
			byKey[e.Key] = e
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(byKey), func(a, b ControlEntry) int { return strings.Compare(a.Key, b.Key) }), nil
}

func (c *Control) entry(m jetstream.Msg, seq uint64) ControlEntry {
	e := ControlEntry{Key: strings.TrimPrefix(m.Subject(), c.prefix()), Rev: seq}
	if meta, err := m.Metadata(); err == nil {
		e.Time = meta.Timestamp
	}
	if !isDeleted(m.Headers()) {
		e.Data = notNil(m.Data())
	}
	return e
}

// Watch calls f with every key whose first words are prefix, those that exist first, then each change, in order, until
// ctx ends, f returns an error, or the connection is closed. Changes of one key that come close together may be one. After
// an outage a key may come again as it was. f runs in the caller's goroutine.
func (c *Control) Watch(ctx context.Context, prefix string, f func(e ControlEntry) error) error {
	filter, err := c.filter(prefix)
	if err == nil {
		err = c.follow(ctx, filter, func(m jetstream.Msg, seq uint64) error { return f(c.entry(m, seq)) })
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("watch %s: %w", prefix, err)
}
