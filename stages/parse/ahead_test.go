package parse

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// bucket counts what is opened of other sources, and is slow: the first files come when enough of them are on the way.
type bucket struct {
	pipeline.Sources
	enough int
	all    chan struct{} // closed when enough were

	mu                      sync.Mutex
	opening, opened, closed int // guarded by mu
	most                    int // guarded by mu; open or on the way at once
}

func newBucket(s pipeline.Sources, enough int) *bucket {
	return &bucket{Sources: s, enough: enough, all: make(chan struct{})}
}

func (b *bucket) Open(ctx context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	b.mu.Lock()
	b.opening++
	b.most = max(b.most, b.opening+b.opened-b.closed)
	if file.ETag != "" && b.opening == b.enough {
		close(b.all)
	}
	b.mu.Unlock()
	if file.ETag != "" {
		select {
		case <-b.all:
		case <-time.After(time.Minute):
			return nil, errors.New("files are not opened side by side")
		}
	}
	o, err := b.Sources.Open(ctx, file)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opening--
	if err != nil {
		return nil, err
	}
	b.opened++
	return &counted{o, b}, nil
}

type counted struct {
	pipeline.Object
	of *bucket
}

func (c *counted) Close() error {
	c.of.mu.Lock()
	c.of.closed++
	c.of.mu.Unlock()
	return c.Object.Close()
}

// TestAhead: small files of a bucket are opened side by side, and read as those of a disk are.
func TestAhead(t *testing.T) {
	read := func(etag string) ([]record, []columnar.Reject, *bucket) {
		in := newInput()
		for i := range 60 {
			f := ingest.File{Path: strconv.Itoa(i), Format: Text, Document: RuleFile}
			if i%20 < 17 { // there are others among them
				f.ETag = etag
			}
			in.add(f, newObject([]byte(strconv.Itoa(i)+"\n")))
		}
		for _, gone := range []string{"0", "5", "18", "59"} {
			delete(in.from.Sources.(memorySources), gone)
		}
		b := newBucket(in.from.Sources, aheadFiles)
		in.from.Sources = b
		records, rejects, _, stored := in.raw(t)
		if want := in.from.Plan.Splits[0].Bytes(); stored != want {
			t.Errorf("consumed %d of %d bytes", stored, want)
		}
		return records, rejects, b
	}
	records, rejects, disk := read("")
	if len(records) != 56 || len(rejects) != 4 || disk.most != 1 {
		t.Fatalf("%d records, %d rejects, %d open at once", len(records), len(rejects), disk.most)
	}
	got, lost, b := read("etag")
	if diff := cmp.Diff(records, got); diff != "" {
		t.Errorf("records (-disk +bucket):\n%s", diff)
	}
	if diff := cmp.Diff(rejects, lost); diff != "" {
		t.Errorf("rejects (-disk +bucket):\n%s", diff)
	}
	if b.opened != b.closed || b.opened != 56 || b.most != aheadFiles {
		t.Errorf("%d opened, %d closed, %d at once", b.opened, b.closed, b.most)
	}
}

// TestAheadClosed: what was opened and not asked for is closed with the reader.
func TestAheadClosed(t *testing.T) {
	in := newInput()
	for i := range 20 {
		text := strings.Repeat("字", batchBytes) // fills a batch
		in.add(ingest.File{Path: strconv.Itoa(i), Format: Text, Document: RuleFile, Found: ingest.Found{ETag: "etag"}}, newObject([]byte(text)))
	}
	b := newBucket(in.from.Sources, aheadFiles)
	in.from.Sources = b
	r, err := (Formats{cfg: in.cfg}).Open(t.Context(), in.from, 0)
	if err != nil {
		t.Fatal(err)
	}
	var batch columnar.Batch
	if err := r.Read(t.Context(), &batch); err != nil || batch.Len() != 1 {
		t.Fatalf("%d rows, %v", batch.Len(), err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if b.opening != 0 || b.opened != b.closed || b.opened != aheadFiles {
		t.Errorf("%d opened, %d closed, %d on the way", b.opened, b.closed, b.opening)
	}
}
