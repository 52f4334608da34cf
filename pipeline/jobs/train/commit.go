package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/dataset"
	"millrace/pipeline/engine"
	"millrace/pipeline/sorted"
	"millrace/pipeline/store"
)

// Commit implements engine.Kind: it makes DIR.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	there, err := k.look(ctx, s, job.Plan, true)
	if err != nil {
		return o, err
	}
	if there != nil {
		return *there, k.ended(ctx, s, job.Plan)
	}
	entries, err := job.Entries(ctx, stageTrain)
	if err != nil {
		return o, err
	}
	if len(entries) != 1 { // invariant 4
		return o, fmt.Errorf("there are %d ledger entries of %s", len(entries), stageTrain)
	}
	s.Options().Point("tokenizer:checked")
	l, err := localOf(job.Plan)
	if err != nil {
		return o, err
	}
	at, err := placeOf(s, l.Out)
	if err != nil {
		return o, err
	}
	c := &committing{site: s, job: job, outputs: entries[0].Outputs, lead: in.Lead}
	if store.IsRemote(at) {
		err = c.intoBucket(ctx, at)
	} else {
		err = c.intoFolder(ctx, at)
	}
	if err != nil {
		return o, err
	}
	s.Options().Point("tokenizer:made")
	if err := k.ended(ctx, s, job.Plan); err != nil {
		return o, err
	}
	there, err = k.look(ctx, s, job.Plan, true)
	if err == nil && there == nil {
		err = fmt.Errorf("%s is not there, though it was made", at)
	}
	if err != nil {
		return o, err
	}
	return *there, nil
}

// ended removes from a bucket what said that a tokenizer is made there.
func (k *Kind) ended(ctx context.Context, s *engine.Site, p *pipeline.Plan) (err error) {
	l, err := localOf(p)
	if err != nil {
		return err
	}
	at, err := placeOf(s, l.Out)
	if err != nil || !store.IsRemote(at) {
		return err
	}
	out, err := store.Open(ctx, at, store.Options{Access: s.Options().Access})
	if err != nil {
		return err
	}
	return errors.Join(out.Remove(ctx, begunName(p)), out.Close())
}

// committing makes DIR of the files that the last task left.
type committing struct {
	site    *engine.Site
	job     *pipeline.Job
	outputs []pipeline.Output
	lead    func(context.Context) error
}

// intoFolder makes a folder beside DIR, and gives it its name.
func (c *committing) intoFolder(ctx context.Context, at string) (err error) {
	base := filepath.Base(at)
	parent, err := store.Open(ctx, filepath.Dir(at), store.Options{Write: true, Sync: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parent.Close()) }()
	name := temporary(base, c.job.Plan)
	if err := parent.Remove(ctx, name); err != nil { // of one that was killed
		return err
	}
	manifest, err := c.write(ctx, parent.Sub(name))
	if err != nil {
		return err
	}
	if err := pipeline.WriteAll(ctx, parent.Sub(name), ManifestName, manifest); err != nil {
		return err
	}
	c.site.Options().Point("tokenizer:written")
	if err := c.leads(ctx); err != nil {
		return err
	}
	return parent.(pipeline.Mover).Move(ctx, name, base)
}

// intoBucket writes the files in their places, and behind them the manifest. Before them it says that it is about to, so that what it left is told
// from what others have there.
func (c *committing) intoBucket(ctx context.Context, at string) (err error) {
	out, err := store.Open(ctx, at, store.Options{Write: true, Sync: true, Access: c.site.Options().Access})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pipeline.WriteAll(ctx, out, begunName(c.job.Plan), nil); err != nil {
		return err
	}
	manifest, err := c.write(ctx, out)
	if err != nil {
		return err
	}
	c.site.Options().Point("tokenizer:written")
	if err := c.leads(ctx); err != nil {
		return err
	}
	if err := out.PutNew(ctx, ManifestName, manifest); err != nil && !errors.Is(err, pipeline.ErrExists) {
		return err
	}
	return nil // whose it is the look behind it says
}

func (c *committing) leads(ctx context.Context) error {
	if c.lead == nil {
		return nil
	}
	return c.lead(ctx)
}

// write copies the files, and returns the manifest.
func (c *committing) write(ctx context.Context, to pipeline.Store) ([]byte, error) {
	b, err := bodyOf(c.job.Plan)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Format: manifestFormat, Name: b.Settings.Name, Code: c.job.Plan.Code, Plan: c.job.Plan.Digest(), Settings: b.Settings, Corpus: b.Corpus}
	for _, o := range c.outputs {
		f, err := c.copy(ctx, o, to)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, f)
	}
	sortFiles(m.Files)
	m.Digest = dataset.Digest(m.Files)
	data, _, err := dataset.Encode(m)
	return data, err
}

// copy copies a work file, and holds it against its ledger entry.
func (c *committing) copy(ctx context.Context, o pipeline.Output, to pipeline.Store) (f dataset.File, err error) {
	data, err := pipeline.ReadAll(ctx, c.job.Work, o.Name)
	if err != nil {
		return f, err
	}
	h := xxh3.New128()
	_, _ = h.Write(data) // a hash never fails
	if hex.EncodeToString(h.Sum(nil)) != o.Digest {
		return f, sorted.Damaged(o.Name, "its digest is another")
	}
	sum := sha256.Sum256(data)
	f = dataset.File{Path: path.Base(o.Name), Bytes: o.Bytes, SHA256: hex.EncodeToString(sum[:])}
	w, err := to.Create(ctx, f.Path)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if n, err := w.Write(data); err != nil || n < len(data) {
		return f, errors.Join(err, io.ErrShortWrite)
	}
	return f, w.Commit()
}
