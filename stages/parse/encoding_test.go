package parse

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
)

// bothSides is text of characters that mainland and Taiwan write alike, so that every Chinese encoding has them.
var bothSides = strings.Repeat("天地人三才，日月星三光。山中有水，水中有山，大小不同，高低有分。\n"+
	"古今中外，文人多好此道；2026 年的今天，仍有不少人在家中看古文。\n\n他我同行，在路上走了三天三夜，到了那里，已是十二月中。\n", 12)

// encodings are what tests encode text in, by the names of charset, with and without a mark.
var encodings = []struct {
	label, name string
	of          encoding.Encoding
}{
	{"utf-8", "", unicode.UTF8},
	{"utf-8 with mark", "", unicode.UTF8BOM},
	{"gb18030", charset.GB18030, simplifiedchinese.GB18030},
	{"gbk", charset.GB18030, simplifiedchinese.GBK},
	{"big5", charset.Big5, traditionalchinese.Big5},
	{"hz", charset.HZ, simplifiedchinese.HZGB2312},
	{"utf-16le", charset.UTF16LE, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{"utf-16be", charset.UTF16BE, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	{"utf-16le with mark", charset.UTF16LE, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	{"utf-16be with mark", charset.UTF16BE, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
}

func inEncoding(t testing.TB, e encoding.Encoding, text string) string {
	t.Helper()
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func texts(documents []record) (out []string) {
	for _, d := range documents {
		out = append(out, d.Text)
	}
	return out
}

// TestEncodedMembers: each member of a container has its own encoding.
func TestEncodedMembers(t *testing.T) {
	var entries []entry
	for _, e := range encodings {
		entries = append(entries, entry{name: e.label + ".txt", data: inEncoding(t, e.of, bothSides)})
	}
	entries = append(entries,
		entry{name: "late", data: strings.Repeat("ascii so far\n", HeadBytes/8) + inEncoding(t, simplifiedchinese.GBK, bothSides)},
		entry{name: "zipped", data: string(gzipped(t, inEncoding(t, traditionalchinese.Big5, bothSides)))},
		entry{name: "utf-32", data: "\xff\xfe\x00\x00a\x00\x00\x00"})
	inContainers(t, entries, func(t *testing.T, in *input) {
		documents, _, rejects, counters := in.documents(t)
		if len(documents) != len(encodings)+2 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonEncoding {
			t.Fatalf("%d documents, rejects %v", len(documents), rejects)
		}
		for i, d := range documents {
			if !strings.HasSuffix(d.Text, bothSides) || len(d.Text) > len(bothSides) && i != len(encodings) {
				t.Errorf("member %d differs", i)
			}
			if i > 0 && d.Offset <= documents[i-1].Offset {
				t.Errorf("offset %d behind %d", d.Offset, documents[i-1].Offset)
			}
		}
		want := columnar.Counters{"decoded_gb18030": 3, "decoded_big5": 2, "decoded_hz": 1, "decoded_utf_16le": 2, "decoded_utf_16be": 2}
		for name, n := range want {
			if counters[name] != n {
				t.Errorf("%s: %d, want %d", name, counters[name], n)
			}
		}
	})
}

// TestEncodingSet: the setting decides, and only over text.
func TestEncodingSet(t *testing.T) {
	cfg := Default()
	for name, of := range map[string]encoding.Encoding{
		charset.Big5: traditionalchinese.Big5, charset.Windows1252: charmap.Windows1252, charset.GB18030: simplifiedchinese.GB18030,
	} {
		cfg.Encoding = name
		text := "文"
		if name == charset.Windows1252 {
			text = "é"
		}
		got, _, rejects, _ := detected(t, "a", []byte(inEncoding(t, of, text)), cfg).documents(t)
		if diff := cmp.Diff([]string{text}, texts(got)); diff != "" || len(rejects) > 0 {
			t.Error(name, rejects, diff)
		}
	}
	cfg.Encoding = charset.UTF8
	gbk := inEncoding(t, simplifiedchinese.GBK, bothSides)
	in := detected(t, "a", []byte(gbk), cfg)
	if _, _, rejects, _ := in.documents(t); len(rejects) != 1 || rejects[0].Reason != ingest.ReasonEncoding {
		t.Errorf("as utf-8: rejects %v", rejects)
	}
}

// TestReplaced: what cannot be decoded is counted, and too much of it rejects the record.
func TestReplaced(t *testing.T) {
	good := inEncoding(t, simplifiedchinese.GBK, strings.Repeat("这是一个很好的句子。", 4))
	bad := "\xff\xff\xff\xff\xff" + inEncoding(t, simplifiedchinese.GBK, "坏")
	in := newInput()
	in.add(ingest.File{Path: "a", Format: Text, Document: RuleLine, Encoding: charset.GB18030},
		newObject([]byte(good+"\n"+good+"\xff"+good+"\n"+bad+"\n"+good+"\n")))
	in.add(ingest.File{Path: "half", Format: Text, Document: RuleFile, Encoding: charset.GB18030}, newObject([]byte(good+"\xb0")))
	in.add(ingest.File{Path: "whole", Format: Text, Document: RuleFile, Encoding: charset.GB18030}, newObject([]byte(good)))
	documents, _, rejects, counters := in.documents(t)
	var replaced []int
	for _, d := range documents {
		replaced = append(replaced, strings.Count(d.Text, "\uFFFD"))
	}
	if !slices.Equal(replaced, []int{0, 1, 0, 1, 0}) {
		t.Errorf("%d replaced in documents", replaced)
	}
	line := int64(len(strings.Repeat("这是一个很好的句子。", 4)))
	want := []columnar.Reject{{Offset: 3*line + 5, Bytes: 18, Reason: ingest.ReasonEncoding}}
	if diff := cmp.Diff(want, rejects, noDetail); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(columnar.Counters{"decoded_gb18030": 3, "replaced": 7, "replaced_files": 2}, counters); diff != "" {
		t.Error(diff)
	}
}

// TestLateEncoding: of a file that begins in ASCII the first MiB of text is looked at, compressed or not.
func TestLateEncoding(t *testing.T) {
	ascii := strings.Repeat(`{"text":"in english"}`+"\n", HeadBytes/20)
	gbk := inEncoding(t, simplifiedchinese.GBK, bothSides)
	data := []byte(ascii + gbk)
	d := Detect("a.jsonl", data[:HeadBytes], Default())
	if !d.More || d.Encoding != "" || !d.Cut {
		t.Errorf("head: %+v", d)
	}
	if d = Detect("a.jsonl", data, Default()); d.Encoding != charset.GB18030 || d.Cut {
		t.Errorf("all: %+v", d)
	}
	if d = Detect("a.jsonl.gz", gzipped(t, string(data)), Default()); d.Encoding != charset.GB18030 {
		t.Errorf("gzip: %+v", d)
	}
	later := strings.Repeat(ascii, 16) + gbk
	for name, data := range map[string][]byte{"a.jsonl": []byte(later), "a.jsonl.gz": gzipped(t, later)} {
		if d = Detect(name, data[:min(len(data), MaxHeadBytes)], Default()); d.More || d.Encoding != "" {
			t.Errorf("%s, behind the first MiB: %+v", name, d)
		}
	}
}

// FuzzRecoded reads anything as text of any encoding.
func FuzzRecoded(f *testing.F) {
	for _, e := range encodings {
		f.Add([]byte(inEncoding(f, e.of, bothSides[:300])))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range charset.Names()[1:] {
			in := newInput()
			in.add(ingest.File{Path: "a", Format: Text, Document: RuleLine, Encoding: name}, newObject(data))
			documents, _, _, _ := in.documents(t)
			for _, d := range documents {
				if !utf8.ValidString(d.Text) {
					t.Errorf("%s: %q", name, d.Text)
				}
			}
		}
	})
}
