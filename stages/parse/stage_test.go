package parse

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
)

func TestText(t *testing.T) {
	text := " 一\r\n\r\n二\n \n三 \n"
	for rule, want := range map[string][]record{
		RuleFile:      {{0, text}},
		RuleLine:      {{0, " 一"}, {8, "二"}, {14, "三 "}},
		RuleBlankLine: {{0, " 一"}, {8, "二"}, {14, "三 "}},
	} {
		documents, meta, rejects, _ := one(Text, rule, "", []byte(text)).documents(t)
		if diff := cmp.Diff(want, documents); diff != "" || len(rejects) > 0 {
			t.Errorf("%s: rejects %v, %s", rule, rejects, diff)
		}
		if strings.Join(meta, "") != "" {
			t.Errorf("%s: metadata %q", rule, meta)
		}
	}
}

func TestJSONL(t *testing.T) {
	lines := []string{
		`{"id":7,"text":"温暖潮","tags":["a", "b"]}`,
		`  `,
		`{"text":"\u6e29\u6696\ud800"}` + "\r",
		`{"text":"a"`,
		`{"summary":"a"}`,
		`{"text":["a"]}`,
		`{"text":""}`,
		`{"text":"a","text":"b"}`,
		`["text"]`,
		`{"text":"last"}`,
	}
	data := strings.Join(lines, "\n")
	in := one(JSONL, RuleLine, "", []byte(data))
	in.cfg.TextField = Fields{"text", "body"}
	at := func(line int) int64 { return int64(strings.Index(data, lines[line])) }
	documents, meta, rejects, counters := in.documents(t)
	if diff := cmp.Diff([]record{{at(0), "温暖潮"}, {at(2), "温暖\uFFFD"}, {at(6), ""}, {at(7), "b"}, {at(9), "last"}}, documents); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`{"id":7,"tags":["a", "b"]}`, "", "", "", ""}, meta); diff != "" {
		t.Error(diff)
	}
	want := []columnar.Reject{
		{Offset: at(3), Bytes: 11, Reason: ingest.ReasonBadJSON, Detail: "byte 11: expected a comma or the end of the object, found the end, in `{\"text\":\"a\"`"},
		{Offset: at(4), Bytes: 15, Reason: ingest.ReasonFieldMissing, Detail: "set text_field to one of the fields that there are: \"summary\", in `{\"summary\":\"a\"}`"},
		{Offset: at(5), Bytes: 14, Reason: ingest.ReasonFieldType, Detail: "field \"text\" is \"[\\\"a\\\"]}\"; set text_field to where the text is, in `{\"text\":[\"a\"]}`"},
		{Offset: at(8), Bytes: 8, Reason: ingest.ReasonBadJSON, Detail: "an array, not an object; for a file that is one array set format to json, in `[\"text\"]`"},
	}
	if diff := cmp.Diff(want, rejects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(columnar.Counters{"blank_lines": 1, "lone_surrogate": 1, "repeated_field": 1}, counters); diff != "" {
		t.Error(diff)
	}
}

func TestRepair(t *testing.T) {
	tests := []struct {
		name, in, want string
		invalid        int64
	}{
		{name: "one byte", in: "a\xffb", want: "a\uFFFDb", invalid: 1},
		{name: "a cut character is one", in: "温\xe6\xb8", want: "温\uFFFD", invalid: 2},
		{name: "surrogate", in: "\xed\xa0\x80", want: "\uFFFD\uFFFD\uFFFD", invalid: 3},
		{name: "overlong", in: "\xc0\xaf\xe0\x80\xaf\xf0\x8f\x80\x80", want: strings.Repeat("\uFFFD", 9), invalid: 9},
		{name: "four bytes cut", in: "\xf0\x9f\x98x\xf4\x90", want: "\uFFFDx\uFFFD\uFFFD", invalid: 5},
		{name: "lead after lead", in: "\xe6\xe6\xb8\xa9", want: "\uFFFD温", invalid: 1},
		{name: "a real one stays", in: "\uFFFD", want: "\uFFFD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := one(Text, RuleFile, "", []byte(tt.in))
			in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
			documents, _, _, counters := in.documents(t)
			if diff := cmp.Diff([]record{{0, tt.want}}, documents); diff != "" {
				t.Error(diff)
			}
			if counters["invalid_utf8"] != tt.invalid {
				t.Errorf("counted %d", counters["invalid_utf8"])
			}
		})
	}
}

// TestRepairShare holds the share, and that text which repairs made longer does not run into the records behind it.
func TestRepairShare(t *testing.T) {
	good := strings.Repeat("好", 30)
	lines := []string{
		`{"text":"\u00e4` + good + "\xff" + `"}`,
		`{"text":"` + good + `","b":"` + "\xff" + `"}`,
		`{"text":"` + strings.Repeat("\xff", 20) + good + `"}`,
		`{"text":"` + good + `"}`,
	}
	in := one(JSONL, RuleLine, "", []byte(strings.Join(lines, "\n")))
	documents, meta, rejects, counters := in.documents(t)
	want := []string{"ä" + good + "\uFFFD", good, good}
	if len(documents) != 3 || documents[0].Text != want[0] || documents[1].Text != want[1] || documents[2].Text != want[2] {
		t.Errorf("documents %+v", documents)
	}
	if diff := cmp.Diff([]string{"", "{\"b\":\"\uFFFD\"}", ""}, meta); diff != "" {
		t.Error(diff)
	}
	wantRejects := []columnar.Reject{{
		Offset: int64(len(lines[0]) + len(lines[1]) + 2), Bytes: int64(len(lines[2])), Reason: ingest.ReasonEncoding,
		Detail: "more than 6 bytes are no utf-8, the first is byte 9, in `{\"text\":\"\uFFFD好好好好好好…`",
	}}
	if diff := cmp.Diff(wantRejects, rejects); diff != "" {
		t.Error(diff)
	}
	if counters["invalid_utf8"] != 2 {
		t.Errorf("counters %v", counters)
	}

	in = one(Text, RuleLine, "", bytes.Repeat([]byte("\xff\xfe\n一\n"), 1000))
	in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
	for range 2 {
		documents, _, _, _ = in.documents(t)
		for i, d := range documents {
			if want := []string{"\uFFFD\uFFFD", "一"}[i%2]; d.Text != want || len(documents) != 2000 {
				t.Fatalf("document %d of %d: %q", i, len(documents), d.Text)
			}
		}
	}
}

// TestMixedBatch has files of every format in one batch, and rejected rows before others.
func TestMixedBatch(t *testing.T) {
	in := newInput()
	in.add(ingest.File{Path: "j", Format: JSONL, Document: RuleLine}, newObject([]byte("{}\n{\"text\":\"一\"}\n")))
	in.add(ingest.File{Path: "t", Format: Text, Document: RuleFile}, newObject([]byte("二\n")))
	in.add(ingest.File{Path: "c", Format: Chars, Document: RuleFile}, newObject([]byte("<BOS>  三  四  五  六  <EOS>\n")))
	in.add(ingest.File{Path: "e", Format: Text, Document: RuleFile}, newObject(nil))
	documents, _, rejects, _ := in.documents(t)
	if diff := cmp.Diff([]record{{3, "一"}, {0, "二\n"}, {0, "三四五六"}, {0, ""}}, documents); diff != "" {
		t.Error(diff)
	}
	if len(rejects) != 1 || rejects[0].File != 0 || rejects[0].Reason != ingest.ReasonFieldMissing {
		t.Errorf("rejects %v", rejects)
	}
}

func TestUnknownFormat(t *testing.T) {
	plan := &ingest.Plan{Files: []ingest.File{{Path: "a", Reject: ingest.ReasonBinary}, {Path: "b", Format: "word"}}}
	if _, err := New(Default(), plan); !pipeline.IsPermanent(err) || !strings.Contains(err.Error(), strings.Join(formatNames(), ", ")) {
		t.Errorf("error %v", err)
	}
}

func TestStageAllocates(t *testing.T) {
	for format, data := range benchmarkFiles(1 << 20) {
		f := formatByName(format)
		in := one(format, f.rule, "", data)
		stage, err := New(in.cfg, in.from.Plan)
		if err != nil {
			t.Fatal(err)
		}
		var raw, b columnar.Batch
		in.each(t, func(read *columnar.Batch) {
			if raw.Len() == 0 {
				copyBatch(&raw, read)
			}
		})
		n := testing.AllocsPerRun(5, func() {
			copyBatch(&b, &raw)
			if _, err := stage.Process(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
		})
		if len(b.Rejects) > 0 || b.Len() != raw.Len() || n > 0 {
			t.Errorf("%s: %v allocations for a batch of %d documents, %d rejects", format, n, b.Len(), len(b.Rejects))
		}
	}
}

// copyBatch copies raw records.
func copyBatch(dst, src *columnar.Batch) {
	dst.Reset()
	dst.File = append(dst.File, src.File...)
	dst.Offset = append(dst.Offset, src.Offset...)
	dst.Text.Data = append(dst.Text.Data, src.Text.Data...)
	dst.Text.Offsets = append(dst.Text.Offsets, src.Text.Offsets...)
}

func FuzzText(f *testing.F) {
	f.Add([]byte("一\n\n二\xff\xe6\xb8\n"), true)
	f.Add([]byte("0\r"), true)
	f.Fuzz(func(t *testing.T, data []byte, lines bool) {
		rule := RuleFile
		if lines {
			rule = RuleBlankLine
		}
		in := one(Text, rule, "", data)
		in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
		got, _, rejects, _ := in.documents(t)
		want := []record{{0, strings.TrimPrefix(string(data), bom)}}
		if want[0].Text != string(data) {
			want[0].Offset = int64(len(bom))
		}
		if lines {
			want = referenceRecords(data, rule)
		}
		for i := range want {
			if lines {
				want[i].Text = strings.TrimSuffix(want[i].Text, "\r")
			}
			want[i].Text = reference(want[i].Text)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || len(rejects) > 0 {
			t.Fatalf("rejects %v, %s", rejects, diff)
		}
	})
}

// reference repairs UTF-8 by looking at whether what stands there could become a character.
func reference(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			for n := 2; n <= min(3, len(s)) && !utf8.FullRuneInString(s[:n]); n++ {
				size = n
			}
			if utf8.FullRuneInString(s[:1]) {
				size = 1
			}
			if size == len(s) && !utf8.FullRuneInString(s) {
				size = len(s)
			}
			out.WriteRune(utf8.RuneError)
			s = s[size:]
			continue
		}
		out.WriteString(s[:size])
		s = s[size:]
	}
	return out.String()
}

// FuzzLines holds the whole way of a JSON line, damage included: what goes on is valid, and nothing is lost.
func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"text\":\"a\xff\",\"b\":1}\n\n{\"text\":1}\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := one(JSONL, RuleLine, "", data)
		in.cfg.Encoding, in.cfg.MaxReplacementShare = charset.UTF8, 1
		documents, meta, rejects, _ := in.documents(t)
		if want := len(referenceRecords(data, RuleLine)); len(documents)+len(rejects) != want {
			t.Fatalf("%d documents and %d rejects of %d lines", len(documents), len(rejects), want)
		}
		for i, d := range documents {
			if !utf8.ValidString(d.Text) || !utf8.ValidString(meta[i]) || meta[i] != "" && !json.Valid([]byte(meta[i])) {
				t.Fatalf("text %q, metadata %q", d.Text, meta[i])
			}
		}
		for _, r := range rejects {
			if !utf8.ValidString(r.Detail) || len(r.Detail) > maxDetail {
				t.Fatalf("detail %q", r.Detail)
			}
		}
	})
}
