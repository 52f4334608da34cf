package intake

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// detect fills in what each file is, several files at once. What it finds depends on no order, and an error is that of the
// first file in plan order that has one.
func (l *Listing) detect(ctx context.Context, formats Formats) ([]bool, error) {
	sources, err := store.OpenSources(l.sources, l.access)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sources.Close() }() // read only
	cut := make([]bool, len(l.files))
	l.why = make([]string, len(l.files))
	err = inParallel(len(l.files), func() func(i int) error {
		d := detector{sources: sources, formats: formats, head: make([]byte, headBytes)}
		return func(i int) (err error) {
			cut[i], l.why[i], err = d.detect(ctx, l.sources, &l.files[i])
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	return cut, nil
}

// inParallel calls look for the numbers up to n, several at once, and returns the error of the least one that has one, whatever
// the order was. Each goroutine has a look of its own.
func inParallel(n int, looks func() (look func(i int) error)) error {
	var (
		next   atomic.Int64 // the first that nobody has taken
		mu     sync.Mutex
		failed = n   // guarded by mu: the first with an error
		first  error // guarded by mu: that error
		wg     sync.WaitGroup
	)
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			look := looks()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				err := look(i)
				if err == nil {
					continue
				}
				// They are taken in order, so whatever comes before this one is in somebody's hands and is finished.
				next.Store(int64(n))
				mu.Lock()
				if i < failed {
					failed, first = i, err
				}
				mu.Unlock()
				return
			}
		})
	}
	wg.Wait()
	return first
}

// detector looks at one file after the other with the same memory.
type detector struct {
	sources pipeline.Sources
	formats Formats
	head    []byte
	more    []byte // made when a file asks for it
}

// detect fills in what a file is, or why it is not read.
func (d *detector) detect(ctx context.Context, sources []pipeline.Source, f *pipeline.File) (cut bool, why string, err error) {
	if f.Reject != "" {
		return false, "", nil
	}
	name := sources[f.Source].Name
	got, err := look(ctx, d.sources, name, f, d.head, d.formats.Detect)
	if err == nil && got.More && f.Bytes > headBytes {
		if d.more == nil {
			d.more = make([]byte, maxHeadBytes)
		}
		got, err = look(ctx, d.sources, name, f, d.more, d.formats.Detect)
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
func look(
	ctx context.Context, sources pipeline.Sources, source string, f *pipeline.File, head []byte, d func(string, string, []byte) pipeline.Detection,
) (pipeline.Detection, error) {
	n, err := readHead(ctx, sources, f, head)
	if err != nil {
		return pipeline.Detection{}, err
	}
	return d(source, f.Path, head[:n]), nil
}

func readHead(ctx context.Context, sources pipeline.Sources, f *pipeline.File, p []byte) (n int, err error) {
	o, err := sources.Open(ctx, f)
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
