package s3

import (
	"io"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestBounds: what objects read ahead comes back when they are closed, and an upload that is given up leaves no parts.
func TestBounds(t *testing.T) {
	bucket := pipelinetest.StartS3(t).Bucket(t, "corpus")
	at, err := ParseURL(bucket)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), at, Options{PartBytes: leastPart})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := pipeline.WriteAll(t.Context(), s, "f", make([]byte, 12<<20)); err != nil {
		t.Fatal(err)
	}
	var open []pipeline.Object
	for range 20 { // would read ahead 80 MiB
		o, err := s.Open(t.Context(), "f")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.NewSectionReader(o, 0, 11<<20), make([]byte, 1<<15)); err != nil || n != 11<<20 {
			t.Fatal(n, err)
		}
		open = append(open, o)
	}
	if s.c.ahead.TryAcquire(aheadBytes / 2) {
		t.Error("nothing was read ahead")
	}
	for _, o := range open {
		for range 2 {
			if err := o.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := o.ReadAt(make([]byte, 1), 0); err == nil {
			t.Error("read after close")
		}
	}
	if !s.c.ahead.TryAcquire(aheadBytes) {
		t.Error("closed objects hold memory")
	}

	w, err := s.Create(t.Context(), "g")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 11<<20)); err != nil {
		t.Fatal(err)
	}
	if n := s.uploads(t); n != 1 {
		t.Errorf("%d uploads under way, want 1", n)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if n := s.uploads(t); n != 0 {
		t.Errorf("%d uploads left", n)
	}
}

func (s *Store) uploads(t *testing.T) (n int) {
	t.Helper()
	r, err := minio.Core{Client: s.c.core.Client}.ListMultipartUploads(t.Context(), s.c.bucket, "", "", "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(r.Uploads)
}
