package parse

import (
	"archive/zip"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// storings are how files are stored: each by itself, compressed, or all as members of a container.
func storings() []storing {
	var all []storing
	for _, c := range compressors {
		all = append(all, storing{c.name, c.codec, func(t testing.TB, files []entry) []entry {
			out := make([]entry, 0, len(files))
			for _, f := range files {
				a, b := len(f.data)/3, len(f.data)/2 // inside of a character or not
				out = append(out, entry{name: f.name + c.suffix, data: string(c.of(t, f.data[:a], f.data[a:b], f.data[b:]))})
			}
			return out
		}})
	}
	for _, c := range []struct {
		name, codec, inner string
		method             uint16
	}{{"zip", "", "none", zip.Store}, {"zip", "", "none", zip.Deflate}, {"zip", "", "gzip members", zip.Store}, {"zip", "", "xz", zip.Deflate}} {
		all = append(all, storing{fmt.Sprintf("zip %d of %s", c.method, c.inner), inContainer, func(t testing.TB, files []entry) []entry {
			members := storingByName(all, c.inner).of(t, files)
			for i := range members {
				members[i].method = c.method
			}
			return []entry{{name: "a.zip", data: string(zipped(t, members...))}}
		}})
	}
	for _, inner := range []string{"none", "zstd", "bzip2"} {
		for _, outer := range []string{"none", "gzip members", "zstd", "lz4", "xz"} {
			all = append(all, storing{"tar of " + inner + " in " + outer, inContainer, func(t testing.TB, files []entry) []entry {
				members := storingByName(all, inner).of(t, files)
				return storingByName(all, outer).of(t, []entry{{name: "a.tar", data: string(tarred(t, members...))}})
			}})
		}
	}
	return all
}

// storing is one way to store files.
type storing struct {
	name, codec string // codec is what each file is found to be compressed with, or inContainer
	of          func(t testing.TB, files []entry) []entry
}

const inContainer = "container"

func storingByName(all []storing, name string) storing {
	for _, w := range all {
		if w.name == name {
			return w
		}
	}
	panic(name)
}

// TestWholeMatrix reads the same documents in every format, encoding, compression and container: always the same texts.
func TestWholeMatrix(t *testing.T) {
	pipelinetest.Long(t)
	every := 1
	if pipelinetest.Race {
		every = 61 // no divisor of how many of any there are
	}
	tried, read, failed := 0, 0, 0
	stored := storings()
	for _, set := range matrixTexts(t) {
		for _, format := range matrixFormats {
			if format.characters && set.script == latin {
				continue
			}
			for _, e := range set.encodings {
				if format.utf8 && e.name != "" {
					continue
				}
				files := format.files(set.documents, matrixEncoding{e.label, func(text string) string { return e.of(t, text) }}, t)
				wantTexts := set.documents
				if format.lines {
					wantTexts = strings.Split(strings.Join(set.documents, "\n"), "\n")
				}
				var wantMeta []string
				for i, w := range stored {
					if format.stored && i > 0 {
						break
					}
					if set.script == latin && i%7 > 0 { // the encoding does not mind how it is stored
						continue
					}
					if tried++; tried%every != 0 && i > 0 {
						continue
					}
					read++
					name := strings.Join([]string{set.name, format.name, e.label, w.name}, "/")
					in := newInput()
					in.cfg.Format, in.cfg.Document = format.set, format.rule
					if e.set {
						in.cfg.Encoding = e.name
					}
					for _, f := range w.of(t, files) {
						d := Detect(f.name, []byte(f.data[:min(len(f.data), HeadBytes)]), in.cfg)
						found := ingest.File{
							Path: f.name, Format: d.Format, Document: d.Document, Compression: d.Compression, Encoding: d.Encoding, Numbered: d.Numbered,
						}
						if d.Reject != "" || w.codec != inContainer && (d.Format != format.format || d.Compression != w.codec || d.Encoding != e.name && !format.declares) {
							failed++
							t.Errorf("%s: %s is taken for %+v, %s", name, f.name, d, d.Reject)
						}
						in.add(found, newObject([]byte(f.data)))
					}
					got, meta, rejects, counters := in.documents(t)
					if diff := cmp.Diff(wantTexts, texts(got)); diff != "" || len(rejects) > 0 {
						t.Errorf("%s: rejects %v, %s", name, rejects, diff[:min(len(diff), 500)])
						if failed++; failed > 10 {
							t.FailNow()
						}
						continue
					}
					if i == 0 {
						wantMeta = meta
					} else if diff := cmp.Diff(wantMeta, meta); diff != "" && w.codec != inContainer {
						t.Errorf("%s: %s", name, diff)
					}
					want := columnar.Counters(nil)
					if e.name != "" && !format.declares {
						want = columnar.Counters{"decoded_" + strings.ReplaceAll(e.name, "-", "_"): int64(len(files))}
					}
					delete(counters, "blank_lines")
					delete(counters, ingest.CounterArticles) // of html; nothing of these pages is left
					if format.declares {
						counters = nil
					}
					if diff := cmp.Diff(want, counters, equateNil); diff != "" {
						t.Errorf("%s: counters %s", name, diff)
					}
				}
			}
		}
	}
	t.Logf("%d of %d combinations", read, tried)
	if tried < 10000 {
		t.Errorf("%d combinations are too few", tried)
	}
}
