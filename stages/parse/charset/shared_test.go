package charset

import (
	"io"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/pipelinetest"

	"github.com/google/go-cmp/cmp"
)

// detected is what Detect says with as much of a file as the stage shows it.
func detected(data []byte) string {
	const head = 64 << 10
	name, _ := Detect(data[:min(len(data), head)], len(data) <= head, "")
	return name
}

// TestWholeFudan reads twenty classes of raw GB18030. Eight of the files have no Chinese in them. What is known of it was
// measured with Python's codec.
func TestWholeFudan(t *testing.T) {
	if testing.Short() {
		t.Skip("98 MB")
	}
	type known struct {
		Files, GB18030, ASCII               int
		Characters, PrivateUse, Replaced    int64
		FilesWithPrivateUse, FilesWithFault int
	}
	step, want := 1, known{
		Files: 9833, GB18030: 9825, ASCII: 8, Characters: 55336718,
		PrivateUse: 4760, FilesWithPrivateUse: 984, Replaced: 194, FilesWithFault: 103,
	}
	if pipelinetest.Race {
		step, want = 40, known{
			Files: 245, GB18030: 245, Characters: 1396676,
			PrivateUse: 145, FilesWithPrivateUse: 20, Replaced: 4, FilesWithFault: 3,
		}
	}
	var got known
	n := 0
	r := new(Reader)
	pipelinetest.EachShared(t, "fudan.tar.zst", func(name string, data []byte) {
		if path.Ext(name) != ".txt" {
			return
		}
		if n++; n%step != 0 {
			return
		}
		got.Files++
		switch encoding := detected(data); {
		case encoding == GB18030:
			got.GB18030++
		case encoding == UTF8 && !strings.ContainsFunc(string(data), func(r rune) bool { return r >= utf8.RuneSelf }):
			got.ASCII++
		default:
			t.Errorf("%s: %s", name, encoding)
		}
		if err := r.Reset(GB18030, strings.NewReader(string(data))); err != nil {
			t.Fatal(err)
		}
		out, err := io.ReadAll(r)
		if err != nil || !utf8.Valid(out) {
			t.Errorf("%s: %v, or not valid", name, err)
		}
		got.Characters += int64(utf8.RuneCount(out))
		got.PrivateUse += r.PrivateUse
		got.Replaced += r.Replaced
		if r.PrivateUse > 0 {
			got.FilesWithPrivateUse++
		}
		if r.Replaced > 0 {
			got.FilesWithFault++
		}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSharedTwins decodes the files of the SIGHAN bakeoff: each is there in the encoding of its country and in UTF-8.
func TestSharedTwins(t *testing.T) {
	decoded := map[string]string{}
	detections := map[string]string{}
	pipelinetest.EachShared(t, "formats.tar.zst", func(name string, data []byte) {
		if !strings.Contains(name, "sighan/") {
			return
		}
		encoding := detected(data)
		s, counts := decodeAll(t, encoding, strings.NewReader(string(data)))
		if counts != (Counts{}) {
			t.Errorf("%s: %v", name, counts)
		}
		decoded[name], detections[path.Base(name)] = s, encoding
	})
	twins := 0
	for name, s := range decoded {
		if twin, ok := strings.CutSuffix(name, ".txt"); ok {
			twins++
			if s != decoded[twin+".utf8"] {
				t.Errorf("%s differs from its twin", name)
			}
		}
	}
	want := map[string]string{
		"as_test.txt": Big5, "as_testing_gold.txt": Big5, "cityu_test.txt": Big5, "cityu_test_gold.txt": Big5,
		"msr_test.txt": GB18030, "msr_test_gold.txt": GB18030, "pku_test.txt": GB18030, "pku_test_gold.txt": GB18030,
	}
	for name := range want {
		want[strings.TrimSuffix(name, ".txt")+".utf8"] = UTF8
	}
	if diff := cmp.Diff(want, detections); diff != "" || twins != 8 {
		t.Errorf("%d twins, %s", twins, diff)
	}
}
