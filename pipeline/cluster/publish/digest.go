package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"millrace/pipeline"
	"millrace/pipeline/intake"
	"millrace/pipeline/store"
)

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
