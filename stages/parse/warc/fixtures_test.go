package warc

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"

	"github.com/google/go-cmp/cmp"
)

// fixtures reads the archives of the shared data, without their gzip.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	pipelinetest.EachShared(t, "formats.tar.zst", func(path string, data []byte) {
		folder, name := filepath.Split(path)
		if filepath.Base(folder) != "warc" {
			return
		}
		if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
			g, err := gzip.NewReader(bytes.NewReader(data))
			if err == nil {
				data, err = io.ReadAll(g)
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		out[name] = data
	})
	return out
}

// TestFixtures: the records of each archive, the documents and what is damaged in it.
func TestFixtures(t *testing.T) {
	const example = "http://example.com/ text/html 1270"
	want := map[string]struct {
		passed    string
		documents int
		lines     []string // the documents, where they are few, and the damage
	}{
		"example.warc":                    {"request/record_type=2 revisit/record_type=1 warcinfo/record_type=2", 1, []string{example}},
		"example.warc.gz":                 {"request/record_type=2 revisit/record_type=1 warcinfo/record_type=2", 1, []string{example}},
		"example-bad-non-chunked.warc.gz": {"request/record_type=2 revisit/record_type=1 warcinfo/record_type=2", 1, []string{example}},
		"example-bad.warc.gz.bad": {
			"request/record_type=2 response/http_status=1 revisit/record_type=1 warcinfo/record_type=1", 1,
			[]string{"http://example.com?example=1 text/html 1270"},
		},
		"example-digest.warc":           {"request/record_type=4", 0, nil},
		"example-iana.org-chunked.warc": {"request/record_type=1 warcinfo/record_type=1", 1, []string{"http://www.iana.org/ text/html 7223"}},
		"example-resource.warc.gz":      {"warcinfo/record_type=2", 1, []string{"http://example.com/ text/html 1303"}},
		"example-space-in-target-uri.warc.gz": {
			"resource/media_type=1 warcinfo/record_type=1", 0, nil,
		},
		"example-space-in-url.arc": {"filedesc/record_type=1", 1, []string{
			"http://example.com/index.cfm?FuseAction=Email&EmailTitle=Examples From The Live Web&IsPopUp=False text/html 1270 short_record",
		}},
		"example-trunc.warc": {"request/record_type=1 warcinfo/record_type=2", 1, []string{
			example + " short_body bad_encoding", "damage at 2560, 6 bytes lost",
		}},
		"example-wget-bad-target-uri.warc.gz": {
			"metadata/record_type=1 request/record_type=1 resource/crawl_log=2 warcinfo/record_type=1", 1, []string{example},
		},
		"example-wrong-chunks.warc.gz": {"request/record_type=1", 1, []string{example + " short_body"}},
		"example.arc":                  {"filedesc/record_type=1", 1, []string{example}},
		"example.arc.gz":               {"filedesc/record_type=1", 1, []string{example}},
		"bad.arc": {"", 1, []string{
			"damage at 0, 134 bytes lost", "damage at 134, 68 bytes lost", "http://example.com/ text/plain 1", "damage at 262, 69 bytes lost",
		}},
		"post-test.warc.gz":   {"request/record_type=3 response/media_type=3", 0, nil},
		"sample-0000.warc.gz": {"metadata/record_type=1 request/record_type=22 resource/crawl_log=2 warcinfo/record_type=1", 22, nil},
		"sample-0001.warc.gz": {"metadata/record_type=1 request/record_type=15 resource/crawl_log=2 warcinfo/record_type=1", 15, nil},
	}
	all := fixtures(t)
	for name := range all {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not in the table", name)
		}
	}
	for name, w := range want {
		t.Run(name, func(t *testing.T) {
			data, ok := all[name]
			if !ok {
				t.Fatal("missing")
			}
			passed, documents, lines := summary(t, data)
			if passed != w.passed || documents != w.documents {
				t.Errorf("got %d documents and passed over %q, want %d and %q", documents, passed, w.documents, w.passed)
			}
			if diff := cmp.Diff(w.lines, lines); diff != "" && documents < 5 {
				t.Error(diff)
			}
		})
	}
}

// summary reads an archive: what was passed over, how many documents there are, and a line for each and for each damage.
func summary(t testing.TB, data []byte) (passed string, documents int, lines []string) {
	t.Helper()
	counts := map[string]int{}
	r, d := NewReader(bytes.NewReader(data), Limits{}), NewDecoder(0)
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if damage, ok := errors.AsType[*DamageError](err); ok {
			lines = append(lines, fmt.Sprintf("damage at %d, %d bytes lost", damage.Offset, damage.Lost))
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if rec.Passed != "" {
			counts[rec.Type+"/"+rec.Passed]++
			continue
		}
		raw, err := r.Raw(nil)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := d.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		documents++
		words := append([]string{doc.URI, doc.Media, strconv.Itoa(len(doc.Body))}, doc.Notes...)
		lines = append(lines, strings.Join(words, " "))
	}
	var list []string
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%s=%d", k, counts[k]))
	}
	return strings.Join(list, " "), documents, lines
}
