package parse

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/rows"
)

var tableWriters = map[string]func(*bytes.Buffer, []columnar.Column, columnar.TableOptions) (columnar.TableWriter, error){
	Parquet: func(w *bytes.Buffer, c []columnar.Column, o columnar.TableOptions) (columnar.TableWriter, error) {
		return columnar.NewParquetWriter(w, c, o)
	},
	Arrow: func(w *bytes.Buffer, c []columnar.Column, o columnar.TableOptions) (columnar.TableWriter, error) {
		return columnar.NewArrowWriter(w, c, o)
	},
}

// tabled is a file with the texts, of some row groups, and where these are.
func tabled(t testing.TB, format string, texts []string) (data []byte, groups []rows.Group) {
	t.Helper()
	var file bytes.Buffer
	total := 0
	var text, title columnar.Strings
	var years []int32
	for i, s := range texts {
		text.Append([]byte(s))
		title.Append(fmt.Appendf(nil, "第%d篇", i))
		years = append(years, int32(1900+i))
		total += len(s)
	}
	w, err := tableWriters[format](&file, []columnar.Column{{Name: "title"}, {Name: "text"}, {Name: "year", Type: columnar.Int32}},
		columnar.TableOptions{GroupBytes: int64(total/5 + 64)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(&title, &text, years); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	f, err := rows.Open(format, bytes.NewReader(file.Bytes()), int64(file.Len()), rows.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), f.Groups()
}

func tableTexts(n int) (texts []string, want []record, meta []string) {
	random := rand.New(rand.NewPCG(7, 0))
	for i := range n {
		text := []rune{}
		for range 1 + random.IntN(80) {
			text = append(text, rune(0x4e00+random.IntN(3000)))
		}
		texts = append(texts, string(text)+"\n\"末\"")
		want = append(want, record{int64(i), texts[i]})
		meta = append(meta, fmt.Sprintf(`{"title":"第%d篇","year":%d}`, i, 1900+i))
	}
	return texts, want, meta
}

func eachTable(t *testing.T, f func(t *testing.T, format string)) {
	for _, format := range []string{Parquet, Arrow} {
		t.Run(format, func(t *testing.T) { f(t, format) })
	}
}

// TestTableSplits: any cut gives the same rows, and accounts for every byte.
func TestTableSplits(t *testing.T) {
	texts, want, meta := tableTexts(200)
	eachTable(t, func(t *testing.T, format string) {
		data, groups := tabled(t, format, texts)
		if len(groups) < 4 {
			t.Fatalf("%d groups", len(groups))
		}
		check := func(at ...int64) {
			t.Helper()
			in := one(format, RuleRecord, "", data)
			in.cut(at...)
			got, gotMeta, rejects, _ := in.documents(t)
			if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
				t.Fatalf("cut at %v: rejects %v, %s", at, rejects, diff)
			}
			if diff := cmp.Diff(meta, gotMeta); diff != "" {
				t.Fatal(diff)
			}
			if _, _, _, stored := in.raw(t); stored != int64(len(data)) {
				t.Fatalf("cut at %v: consumed %d of %d bytes", at, stored, len(data))
			}
		}
		check()
		for _, g := range groups {
			for _, at := range []int64{g.Offset - 1, g.Offset, g.Offset + 1, g.Offset + g.Bytes} {
				check(at)
			}
		}
		for _, size := range []int{100, 1000, 5000, len(data) - 1} {
			var at []int64
			for end := size; end < len(data); end += size {
				at = append(at, int64(end))
			}
			check(at...)
		}
	})
}

// TestTableBatches holds the bounds of batches, which row groups do not have.
func TestTableBatches(t *testing.T) {
	texts := make([]string, 2*batchRecords+1)
	for i := range texts {
		texts[i] = fmt.Sprint("第", i)
	}
	eachTable(t, func(t *testing.T, format string) {
		data, _ := tabled(t, format, texts)
		total := 0
		one(format, RuleRecord, "", data).each(t, func(b *columnar.Batch) {
			if b.Len() > batchRecords {
				t.Errorf("a batch of %d rows", b.Len())
			}
			total += b.Len()
		})
		if total != len(texts) {
			t.Errorf("%d rows", total)
		}
	})
}

// TestTableLargeRows: rows that are a batch of their own, behind and before small ones, keep their texts while the next is read.
func TestTableLargeRows(t *testing.T) {
	var texts []string
	var want []record
	for i, size := range []int{9, 6 << 20, 12, 5 << 20, 7 << 20, 3, 3, 4 << 20} {
		texts = append(texts, strings.Repeat(string(rune('一'+i)), size/3))
		want = append(want, record{int64(i), texts[i]})
	}
	eachTable(t, func(t *testing.T, format string) {
		data, _ := tabled(t, format, texts)
		in := one(format, RuleRecord, "", data)
		got, _, rejects, _ := in.documents(t)
		if len(rejects) > 0 || !slices.Equal(want, got) {
			t.Errorf("rejects %v; %d documents are not what they were, or out of order", rejects, len(got))
		}
	})
}

// TestTableTooLarge rejects the row alone, by its number.
func TestTableTooLarge(t *testing.T) {
	eachTable(t, func(t *testing.T, format string) {
		data, _ := tabled(t, format, []string{"一", string(bytes.Repeat([]byte("长"), 3000)), "三"})
		in := one(format, RuleRecord, "", data)
		in.cfg.MaxDocumentBytes = 8000
		got, _, rejects, _ := in.documents(t)
		if diff := cmp.Diff([]record{{0, "一"}, {2, "三"}}, got); diff != "" {
			t.Error(diff)
		}
		want := []columnar.Reject{{Offset: 1, Bytes: 8000, Reason: ingest.ReasonTooLarge}}
		if diff := cmp.Diff(want, rejects, noDetail); diff != "" {
			t.Error(diff)
		}
	})
}

// TestTableDamage damages a row group in the middle: the others are kept, and no cut changes what is.
func TestTableDamage(t *testing.T) {
	texts, want, _ := tableTexts(200)
	eachTable(t, func(t *testing.T, format string) {
		data, groups := tabled(t, format, texts)
		bad := groups[2]
		clear(data[bad.Offset : bad.Offset+16]) // a page header, or that of a message
		var left []record
		for _, r := range want {
			if r.Offset < bad.First || format == Parquet && r.Offset >= bad.First+bad.Rows {
				left = append(left, r)
			}
		}
		lost := columnar.Reject{Scope: columnar.ScopeFile, Offset: bad.Offset, Bytes: bad.Bytes, Reason: ingest.ReasonCorrupt}
		if format == Arrow { // nothing says what the messages behind it are
			lost.Bytes = int64(len(data)) - bad.Offset
		}
		for _, at := range [][]int64{nil, {bad.Offset}, {100, bad.Offset + 1, int64(len(data)) - 1}} {
			in := one(format, RuleRecord, "", data)
			in.cut(at...)
			got, _, rejects, _ := in.documents(t)
			if diff := cmp.Diff(left, got); diff != "" {
				t.Errorf("cut at %v: %s", at, diff)
			}
			if diff := cmp.Diff([]columnar.Reject{lost}, rejects, noDetail); diff != "" {
				t.Errorf("cut at %v: %s", at, diff)
			}
		}
	})
}

// TestTableTruncated: without its end, a Parquet file says nothing; an Arrow file still has what comes before. There is one
// reject, however it is cut.
func TestTableTruncated(t *testing.T) {
	texts, want, _ := tableTexts(200)
	eachTable(t, func(t *testing.T, format string) {
		data, groups := tabled(t, format, texts)
		g := groups[3]
		for _, size := range []int64{0, 4, 6, 40, g.Offset + g.Bytes/2, int64(len(data)) - 1} {
			cut := data[:size]
			for _, at := range [][]int64{nil, {max(1, size/2)}} {
				if size == 0 && at != nil {
					continue
				}
				in := one(format, RuleRecord, "", cut)
				in.cut(at...)
				got, _, rejects, _ := in.documents(t)
				if len(rejects) != 1 || rejects[0].Scope != columnar.ScopeFile || rejects[0].Bytes < 1 || rejects[0].Offset+rejects[0].Bytes > max(1, size)+1 {
					t.Errorf("%d bytes, cut at %v: rejects %v", size, at, rejects)
				} else if size != 4 && rejects[0].Reason != ingest.ReasonTruncated {
					t.Errorf("%d bytes, cut at %v: %s, %s", size, at, rejects[0].Reason, rejects[0].Detail)
				}
				n := 0
				if format == Arrow && size > g.Offset {
					n = int(g.First)
					if size > g.Offset+g.Bytes {
						n = len(want)
					}
				}
				if diff := cmp.Diff(want[:n], got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%d bytes: %s", size, diff)
				}
			}
		}
	})
}

// TestTableEncoding: bytes that are no UTF-8 are repaired in the text up to the share of other files, and elsewhere always.
func TestTableEncoding(t *testing.T) {
	texts, want, _ := tableTexts(3)
	texts[0] = "\xd6\xd0\xbb\xaa\xc8\xcb\xc3\xf1"     // 中华人民 in GBK
	texts[1] += strings.Repeat("文", 100) + "\xe6\x96" // the first half of a character
	want[1].Text = strings.ToValidUTF8(texts[1], "\uFFFD")
	eachTable(t, func(t *testing.T, format string) {
		data, _ := tabled(t, format, texts)
		got, _, rejects, counters := one(format, RuleRecord, "", data).documents(t)
		if diff := cmp.Diff(want[1:], got); diff != "" {
			t.Error(diff)
		}
		if len(rejects) != 1 || rejects[0].Reason != ingest.ReasonEncoding || rejects[0].Offset != 0 || rejects[0].Scope != columnar.ScopeDocument {
			t.Errorf("rejects %+v", rejects)
		}
		if counters["replaced"] != 1 {
			t.Errorf("counters %v", counters)
		}
	})
	var file bytes.Buffer
	w, err := columnar.NewParquetWriter(&file, []columnar.Column{{Name: "picture"}, {Name: "text"}}, columnar.TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var picture, text columnar.Strings
	picture.Append(bytes.Repeat([]byte{0xff, 0xd8}, 100))
	text.Append([]byte("文"))
	if err := w.Write(&picture, &text); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	if got, _, rejects, _ := one(Parquet, RuleRecord, "", file.Bytes()).documents(t); len(got) != 1 || len(rejects) > 0 {
		t.Errorf("beside a picture: %v, rejects %+v", got, rejects)
	}
}

// TestTableUnsupported: a sound file that is not read here is not called damaged.
func TestTableUnsupported(t *testing.T) {
	old := append([]byte("FEA1"), make([]byte, 100)...) // the first version of Feather
	_, _, rejects, _ := one(Arrow, RuleRecord, "", old).documents(t)
	if len(rejects) != 1 || rejects[0].Reason != ingest.ReasonUnsupported || rejects[0].Bytes != int64(len(old)) {
		t.Errorf("rejects %+v", rejects)
	}
}

// TestTableExpansion: rows that repeat what is stored once count as what they are.
func TestTableExpansion(t *testing.T) {
	texts := make([]string, 20000)
	for i := range texts {
		texts[i] = string(bytes.Repeat([]byte("同"), 400))
	}
	data, _ := tabled(t, Parquet, texts)
	in := one(Parquet, RuleRecord, "", data)
	if got, _, rejects, _ := in.documents(t); len(got) != len(texts) || len(rejects) > 0 {
		t.Errorf("%d rows, rejects %v", len(got), rejects)
	}
	in.cfg.MaxExpandedBytes = 2 << 20
	_, _, rejects, _ := in.documents(t)
	if len(rejects) == 0 || rejects[0].Reason != ingest.ReasonExpansion || rejects[0].Scope != columnar.ScopeFile {
		t.Errorf("rejects %v", rejects)
	}
}

func TestDetectTable(t *testing.T) {
	texts, _, _ := tableTexts(3)
	eachTable(t, func(t *testing.T, format string) {
		data, _ := tabled(t, format, texts)
		want := ingest.Detection{Format: format, Document: RuleRecord, Cut: true}
		for _, name := range []string{"a", "a.txt.1", "a." + format} {
			got := Detect(name, data, Default())
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(ingest.Detection{}, "Why")); diff != "" || got.Reject != "" {
				t.Errorf("%s: reject %q, %s", name, got.Reject, diff)
			}
		}
		got := Detect("a."+format+".gz", gzipped(t, string(data)), Default())
		if got.Format != format || got.Cut || got.Reject != ingest.ReasonUnsupported {
			t.Errorf("in gzip: %+v, %q", got, got.Reject)
		}
		if got := Detect("a", data, func() Config { c := Default(); c.Format = Text; return c }()); got.Reject != ingest.ReasonBinary {
			t.Errorf("as text: %q", got.Reject)
		}
	})
	for _, name := range []string{"a.feather", "b.IPC", "c.arrows"} {
		if got := Detect(name, []byte("\xff\xff\xff\xff\x00\x01\x00\x00"), Default()); got.Format != Arrow || got.Reject != "" {
			t.Errorf("%s: %+v, %q", name, got, got.Reject)
		}
	}
}

// TestTableInContainer: nothing can be looked up in a stream.
func TestTableInContainer(t *testing.T) {
	texts, _, _ := tableTexts(3)
	eachTable(t, func(t *testing.T, format string) {
		data, _ := tabled(t, format, texts)
		inContainers(t, []entry{{name: "a." + format, data: string(data), method: zip.Store}, {name: "b.txt", data: "乙"}}, func(t *testing.T, in *input) {
			got, _, rejects, _ := in.documents(t)
			if len(got) != 1 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonUnsupported {
				t.Fatalf("documents %v, rejects %v", got, rejects)
			}
			if want := fmt.Sprintf("a.%s: %s in %s", format, format, in.from.Plan.Files[0].Format); rejects[0].Detail != want {
				t.Errorf("%s, want %s", rejects[0].Detail, want)
			}
		})
	})
}

func FuzzTable(f *testing.F) {
	texts, _, _ := tableTexts(20)
	for format := range tableWriters {
		data, groups := tabled(f, format, texts)
		f.Add(format == Arrow, data, uint16(groups[1].Offset))
		f.Add(format == Arrow, data[:len(data)/2], uint16(10))
	}
	f.Fuzz(func(t *testing.T, arrow bool, data []byte, at uint16) {
		format := Parquet
		if arrow {
			format = Arrow
		}
		in := one(format, RuleRecord, "", data)
		in.cfg.MaxExpandedBytes = 8 << 20
		want, _, wantRejects, _ := in.documents(t)
		if len(data) > 0 {
			in.cut(int64(at) % int64(len(data)))
		}
		got, _, rejects, _ := in.documents(t)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		// What the framer refuses stands in front of what decoding does in a batch, and batches end elsewhere.
		if diff := cmp.Diff(byPlace(wantRejects), byPlace(rejects)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func byPlace(rejects []columnar.Reject) []columnar.Reject {
	slices.SortStableFunc(rejects, func(a, b columnar.Reject) int {
		return 2*(int(a.Scope)-int(b.Scope)) + int(min(1, max(-1, a.Offset-b.Offset)))
	})
	return rejects
}
