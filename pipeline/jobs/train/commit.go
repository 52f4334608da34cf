package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/sorted"
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
	at, err := place(s, job.Plan)
	if err != nil {
		return o, err
	}
	if err := at.Clear(ctx, job.Plan); err != nil { // of one that was killed
		return o, err
	}
	manifest, err := write(ctx, at, job, entries[0].Outputs)
	if err != nil {
		return o, err
	}
	if err := at.Finish(ctx, job.Plan, manifest, func() { s.Options().Point("tokenizer:written") }, in.Lead); err != nil {
		return o, err
	}
	s.Options().Point("tokenizer:made")
	if err := at.Ended(ctx, job.Plan); err != nil {
		return o, err
	}
	there, err = k.look(ctx, s, job.Plan, true)
	if err == nil && there == nil {
		err = fmt.Errorf("%s is not there, though it was made", at.At)
	}
	if err != nil {
		return o, err
	}
	return *there, nil
}

// ended removes from a bucket what said that a tokenizer is made there.
func (k *Kind) ended(ctx context.Context, s *engine.Site, p *pipeline.Plan) error {
	at, err := place(s, p)
	if err != nil {
		return err
	}
	return at.Ended(ctx, p)
}

// write copies the files that the last task left to where the folder is made, and returns the manifest.
func write(ctx context.Context, at *folder.Place, job *pipeline.Job, outputs []pipeline.Output) (manifest []byte, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return nil, err
	}
	to, closing, err := at.Staging(ctx, job.Plan)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closing()) }()
	m := &Manifest{Format: manifestFormat, Name: b.Settings.Name, Code: job.Plan.Code, Plan: job.Plan.Digest(), Settings: b.Settings, Origin: b.Origin}
	for _, o := range outputs {
		f, err := copyFile(ctx, job, o, to)
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, f)
	}
	folder.Sort(m.Files)
	m.Digest = dataset.Digest(m.Files)
	data, _, err := dataset.Encode(m)
	return data, err
}

// copyFile copies a work file, and holds it against its ledger entry.
func copyFile(ctx context.Context, job *pipeline.Job, o pipeline.Output, to pipeline.Store) (f dataset.File, err error) {
	data, err := pipeline.ReadAll(ctx, job.Work, o.Name)
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
