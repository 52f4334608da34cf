package intake

import (
	"context"
	"errors"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// gzipExpected is formats that expect something of compressed files, and of others what is stored.
type gzipExpected struct {
	Formats
	bytes, least int64
}

func (e gzipExpected) Expected(_ context.Context, in ingest.Input, file int) (bytes, least int64, err error) {
	f := &in.Plan.Files[file]
	if f.Compression != "" {
		return e.bytes, e.least, nil
	}
	return f.Bytes, f.Bytes, nil
}

// A plan stops for what files hold at least, and asks for the disk that they are expected to take.
func TestExpectedSizes(t *testing.T) {
	plan := &ingest.Plan{Files: []ingest.File{
		{Path: "a.gz", Bytes: 10, Document: "file", Compression: "gzip"},
		{Path: "b.txt", Bytes: 40, Document: "file"},
		{Path: "c.jsonl", Bytes: 50, Document: "line"},
		{Path: "d.pdf", Bytes: 1000, Document: "file", Reject: ingest.ReasonBinary},
	}}
	for _, c := range []struct {
		bytes, least int64 // of a.gz
		spill        int64
		stops        bool
	}{
		{40, 10, 195, false},
		{200, 10, 435, false}, // only a guess
		{200, 180, 435, true},
		{200, 90, 435, false}, // just half
	} {
		sizes, err := expectedSizes(t.Context(), plan, &Options{Formats: gzipExpected{bytes: c.bytes, least: c.least}})
		if err != nil {
			t.Fatal(err)
		}
		if got := spillEstimate(sizes); got != c.spill {
			t.Errorf("%+v: spills of %d bytes", c, got)
		}
		if err := tooLargeDocuments(plan, sizes, 60); errors.Is(err, pipeline.ErrUsage) != c.stops {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
