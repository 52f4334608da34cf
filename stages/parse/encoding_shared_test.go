package parse

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestSharedEncodedTwins: the raw files of the SIGHAN bakeoff in the encoding of their country give the same text as in
// UTF-8, and so do the segmented ones.
func TestSharedEncodedTwins(t *testing.T) {
	files := sharedFormats(t)
	want := map[string]string{
		"as_test": "decoded_big5", "as_testing_gold": "decoded_big5", "cityu_test": "decoded_big5", "cityu_test_gold": "decoded_big5",
		"msr_test": "decoded_gb18030", "msr_test_gold": "decoded_gb18030", "pku_test": "decoded_gb18030", "pku_test_gold": "decoded_gb18030",
	}
	for name, data := range files {
		twin, ok := strings.CutSuffix(name, ".txt")
		if !ok || !strings.Contains(name, "sighan/") {
			continue
		}
		got, _, rejects, counters := detected(t, name, data, Default()).documents(t)
		same, _, _, _ := detected(t, twin+".utf8", files[twin+".utf8"], Default()).documents(t)
		if diff := cmp.Diff(texts(same), texts(got)); diff != "" || len(rejects) > 0 || len(got) == 0 {
			t.Errorf("%s: rejects %v, %d bytes of difference", name, rejects, len(diff))
		}
		counter := want[path.Base(twin)]
		if delete(want, path.Base(twin)); counters[counter] != 1 || counters["replaced"] > 0 {
			t.Errorf("%s: counters %v", name, counters)
		}
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

// TestSharedUDHR reads the declaration of human rights in Chinese, in every encoding that it is there in.
func TestSharedUDHR(t *testing.T) {
	data := sharedFile(t, "udhr.zip")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Chinese_Mandarin-GB2312": "gb18030", "Chinese_Mandarin-HZ": "hz", "Chinese_Mandarin-UTF8": "",
	}
	found := 0
	for _, f := range z.File {
		for ending := range want {
			if !strings.HasSuffix(f.Name, ending) {
				continue
			}
			found++
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			in := detected(t, f.Name, text, Default())
			if got := in.from.Plan.Files[0].Encoding; got != want[ending] {
				t.Errorf("%s: %q", f.Name, got)
			}
			if got, _, rejects, counters := in.documents(t); len(got) != 1 || len(rejects) > 0 || counters["replaced"] > 0 {
				t.Errorf("%s: %d documents, %v, %v", f.Name, len(got), rejects, counters)
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d files, want %d", found, len(want))
	}
}

// fudan holds every step-th file of a text classification corpus of 2003, in GB18030 with damage.
func fudan(t *testing.T, step int) (names []string, files [][]byte) {
	t.Helper()
	n := 0
	pipelinetest.EachShared(t, "fudan.tar.zst", func(name string, data []byte) {
		if path.Ext(name) != ".txt" {
			return
		}
		if n++; n%step == 0 {
			names, files = append(names, name), append(files, data)
		}
	})
	return names, files
}

// TestWholeFudan reads every file as one document; what is known of them was measured with Python's codec.
func TestWholeFudan(t *testing.T) {
	if testing.Short() {
		t.Skip("98 MB")
	}
	type known struct {
		Documents, Characters, PrivateUse, WithPrivateUse, Replacements, WithReplacements, GB18030, Segmented, Duplicates int
	}
	step, want := 1, known{
		Documents: 9833, Characters: 55336718, PrivateUse: 4760, WithPrivateUse: 984, Replacements: 194, WithReplacements: 103,
		GB18030: 9825, Segmented: 24, Duplicates: 1464,
	}
	if pipelinetest.Race {
		step, want = 40, known{
			Documents: 245, Characters: 1396676, PrivateUse: 145, WithPrivateUse: 20, Replacements: 4, WithReplacements: 3,
			GB18030: 245, Segmented: 1, Duplicates: 4,
		}
	}
	var got known
	in := newInput()
	names, files := fudan(t, step)
	for i, name := range names {
		d := Detect(name, files[i][:min(len(files[i]), HeadBytes)], in.cfg)
		switch d.Format {
		case Text:
		case Segmented: // laws with spaces between words
			got.Segmented++
		default:
			t.Errorf("%s: %+v, %s", name, d, d.Reject)
		}
		in.add(ingest.File{Path: name, Format: Text, Document: d.Document, Encoding: d.Encoding}, newObject(files[i]))
	}
	documents, _, rejects, all := in.documents(t)
	for _, r := range rejects {
		t.Errorf("%s: %+v", names[r.File], r)
	}
	seen := map[string]bool{}
	for _, d := range documents {
		got.Documents++
		got.Characters += utf8.RuneCountInString(d.Text)
		got.Replacements += strings.Count(d.Text, "\uFFFD")
		before := got.PrivateUse
		for _, r := range d.Text {
			if r >= 0xE000 && r <= 0xF8FF {
				got.PrivateUse++
			}
		}
		if got.PrivateUse > before {
			got.WithPrivateUse++
		}
		if seen[d.Text] {
			got.Duplicates++
		}
		seen[d.Text] = true
	}
	got.GB18030, got.WithReplacements = int(all["decoded_gb18030"]), int(all["replaced_files"])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if all["replaced"] != int64(got.Replacements) || all["invalid_utf8"] != 0 {
		t.Errorf("counters %v", all)
	}
}
