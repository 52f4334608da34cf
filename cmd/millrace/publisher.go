package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"millrace/cmd/millrace/config"
	"millrace/pipeline"
	"millrace/pipeline/cluster"
	"millrace/pipeline/intake"
	"millrace/pipeline/queue"
	"millrace/pipeline/store"
)

type publishOptions struct {
	upload, digest bool
	source         string
}

// publisher finds files below the sources and publishes references of them.
type publisher struct {
	options publishOptions
	roots   []intake.Root
	out     string // the corpus, which is no input
	access  store.Access
	publish func(ctx context.Context, files ...queue.FileRef) error

	opened   map[string]*store.Sources // by source, for digests
	buf      []byte                    // for them
	pending  []queue.FileRef
	uploaded int64

	published, bytes int64
	bySource         map[string]int64
	refused          []refusal
}

func newPublisher(c config.Config, o publishOptions, client *cluster.Client) (*publisher, error) {
	roots, err := absoluteRoots(c)
	if err != nil {
		return nil, err
	}
	for i, r := range roots { // without links, as paths below are looked up
		if target, err := filepath.EvalSymlinks(r.Root); err == nil && !store.IsRemote(r.Root) {
			roots[i].Root = target
		}
	}
	if len(roots) == 0 {
		return nil, usageError("give one of the config's sources a path", "no source is known")
	}
	return &publisher{
		options: o, roots: roots, out: c.Out, access: access(c), publish: client.Publish,
		opened: map[string]*store.Sources{}, bySource: map[string]int64{}, refused: []refusal{},
	}, nil
}

func (p *publisher) run(ctx context.Context, paths []string) error {
	each := p.addPath
	if p.options.upload {
		u, err := p.newUploader(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = u.to.Close() }() // every file is committed
		each = u.addPath
	}
	for _, at := range paths {
		if err := each(ctx, at); err != nil {
			return err
		}
	}
	return p.flush(ctx)
}

func (p *publisher) close() error {
	var errs []error
	for _, s := range p.opened {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// addPath publishes the file, or the files below the folder, that a path or URL names.
func (p *publisher) addPath(ctx context.Context, at string) error {
	abs, err := store.Absolute(at)
	if err != nil {
		return err
	}
	found, err := store.Locate(ctx, abs, p.access)
	if err != nil {
		return err
	}
	root, name, ok := p.below(abs, found.Folder)
	if !ok {
		if _, _, would := p.lexically(abs); would {
			p.refuse(at, pipeline.ReasonOutside)
			return nil
		}
		return usageError("sources are "+p.names()+"; another needs an entry under sources, with its path, or --upload",
			"%s lies below no source", at)
	}
	if !found.Folder {
		return p.addNamed(ctx, root, name)
	}
	from := root.Root
	if name != "" {
		from = store.Join(root.Root, name)
	}
	return store.Scan(ctx, from, p.access, func(f store.Found) error {
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

func (p *publisher) addNamed(ctx context.Context, root intake.Root, name string) error {
	found, err := store.StatBelow(ctx, root.Root, name, p.access)
	if err != nil {
		return err
	}
	return p.addFound(ctx, root, found)
}

func (p *publisher) addFound(ctx context.Context, root intake.Root, f store.Found) error {
	ref := queue.FileRef{Source: root.Name, Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime}
	if f.Reason == "" && p.options.digest {
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
	if p.pending = append(p.pending, ref); len(p.pending) < publishWindow {
		return nil
	}
	return p.flush(ctx)
}

func (p *publisher) refuse(at, reason string) { p.refused = append(p.refused, refusal{at, reason}) }

// below finds the source that a path lies in, once all links on the way to it are followed, and its name there. The link that
// a file itself may be stays: it is the file's name.
func (p *publisher) below(abs string, folder bool) (root intake.Root, name string, ok bool) {
	if !store.IsRemote(abs) {
		dir, base := filepath.Dir(abs), filepath.Base(abs)
		if folder {
			dir, base = abs, ""
		}
		target, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return root, "", false
		}
		abs = filepath.Join(target, base)
	}
	return p.lexically(abs)
}

// lexically is below by the letters of the path. The innermost source wins.
func (p *publisher) lexically(abs string) (root intake.Root, name string, ok bool) {
	list := slices.Clone(p.roots)
	slices.SortStableFunc(list, func(a, b intake.Root) int { return cmp.Compare(len(b.Root), len(a.Root)) })
	for _, r := range list {
		if name, ok := nameBelow(r.Root, abs); ok {
			return r, name, true
		}
	}
	return root, "", false
}

// nameBelow is the name of a path or URL below a root, "" for the root itself.
func nameBelow(root, at string) (name string, ok bool) {
	if at == root {
		return "", true
	}
	name, ok = strings.CutPrefix(at, strings.TrimSuffix(root, "/")+"/")
	return name, ok
}

func (p *publisher) inCorpus(at string) bool {
	_, below := nameBelow(p.out, at)
	return below
}

func (p *publisher) names() string {
	names := make([]string, len(p.roots))
	for i, r := range p.roots {
		names[i] = r.Name + " (" + r.Root + ")"
	}
	return strings.Join(names, ", ")
}

// publishBuffer is what is read of a file at once.
const publishBuffer = 1 << 20

// sum reads a file and returns its SHA-256. What is wrong with the file is a *pipeline.RejectError.
func (p *publisher) sum(ctx context.Context, root intake.Root, f store.Found) (digest string, err error) {
	s := p.opened[root.Name]
	if s == nil {
		if s, err = store.OpenSources([]pipeline.Source{{Name: root.Name, Root: root.Root}}, p.access); err != nil {
			return "", err
		}
		p.opened[root.Name] = s
	}
	if p.buf == nil {
		p.buf = make([]byte, publishBuffer)
	}
	h := sha256.New()
	err = s.Feed(ctx, h, &pipeline.File{Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime, ETag: f.ETag}, p.buf)
	return hex.EncodeToString(h.Sum(nil)), err
}
