package parse

import (
	"fmt"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
)

// TestWARCShared reads the archives of the shared data, good and damaged, as a plan has them: how many documents they have,
// and the damage.
func TestWARCShared(t *testing.T) {
	want := map[string]struct {
		documents int
		rejects   []string
	}{
		"bad.arc":                             {1, []string{"corrupt at 0, 134 bytes", "corrupt at 134, 68 bytes", "corrupt at 262, 69 bytes"}},
		"example-bad-non-chunked.warc.gz":     {1, nil},
		"example-bad.warc.gz.bad":             {1, nil},
		"example-digest.warc":                 {0, nil},
		"example-iana.org-chunked.warc":       {1, nil},
		"example-resource.warc.gz":            {1, nil},
		"example-space-in-target-uri.warc.gz": {0, nil},
		"example-space-in-url.arc":            {1, nil},
		"example-trunc.warc":                  {1, []string{"corrupt at 2560, 6 bytes"}},
		"example-wget-bad-target-uri.warc.gz": {1, nil},
		"example-wrong-chunks.warc.gz":        {1, nil},
		"example.arc":                         {1, nil},
		"example.arc.gz":                      {1, nil},
		"example.warc":                        {1, nil},
		"example.warc.gz":                     {1, nil},
		"post-test.warc.gz":                   {0, nil},
		"sample-0000.warc.gz":                 {22, nil},
		"sample-0001.warc.gz":                 {15, nil},
	}
	for file := range sharedFormats(t) {
		folder, name := path.Split(file)
		if _, ok := want[name]; !ok && path.Base(folder) == "warc" {
			t.Errorf("%s is not in the table", name)
		}
	}
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			data := sharedFile(t, "warc/"+name)
			d := Detect(name, data[:min(len(data), HeadBytes)], Default())
			if d.Format != WARC || d.Reject != "" {
				t.Fatalf("%+v, %s", d, d.Reject)
			}
			in := newInput()
			in.add(ingest.File{
				Path: name, Format: d.Format, Document: d.Document, Compression: d.Compression, Encoding: d.Encoding, Numbered: d.Numbered,
			}, newObject(data))
			documents, _, rejects, _ := in.documents(t)
			var got []string
			for _, r := range rejects {
				got = append(got, fmt.Sprintf("%s at %d, %d bytes", r.Reason, r.Offset, r.Bytes))
			}
			if diff := cmp.Diff(want.rejects, got); diff != "" || len(documents) != want.documents {
				t.Errorf("%d documents, want %d, %s", len(documents), want.documents, diff)
			}
			for _, doc := range documents {
				if doc.Text == "" {
					t.Errorf("a document without text at %d", doc.Offset)
				}
			}
		})
	}
}
