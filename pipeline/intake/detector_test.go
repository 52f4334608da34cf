package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// byContent takes a file for what stands in it.
type byContent struct{ Formats }

func (byContent) Detect(source, name string, head []byte) ingest.Detection {
	return ingest.Detection{Format: source + " " + name, Encoding: string(head), Cut: len(head)%2 == 0, Why: "because of " + string(head)}
}

func folder(t *testing.T, files int) Listing {
	t.Helper()
	dir := t.TempDir()
	l := Listing{sources: []pipeline.Source{{Name: "news", Root: dir}}}
	for i := range files {
		name := fmt.Sprintf("%04d", i)
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, fmt.Append(nil, i), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		l.files = append(l.files, ingest.File{Path: name, Bytes: info.Size(), Found: ingest.Found{ModTime: info.ModTime().UnixNano()}})
	}
	return l
}

// TestDetectMany: each file gets what was found in it, and one that is gone its reason.
func TestDetectMany(t *testing.T) {
	defer goleak.VerifyNone(t)
	const files, gone = 500, 123
	l := folder(t, files)
	name := l.sources[0].Name
	if err := os.Remove(filepath.Join(l.sources[0].Root, l.files[gone].Path)); err != nil {
		t.Fatal(err)
	}
	if err := l.detect(t.Context(), byContent{}); err != nil {
		t.Fatal(err)
	}
	for i, f := range l.files {
		content := strconv.Itoa(i)
		got := []any{f.Format, f.Encoding, f.Reject, l.why[i], l.cut[i]}
		want := []any{fmt.Sprintf("%s %04d", name, i), content, "", "because of " + content, len(content)%2 == 0}
		if i == gone {
			want = []any{"", "", pipeline.ReasonMissing, "", false}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("file %d: %s", i, diff)
		}
	}
}

// TestDetectStops: what is wrong with more than a file ends it.
func TestDetectStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := folder(t, 100)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.detect(ctx, byContent{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := os.RemoveAll(l.sources[0].Root); err != nil {
		t.Fatal(err)
	}
	if err := l.detect(t.Context(), byContent{}); !errors.Is(err, pipeline.ErrUnreachable) {
		t.Errorf("%v", err)
	}
}
