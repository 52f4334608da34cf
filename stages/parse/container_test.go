package parse

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// entry is a member that a test makes.
type entry struct {
	name   string
	data   string
	method uint16 // of zip
	kind   byte   // of tar
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: e.method, NonUTF8: true}
		switch e.kind {
		case tar.TypeSymlink:
			h.SetMode(0o777 | 1<<27)
		case 'E':
			h.Flags |= 1
		}
		m, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tarred(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.data)), Typeflag: e.kind, Mode: 0o600}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if e.kind == tar.TypeSymlink || e.kind == tar.TypeDir {
			h.Size = 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.WriteString(w, e.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// inContainers calls f with the entries as each kind of container file.
func inContainers(t *testing.T, entries []entry, f func(t *testing.T, in *input)) {
	plain := tarred(t, entries...)
	for _, c := range []struct {
		name, format, codec string
		data                []byte
	}{
		{"zip", Zip, "", zipped(t, entries...)},
		{"tar", Tar, "", plain},
		{"tar.gz", Tar, "gzip", gzipped(t, string(plain[:len(plain)/2]), string(plain[len(plain)/2:]))},
		{"tar.zst", Tar, "zstd", zstded(t, string(plain))},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := c.data[:min(len(c.data), HeadBytes)]
			d := Detect("a."+c.name, head, Default())
			if d.More {
				d = Detect("a."+c.name, c.data, Default())
			}
			if d.Format != c.format || d.Compression != c.codec || d.Document != RuleMember || d.Cut || d.Reject != "" {
				t.Errorf("detected as %+v, %s", d, d.Reject)
			}
			f(t, one(c.format, RuleMember, c.codec, c.data))
		})
	}
}

// TestContainers reads members as the files that they are, at offsets as if they lay end to end.
func TestContainers(t *testing.T) {
	text := "标题\n\n第二段\n"
	lines := `{"text":"一","id":1}` + "\n" + `{"text":7}` + "\n" + `{"text":"二","member":"own","_member":0}` + "\n"
	long := strings.Repeat("长文。\n", 60000) // more than is looked at to say what it is
	entries := []entry{
		{name: "folder/", kind: tar.TypeDir},
		{name: "folder/a.txt", data: text, method: zip.Deflate},
		{name: "b.jsonl", data: lines},
		{name: "link", data: "b.jsonl", kind: tar.TypeSymlink},
		{name: "empty.txt"},
		{name: "__MACOSX/folder/._a.txt", data: "\x00\x05\x16\x07 for a Mac", method: zip.Deflate},
		{name: "folder/.DS_Store", data: "\x00\x00\x00\x01Bud1"},
		{name: "../c.txt.gz", data: string(gzipped(t, text, text)), method: zip.Deflate},
		{name: "/picture.png", data: "\x89PNG\r\n\x1a\n and so on"},
		{name: "a\"<b>.txt", data: long, method: zip.Deflate},
		{name: "d.txt.zst", data: string(zstded(t, long))},
		{name: "inner.zip", data: string(zipped(t, entry{name: "x", data: "x"}))},
		{name: "inner.tar", data: string(tarred(t, entry{name: "x", data: "x"}))},
		{name: "last", data: "尾", method: zip.Deflate},
	}
	at := make([]int64, 0, len(entries))
	next := int64(0)
	for _, size := range []int{len(text), len(lines), 0, 2 * len(text), 0, len(long), len(long), 0, 0, 3} {
		at = append(at, next)
		next += int64(size) + 1
	}
	second := int64(strings.IndexByte(lines, '\n') + 1)
	third := int64(strings.LastIndex(lines, `{"text"`))
	want := []record{
		{at[0], text}, {at[1], "一"}, {at[1] + third, "二"}, {at[2], ""}, {at[3], text + text}, {at[5], long}, {at[6], long}, {at[9], "尾"},
	}
	wantMeta := []string{
		`{"member":"folder/a.txt"}`, `{"member":"b.jsonl","id":1}`, `{"__member":"b.jsonl","member":"own","_member":0}`,
		`{"member":"empty.txt"}`, `{"member":"../c.txt.gz"}`, `{"member":"a\"<b>.txt"}`, `{"member":"d.txt.zst"}`, `{"member":"last"}`,
	}
	wantRejects := []columnar.Reject{
		{Scope: columnar.ScopeFile, Offset: at[4], Reason: ingest.ReasonBinary, Detail: "/picture.png"},
		{Scope: columnar.ScopeFile, Offset: at[7], Reason: ingest.ReasonUnsupported, Detail: "inner.zip: zip in "},
		{Scope: columnar.ScopeFile, Offset: at[8], Reason: ingest.ReasonUnsupported, Detail: "inner.tar: tar in "},
		{Offset: at[1] + second, Bytes: 10, Reason: ingest.ReasonFieldType, Detail: `b.jsonl: field "text" is `},
	}
	inContainers(t, entries, func(t *testing.T, in *input) {
		documents, meta, rejects, counters := in.documents(t)
		if diff := cmp.Diff(want, documents); diff != "" {
			t.Error(diff[:min(len(diff), 1000)])
		}
		if diff := cmp.Diff(wantMeta, meta); diff != "" {
			t.Error(diff)
		}
		if len(rejects) != len(wantRejects) {
			t.Fatalf("rejects %v", rejects)
		}
		for i, r := range rejects {
			w := wantRejects[i]
			if r.Scope != w.Scope || r.Offset != w.Offset || r.Reason != w.Reason || !strings.HasPrefix(r.Detail, w.Detail) || r.Bytes < 1 {
				t.Errorf("reject %+v, want %+v", r, w)
			}
		}
		if counters["members_skipped"] != 4 {
			t.Errorf("counters %v", counters)
		}
		if _, _, _, stored := in.raw(t); stored != in.from.Plan.Files[0].Bytes {
			t.Errorf("consumed %d of %d bytes", stored, in.from.Plan.Files[0].Bytes)
		}
	})
}

// TestManyMembers has more documents than a batch has room for.
func TestManyMembers(t *testing.T) {
	pipelinetest.Long(t)
	const n = batchRecords/3 + 1 // the documents do not fit in a batch
	entries := make([]entry, 0, 3*n)
	for i := range n {
		entries = append(entries, entry{name: fmt.Sprint(i, ".jsonl"), data: `{"text":"a"}` + "\n" + `{"text":"b"}`},
			entry{name: fmt.Sprint(i, ".bin"), data: "\x7fELF"}, entry{name: fmt.Sprint(i, ".txt"), data: strconv.Itoa(i)})
	}
	inContainers(t, entries, func(t *testing.T, in *input) {
		documents, meta, rejects, _ := in.documents(t)
		if len(documents) != 3*n || len(rejects) != n {
			t.Fatalf("%d documents, %d rejects", len(documents), len(rejects))
		}
		for i, d := range documents {
			n := i / 3
			want, name := "a", fmt.Sprintf(`{"member":"%d.jsonl"}`, n)
			switch i % 3 {
			case 1:
				want = "b"
			case 2:
				want, name = strconv.Itoa(n), fmt.Sprintf(`{"member":"%d.txt"}`, n)
			}
			if d.Text != want || meta[i] != name || i > 0 && documents[i-1].Offset >= d.Offset {
				t.Fatalf("document %d is %v of %s", i, d, meta[i])
			}
		}
	})
}

// TestMixedSplit has a container among other files in one batch.
func TestMixedSplit(t *testing.T) {
	in := newInput()
	in.add(ingest.File{Path: "a", Format: Text, Document: RuleFile}, newObject([]byte("甲")))
	in.add(ingest.File{Path: "b", Format: Zip, Document: RuleMember}, newObject(zipped(t, entry{name: "x", data: "乙"})))
	in.add(ingest.File{Path: "c", Format: JSONL, Document: RuleLine}, newObject([]byte(`{"text":"丙","id":3}`)))
	in.add(ingest.File{Path: "d", Format: Zip, Document: RuleMember}, newObject(zipped(t)))
	documents, meta, rejects, _ := in.documents(t)
	want := []record{{0, "甲"}, {0, "乙"}, {0, "丙"}}
	if diff := cmp.Diff(want, documents); diff != "" || len(rejects) > 0 {
		t.Error(rejects, diff)
	}
	if diff := cmp.Diff([]string{"", `{"member":"x"}`, `{"id":3}`}, meta); diff != "" {
		t.Error(diff)
	}
}

func TestMemberNames(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("中文/名字.txt")
	if err != nil {
		t.Fatal(err)
	}
	unicodePath := binary.LittleEndian.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte("x.txt")))
	unicodePath = append(unicodePath, "真名.txt"...)
	extra := append([]byte{0x75, 0x70, byte(len(unicodePath)), 0}, unicodePath...)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, h := range []*zip.FileHeader{{Name: "x.txt", Extra: extra}} {
		m, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, "文"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, meta, _, _ := one(Zip, RuleMember, "", out.Bytes()).documents(t); len(meta) != 1 || meta[0] != `{"member":"真名.txt"}` {
		t.Errorf("metadata %q", meta)
	}
	entries := []entry{
		{name: gbk, data: "一"},
		{name: "已是UTF-8.txt", data: "二"},
		{name: "\xff\xff.txt", data: "三"},
		{name: strings.Repeat("长", 90) + "/" + strings.Repeat("名", 400), data: "四"},
	}
	want := []string{
		`{"member":"中文/名字.txt"}`, `{"member":"已是UTF-8.txt"}`, `{"member":"��.txt"}`,
		`{"member":"` + strings.Repeat("长", 90) + "/" + strings.Repeat("名", 251) + `"}`,
	}
	inContainers(t, entries, func(t *testing.T, in *input) {
		_, meta, rejects, _ := in.documents(t)
		if diff := cmp.Diff(want, meta); diff != "" || len(rejects) > 0 {
			t.Error(rejects, diff)
		}
	})
}

// TestZipRejects rejects members that cannot be read, and goes on behind them.
func TestZipRejects(t *testing.T) {
	flipped := zipped(t, entry{name: "a", data: sentences(100), method: zip.Deflate}, entry{name: "b", data: "乙"})
	flipped[1000] ^= 0x55
	wrongSum := zipped(t, entry{name: "a", data: "sum of this"}, entry{name: "b", data: "乙"})
	wrongSum[bytes.Index(wrongSum, []byte("sum"))] = 'S'
	method := zipped(t, entry{name: "a", data: "?"}, entry{name: "b", data: "乙"})
	method[bytes.Index(method, []byte("PK\x01\x02"))+10] = 9
	noHeader := zipped(t, entry{name: "a", data: "?"}, entry{name: "b", data: "乙"})
	noHeader[2] = 'x'
	for reason, data := range map[string][]byte{
		ingest.ReasonCorrupt:           flipped,
		ingest.ReasonCorrupt + "/sum":  wrongSum,
		ingest.ReasonCorrupt + "/mark": noHeader,
		ingest.ReasonUnsupported:       method,
		ingest.ReasonEncrypted:         zipped(t, entry{name: "a", data: "?", kind: 'E'}, entry{name: "b", data: "乙"}),
	} {
		t.Run(reason, func(t *testing.T) {
			reason, _, _ := strings.Cut(reason, "/")
			documents, _, rejects, _ := one(Zip, RuleMember, "", data).documents(t)
			if len(documents) != 1 || documents[0].Text != "乙" || len(rejects) != 1 || rejects[0].Reason != reason || rejects[0].Bytes < 1 {
				t.Errorf("documents %v, rejects %v", documents, rejects)
			}
		})
	}
}

// TestContainerCut cuts containers everywhere: of a tar file what comes before is kept, with one reject; a zip file has its
// directory at the end.
func TestContainerCut(t *testing.T) {
	entries := []entry{{name: "a.txt", data: "甲"}, {name: "b.jsonl", data: `{"text":"乙"}` + "\n" + `{"text":"丙"}`}, {name: "c.txt", data: sentences(6)}}
	inContainers(t, entries, func(t *testing.T, in *input) {
		file := in.from.Plan.Files[0]
		data := make([]byte, file.Bytes)
		if _, err := in.from.Sources.(memorySources)["file"].ReadAt(data, 0); err != nil {
			t.Fatal(err)
		}
		want, _, _, _ := in.documents(t)
		for cut := 1; cut < len(data); cut++ {
			documents, _, rejects, _ := one(file.Format, RuleMember, file.Compression, data[:cut]).documents(t)
			whole := len(documents) == len(want)
			if len(documents) > len(want) || cmp.Diff(want[:len(documents)], documents) != "" && len(documents) > 0 {
				t.Fatalf("cut at %d: %v", cut, documents)
			}
			atHeader := file.Format == Tar && file.Compression == "" && cut%512 == 0
			if len(rejects) > 1 || len(rejects) == 0 && !whole && !atHeader {
				t.Fatalf("cut at %d: %d documents, rejects %v", cut, len(documents), rejects)
			}
			if len(rejects) == 1 && rejects[0].Reason != ingest.ReasonTruncated && rejects[0].Reason != ingest.ReasonCorrupt {
				t.Fatalf("cut at %d: rejects %v", cut, rejects)
			}
		}
	})
}

// TestContainerUnreadable rejects what the disk does not give, and does not call it damaged.
func TestContainerUnreadable(t *testing.T) {
	entries := []entry{{name: "a.txt", data: "甲"}, {name: "b.txt", data: sentences(3000)}, {name: "c.txt", data: "丙"}}
	inContainers(t, entries, func(t *testing.T, in *input) {
		file := in.from.Plan.Files[0]
		sources := in.from.Sources.(memorySources)
		whole := sources["file"]
		for from := int64(0); from < whole.Size(); from += whole.Size() / 7 {
			sources["file"] = failingObject{whole, from, io.ErrClosedPipe}
			_, _, rejects, _ := in.documents(t)
			if len(rejects) != 1 || rejects[0].Reason != pipeline.ReasonUnreadable {
				t.Errorf("%s from %d: rejects %v", file.Format, from, rejects)
			}
		}
		sources["file"] = shortObject{whole}
		_, _, rejects, _ := in.documents(t)
		if len(rejects) != 1 || rejects[0].Reason != pipeline.ReasonChanged {
			t.Errorf("%s: rejects %v", file.Format, rejects)
		}
	})
}

// TestSparseMember rejects a file of 40 GiB that is nearly all holes, and reads its neighbours.
func TestSparseMember(t *testing.T) {
	data, err := os.ReadFile("archive/testdata/sparse-gnu.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	documents, _, rejects, _ := one(Tar, RuleMember, "gzip", data).documents(t)
	if len(documents) != 2 || documents[0].Text != "甲\n" || documents[1].Text != "乙\n" {
		t.Errorf("documents %v", documents)
	}
	if len(rejects) != 1 || rejects[0].Reason != ingest.ReasonUnsupported || rejects[0].Detail != "holes.txt: a sparse file in a tar file" {
		t.Errorf("rejects %v", rejects)
	}
}

// shortObject ends before its size.
type shortObject struct{ pipeline.Object }

func (s shortObject) ReadAt(p []byte, off int64) (int, error) {
	room := s.Size() - 20 - off
	if room <= 0 {
		return 0, io.EOF
	}
	n, err := s.Object.ReadAt(p[:min(int64(len(p)), room)], off)
	if n < len(p) && err == nil {
		err = io.EOF
	}
	return n, err
}

// TestZipOverlap refuses members that share their bytes, as bombs do, whatever the order of the directory.
func TestZipOverlap(t *testing.T) {
	one1 := zipped(t, entry{name: "a", data: strings.Repeat("a", 100)})
	at := bytes.Index(one1, []byte("PK\x01\x02"))
	end := bytes.LastIndex(one1, []byte("PK\x05\x06"))
	directory := one1[at:end]
	const n = 100
	bomb := append(bytes.Clone(one1[:at]), bytes.Repeat(directory, n)...)
	bomb = append(bomb, one1[end:]...)
	tail := bomb[len(bomb)-22:]
	binary.LittleEndian.PutUint16(tail[8:], n)
	binary.LittleEndian.PutUint16(tail[10:], n)
	binary.LittleEndian.PutUint32(tail[12:], uint32(n*len(directory)))
	documents, _, rejects, _ := one(Zip, RuleMember, "", bomb).documents(t)
	if len(documents) != 1 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonCorrupt || !strings.Contains(rejects[0].Detail, "overlap") {
		t.Errorf("%d documents, rejects %v", len(documents), rejects)
	}
}

// TestContainerBomb stops at the limit for all members together, and lets nothing go on behind it.
func TestContainerBomb(t *testing.T) {
	entries := []entry{{name: "a.txt", data: "甲"}}
	for i := range 4 {
		entries = append(entries, entry{name: fmt.Sprint(i, ".txt.gz"), data: string(gzipped(t, strings.Repeat("a\n", 1<<20))), method: zip.Deflate})
	}
	inContainers(t, entries, func(t *testing.T, in *input) {
		in.cfg.MaxExpandedBytes = 5 << 20
		in.cfg.Document = RuleFile
		documents, _, rejects, _ := in.documents(t)
		if len(documents) != 3 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonExpansion {
			t.Errorf("%d documents, rejects %v", len(documents), rejects)
		}
	})
}

func TestNoContainers(t *testing.T) {
	office := zipped(t, entry{name: "[Content_Types].xml", data: "<xml>"})
	for name, data := range map[string][]byte{"a.docx": zipped(t, entry{name: "a", data: "b"}), "a": office, "b.zip": office, "c.zip.gz": gzipped(t, string(zipped(t)))} {
		if d := Detect(name, data, Default()); d.Reject != ingest.ReasonBinary || isContainer(d.Format) {
			t.Errorf("%s is %+v, %q", name, d, d.Reject)
		}
	}
}

func fuzzContainer(f *testing.F, format string, build func(testing.TB, ...entry) []byte) {
	entries := []entry{
		{name: "a.txt", data: "甲"},
		{name: "b.jsonl", data: `{"text":"乙"}` + "\n" + `{"text":"丙"}`, method: zip.Deflate},
		{name: strings.Repeat("long", 50), data: string(gzipped(f, "x")), method: zip.Deflate},
		{name: "d/", kind: tar.TypeDir},
	}
	data := build(f, entries...)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(build(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := one(format, RuleMember, "", data)
		in.cfg.MaxDocumentBytes, in.cfg.MaxExpandedBytes = 1<<20, 4<<20
		documents, meta, _, _ := in.documents(t)
		seen := map[int64]bool{}
		for i, d := range documents {
			if seen[d.Offset] || !strings.Contains(meta[i], memberField) {
				t.Fatalf("document %d at %d of %s", i, d.Offset, meta[i])
			}
			seen[d.Offset] = true
		}
		if _, _, _, stored := in.raw(t); stored != int64(len(data)) {
			t.Fatalf("consumed %d of %d bytes", stored, len(data))
		}
	})
}

func FuzzZip(f *testing.F) { fuzzContainer(f, Zip, zipped) }
func FuzzTar(f *testing.F) { fuzzContainer(f, Tar, tarred) }
