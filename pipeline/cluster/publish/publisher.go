// Package publish finds files below the sources of a corpus and puts references of them on the queue of its next run, or copies
// them into a source before that. What leaves a source by a path or a link is refused, and what is no file.
package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

// Options are the choices for a Publisher.
type Options struct {
	Roots  []intake.Root // the sources whose place is known, which is absolute
	Out    string        // the corpus: what lies in it is no input
	Access store.Access
	Digest bool // reads every file, and publishes its SHA-256 too
	// Put puts references on the queue; a file that is there already is no error.
	Put func(ctx context.Context, files ...queue.FileRef) error
}

// Result says what a Publisher has done so far.
type Result struct {
	Published int64 // files
	Bytes     int64 // of these
	Uploaded  int64 // files; those that were there already are none
	BySource  map[string]int64
	Refused   []Refusal
}

// Publisher puts files on the queue. It is for one goroutine, and is to be closed.
type Publisher struct {
	options Options
	roots   []intake.Root             // without links, as paths below are looked up
	opened  map[string]*store.Sources // by source, for digests
	buf     []byte                    // for them
	pending []queue.FileRef
	result  Result
}

// window is how many references are published at once.
const window = 1000

// New makes a Publisher, for which at least one source has to have a place.
func New(o Options) (*Publisher, error) {
	if len(o.Roots) == 0 {
		return nil, pipeline.WithHint(fmt.Errorf("%w: no source is known", pipeline.ErrUsage), "name one by --source NAME=PATH, here and with millrace serve, or under sources in the config, with its path")
	}
	p := &Publisher{
		options: o, roots: slices.Clone(o.Roots), opened: map[string]*store.Sources{},
		result: Result{BySource: map[string]int64{}, Refused: []Refusal{}},
	}
	for i, r := range p.roots {
		if target, err := filepath.EvalSymlinks(r.Root); err == nil && !store.IsRemote(r.Root) {
			p.roots[i].Root = target
		}
	}
	return p, nil
}

// Publish puts the files on the queue that paths or URLs name, and those below the folders that they name. Each has to lie below a
// source. A file that is refused is no error: Result names it.
func (p *Publisher) Publish(ctx context.Context, paths ...string) error {
	return p.each(ctx, paths, p.addPath)
}

// Upload copies the files that paths or URLs name, and those below the folders that they name, into a source, under their paths
// below what was named, and publishes the copies. Each appears whole or not at all; one that the source has already, with the same
// bytes, stays. No two may have one path.
func (p *Publisher) Upload(ctx context.Context, source string, paths ...string) error {
	u, err := p.newUploader(ctx, source)
	if err != nil {
		return err
	}
	defer func() { _ = u.to.Close() }() // every file is committed
	return p.each(ctx, paths, u.addPath)
}

func (p *Publisher) each(ctx context.Context, paths []string, add func(ctx context.Context, at string) error) error {
	for _, at := range paths {
		if err := add(ctx, at); err != nil {
			return err
		}
	}
	return p.flush(ctx)
}

// Result says what was done so far.
func (p *Publisher) Result() Result { return p.result }

// Close closes the sources that were read for digests.
func (p *Publisher) Close() error {
	var errs []error
	for _, s := range p.opened {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// addPath publishes the file, or the files below the folder, that a path or URL names.
func (p *Publisher) addPath(ctx context.Context, at string) error {
	abs, err := store.Absolute(at)
	if err != nil {
		return err
	}
	found, err := store.Locate(ctx, abs, p.options.Access)
	if err != nil {
		return err
	}
	root, name, ok := p.below(abs, found.Folder)
	if !ok {
		if _, _, would := p.lexically(abs); would {
			p.refuse(at, pipeline.ReasonOutside)
			return nil
		}
		return pipeline.WithHint(fmt.Errorf("%w: %s lies below no source", pipeline.ErrUsage, at),
			"sources are "+p.names()+"; another is named by --source NAME=PATH, here and with millrace serve, or under sources in the config, with its path; --upload copies into one")
	}
	if !found.Folder {
		return p.addNamed(ctx, root, name)
	}
	from := root.Root
	if name != "" {
		from = store.Join(root.Root, name)
	}
	return store.Scan(ctx, from, p.options.Access, func(f store.Found) error {
		if p.inCorpus(store.Join(from, f.Path)) {
			return nil
		}
		full := path.Join(name, f.Path)
		if f.Reason == pipeline.ReasonOutside && name != "" { // outside of the folder, but perhaps not of the source
			return p.addNamed(ctx, root, full)
		}
		f.Path = full
		return p.addFound(ctx, root, f)
	})
}

func (p *Publisher) addNamed(ctx context.Context, root intake.Root, name string) error {
	found, err := store.StatBelow(ctx, root.Root, name, p.options.Access)
	if err != nil {
		return err
	}
	return p.addFound(ctx, root, found)
}

func (p *Publisher) addFound(ctx context.Context, root intake.Root, f store.Found) error {
	ref := queue.FileRef{Source: root.Name, Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime}
	if f.Reason == "" && p.options.Digest {
		var err error
		ref.Digest, err = p.sum(ctx, root, f)
		if reject, ok := errors.AsType[*pipeline.RejectError](err); ok {
			f.Reason = reject.Reason
		} else if err != nil {
			return err
		}
	}
	if f.Reason != "" {
		p.refuse(store.Join(root.Root, f.Path), f.Reason)
		return nil
	}
	if p.pending = append(p.pending, ref); len(p.pending) < window {
		return nil
	}
	return p.flush(ctx)
}

func (p *Publisher) refuse(at, reason string) {
	p.result.Refused = append(p.result.Refused, Refusal{at, reason})
}

func (p *Publisher) flush(ctx context.Context) error {
	if len(p.pending) == 0 {
		return nil
	}
	if err := p.options.Put(ctx, p.pending...); err != nil {
		return err
	}
	p.result.Published += int64(len(p.pending))
	for _, ref := range p.pending {
		p.result.Bytes += ref.Bytes
		p.result.BySource[ref.Source]++
	}
	p.pending = p.pending[:0]
	return nil
}

// digestBuffer is what is read of a file at once.
const digestBuffer = 1 << 20

// sum reads a file and returns its SHA-256. What is wrong with the file is a *pipeline.RejectError.
func (p *Publisher) sum(ctx context.Context, root intake.Root, f store.Found) (digest string, err error) {
	s := p.opened[root.Name]
	if s == nil {
		if s, err = store.OpenSources([]pipeline.Source{{Name: root.Name, Root: root.Root}}, p.options.Access); err != nil {
			return "", err
		}
		p.opened[root.Name] = s
	}
	if p.buf == nil {
		p.buf = make([]byte, digestBuffer)
	}
	h := sha256.New()
	err = s.Feed(ctx, h, pipeline.SourceFile{Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime, ETag: f.ETag}, p.buf)
	return hex.EncodeToString(h.Sum(nil)), err
}

// Refusal is a file that was not published.
type Refusal struct {
	Path   string `json:"path"`
	Reason string `json:"reason"` // see Says
}

// says is what the reasons mean.
var says = map[string]string{
	pipeline.ReasonOutside:    "it lies, or a link leads, outside of the source",
	pipeline.ReasonLink:       "a link to a folder is not followed",
	pipeline.ReasonSpecial:    "it is no regular file",
	pipeline.ReasonMissing:    "it is not there",
	pipeline.ReasonUnreadable: "it cannot be read, or its name is not UTF-8",
	pipeline.ReasonChanged:    "it changes while it is read",
}

// Says is the reason of a refusal in words.
func Says(reason string) string { return says[reason] }
