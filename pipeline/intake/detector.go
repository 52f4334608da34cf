package intake

import (
	"context"
	"errors"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// headBytes is how much of a file its format is told by.
const (
	headBytes    = 64 << 10
	maxHeadBytes = 1 << 20 // where less holds nothing that could be told
)

// detect fills in what each file is, several files at once. What it finds depends on no order, and an error is that of the
// first file in plan order that has one.
func (l *Listing) detect(ctx context.Context, formats Formats) error {
	sources, err := store.OpenSources(l.sources, l.access)
	if err != nil {
		return err
	}
	defer func() { _ = sources.Close() }() // read only
	l.cut, l.why = make([]bool, len(l.files)), make([]string, len(l.files))
	l.counts.Begin(pipeline.PlanningStep{Name: stepDetect, Total: int64(len(l.files))})
	return forEach(len(l.files), func() func(i int) error {
		d := detector{sources: sources, formats: formats, head: make([]byte, headBytes)}
		return func(i int) (err error) {
			defer l.counts.Done()
			l.cut[i], l.why[i], err = d.detect(ctx, l.name(i).source, &l.files[i])
			return err
		}
	})
}

// detector looks at one file after the other with the same memory.
type detector struct {
	sources pipeline.Sources
	formats Formats
	head    []byte
	more    []byte // made when a file asks for it
}

// detect fills in what a file is, or why it is not read.
func (d *detector) detect(ctx context.Context, source string, f *ingest.File) (cut bool, why string, err error) {
	if f.Reject != "" {
		return false, "", nil
	}
	got, err := d.look(ctx, source, f, d.head)
	if err == nil && got.More && f.Bytes > headBytes {
		if d.more == nil {
			d.more = make([]byte, maxHeadBytes)
		}
		got, err = d.look(ctx, source, f, d.more)
	}
	if reject, ok := errors.AsType[*pipeline.RejectError](err); ok {
		f.Reject = reject.Reason
		return false, "", nil
	} else if err != nil {
		return false, "", err
	}
	f.Format, f.Document, f.Compression, f.Reject = got.Format, got.Document, got.Compression, got.Reject
	f.Encoding, f.Returns, f.Numbered = got.Encoding, got.Returns, got.Numbered
	if f.Reject != "" {
		f.RejectDetail = got.Why
	}
	return got.Cut, got.Why, nil
}

// look detects a file by as much of it as fits into head.
func (d *detector) look(ctx context.Context, source string, f *ingest.File, head []byte) (ingest.Detection, error) {
	n, err := readHead(ctx, d.sources, f, head)
	if err != nil {
		return ingest.Detection{}, err
	}
	return d.formats.Detect(source, f.Path, head[:n]), nil
}

// readHead reads the first bytes of a file.
func readHead(ctx context.Context, sources pipeline.Sources, f *ingest.File, p []byte) (n int, err error) {
	o, err := sources.Open(ctx, f.Planned())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	n, err = o.ReadAt(p[:min(int64(len(p)), o.Size())], 0)
	if errors.Is(err, pipeline.ErrUnreachable) {
		return 0, err // which says nothing of the file
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, &pipeline.RejectError{Reason: pipeline.ReasonUnreadable, Err: err}
	}
	return n, nil
}
