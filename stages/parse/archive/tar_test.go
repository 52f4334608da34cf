package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
)

// tarHeader is a header in the format ustar with its checksum, as a test changed it.
func tarHeader(name string, kind byte, size int, change ...func(h []byte)) []byte {
	h := make([]byte, tarBlock)
	copy(h, name)
	for _, field := range []struct{ at, digits, value int }{{100, 7, 0o644}, {108, 7, 0}, {116, 7, 0}, {124, 11, size}, {136, 11, 0}} {
		copy(h[field.at:], fmt.Sprintf("%0*o", field.digits, field.value))
	}
	h[156] = kind
	copy(h[257:], "ustar\x0000")
	for _, c := range change {
		c(h)
	}
	copy(h[148:], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// tarMember is a whole member.
func tarMember(name, text string, change ...func(h []byte)) []byte {
	return tarContent(tarHeader(name, tar.TypeReg, len(text), change...), text)
}

func tarContent(header []byte, text string) []byte {
	return slices.Concat(header, []byte(text), make([]byte, -len(text)&(tarBlock-1)))
}

// attributes is an extended header of these records.
func attributes(kind byte, records ...string) []byte {
	var all strings.Builder
	for _, r := range records {
		n := len(r) + 3 // with a blank, a line end and one digit
		for n != len(r)+2+len(strconv.Itoa(n)) {
			n++
		}
		fmt.Fprintf(&all, "%d %s\n", n, r)
	}
	return tarContent(tarHeader("attributes", kind, all.Len()), all.String())
}

// set writes into a header.
func set(at int, text string) func([]byte) { return func(h []byte) { copy(h[at:], text) } }

// tarEnd is what stands behind the last member.
var tarEnd = make([]byte, 2*tarBlock)

func listTar(data []byte) ([]listed, error) { return list(NewTar(bytes.NewReader(data))) }

// TestTarFormats reads what the library's writer makes in each format: it is the names that differ.
func TestTarFormats(t *testing.T) {
	long := strings.Repeat("folder/", 30) + "name.txt"
	gbk := "\xd6\xd0\xce\xc4.txt"
	for format, names := range map[tar.Format][]string{
		tar.FormatUSTAR: {"a.txt", strings.Repeat("p", 150) + "/" + strings.Repeat("n", 99)},
		tar.FormatGNU:   {"a.txt", long, "名字.txt", gbk, strings.Repeat("长", 2000)},
		tar.FormatPAX:   {"a.txt", long, "名字.txt", gbk, strings.Repeat("长", 2000)},
	} {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		var want []string
		for i, name := range names {
			text := strings.Repeat("文", 100*i)
			h := &tar.Header{Format: format, Name: name, Size: int64(len(text)), Mode: 0o600, Typeflag: tar.TypeReg}
			if err := w.WriteHeader(h); err != nil {
				t.Fatal(format, err)
			}
			if _, err := io.WriteString(w, text); err != nil {
				t.Fatal(err)
			}
			want = append(want, memberName([]byte(name))+"="+text)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		members, end := listTar(out.Bytes())
		if diff := cmp.Diff(want, summary(members)); diff != "" || reason(t, end) != "" {
			t.Errorf("%v: %v %s", format, end, diff)
		}
		for i, m := range members {
			if m.Bytes != int64(300*i) {
				t.Errorf("%v: %s has %d bytes", format, m.Name, m.Bytes)
			}
		}
		if !IsTar(out.Bytes()) {
			t.Errorf("%v is no tar file", format)
		}
	}
}

// TestTarKinds passes over what is no file, whatever it says of its size, and over headers that describe none.
func TestTarKinds(t *testing.T) {
	data := slices.Concat(
		attributes(tar.TypeXGlobalHeader, "path=for all", "comment=a commit"),
		tarMember("v7", "甲", set(156, "\x00"), set(257, "\x00\x00\x00\x00\x00\x00\x00\x00")),
		tarHeader("hard", tar.TypeLink, 4000), tarHeader("soft", tar.TypeSymlink, 4000), tarHeader("tty", tar.TypeChar, 0),
		tarHeader("disk", tar.TypeBlock, 0), tarHeader("folder", tar.TypeDir, 700), tarHeader("pipe", tar.TypeFifo, 0),
		tarMember("old folder/", "", set(156, "\x00")), tarMember("list of a folder", "abc", set(156, "D")),
		tarMember("volume", "", set(156, "V")), tarMember("continued", "abc", set(156, "M")), tarMember("renamed", "abc", set(156, "N")),
		tarMember("solaris", "whatever", set(156, "X")),
		tarMember(".hidden", "abc"), tarMember("contiguous", "乙", set(156, "7")), tarMember("unknown", "丙", set(156, "Z")),
		tarMember("star", "丁", set(508, "tar\x00")),
		tarContent(tarHeader("long link", 'K', 5), "link\x00"), tarHeader("links", tar.TypeSymlink, 0),
		tarEnd,
	)
	members, end := listTar(data)
	want := []string{
		"v7=甲", "hard skipped", "soft skipped", "tty skipped", "disk skipped", "folder skipped", "pipe skipped", "old folder/ skipped",
		"list of a folder skipped", "volume skipped", "continued skipped", "renamed skipped", ".hidden skipped", "contiguous=乙", "unknown=丙",
		"star=丁", "links skipped",
	}
	if diff := cmp.Diff(want, summary(members)); diff != "" || reason(t, end) != "" {
		t.Error(end, diff)
	}
}

// TestTarSparse has archives that GNU tar 1.34 made of two files of a line and one of 40 GiB with 30 pieces of text in it:
//
//	tar -S --format=gnu -cf sparse-gnu.tar before.txt holes.txt after.txt
//	tar -S --format=pax --sparse-version=1.0 -cf sparse-pax-1.0.tar before.txt holes.txt after.txt
func TestTarSparse(t *testing.T) {
	files, err := filepath.Glob("testdata/sparse-*.tar.gz")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data := unpacked(t, file)
			for _, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
				members, end := list(NewTar(r))
				want := []string{"before.txt=甲\n", "holes.txt unsupported", "after.txt=乙\n"}
				if diff := cmp.Diff(want, summary(members)); diff != "" || reason(t, end) != "" {
					t.Fatal(end, diff)
				}
				if stored := members[1].Bytes; stored < 30*4096 || stored > 31*4096 {
					t.Errorf("%d bytes are stored", stored)
				}
			}
			// One behind the other, and with the sparse file as the last one.
			members, end := listTar(slices.Concat(data, data))
			if len(members) != 6 || reason(t, end) != "" {
				t.Errorf("twice: %v, %v", summary(members), end)
			}
			last := data[:bytes.LastIndex(data, []byte("after.txt"))]
			if i := bytes.LastIndex(last, []byte("after.txt")); i > bytes.LastIndex(last, []byte("holes.txt")) {
				last = last[:i] // its extended header
			}
			last = last[:len(last)&^(tarBlock-1)]
			for more, want := range map[string]string{"": ingest.ReasonTruncated, string(tarEnd): "", string(tarEnd) + string(tarMember("x", "丙")) + string(tarEnd): ""} {
				members, end := listTar(slices.Concat(last, []byte(more)))
				if reason(t, end) != want || len(members) != 2+strings.Count(more, "x") {
					t.Errorf("as the last one: %v, %v", summary(members), end)
				}
			}
			for cut := range len(last) / tarBlock {
				members, end := listTar(last[:cut*tarBlock])
				if reason(t, end) != ingest.ReasonTruncated || len(members) > 2 {
					t.Fatalf("cut at block %d: %v, %v", cut, summary(members), end)
				}
			}
		})
	}
}

func unpacked(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTarEnds has all ways in which one archive ends and another begins.
func TestTarEnds(t *testing.T) {
	a, b := tarMember("a", "甲"), tarMember("b", strings.Repeat("\x00", 3*tarBlock))
	zeros := func(n int) []byte { return make([]byte, n) }
	both := []string{"a=甲", "b=" + strings.Repeat("\x00", 3*tarBlock)}
	for _, tt := range []struct {
		name   string
		data   []byte
		want   []string
		reason string
	}{
		{"usual", slices.Concat(a, b, tarEnd), both, ""},
		{"one block", slices.Concat(a, b, zeros(512)), both, ""},
		{"many blocks", slices.Concat(a, b, zeros(17*512)), both, ""},
		{"blocks and a part", slices.Concat(a, b, zeros(512+100)), both, ""},
		{"part of a block", slices.Concat(a, b, zeros(100)), both, ingest.ReasonTruncated},
		{"none", slices.Concat(a, b), both, ingest.ReasonTruncated},
		{"within the padding", a[:len(a)-10], both[:1], ingest.ReasonTruncated},
		{"joined", slices.Concat(a, tarEnd, b, tarEnd), both, ""},
		{"joined behind one block", slices.Concat(a, zeros(512), b, tarEnd), both, ""},
		{"joined behind many blocks", slices.Concat(a, zeros(15*512), b, tarEnd), both, ""},
		{"joined, the second one is cut", slices.Concat(a, tarEnd, b), both, ingest.ReasonTruncated},
		{"joined, the second one is cut in its header", slices.Concat(a, tarEnd, b[:100]), both[:1], ingest.ReasonTruncated},
		{"zeros in front", slices.Concat(zeros(512), a, tarEnd), both[:1], ""},
		{"garbage behind", slices.Concat(a, tarEnd, bytes.Repeat([]byte("garbage "), 100)), both[:1], ingest.ReasonCorrupt},
		{"little garbage behind", slices.Concat(a, tarEnd, []byte("garbage")), both[:1], ingest.ReasonTruncated},
		{"garbage between", slices.Concat(a, bytes.Repeat([]byte("garbage "), 64), b, tarEnd), both[:1], ingest.ReasonCorrupt},
		{"zeros alone", zeros(10240), nil, ""},
		{"nothing", nil, nil, ingest.ReasonTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{
				bytes.NewReader(tt.data), iotest.OneByteReader(bytes.NewReader(tt.data)), iotest.DataErrReader(bytes.NewReader(tt.data)),
			} {
				members, end := list(NewTar(r))
				if diff := cmp.Diff(tt.want, summary(members)); diff != "" || reason(t, end) != tt.reason {
					t.Error(end, diff)
				}
			}
		})
	}
}

// TestTarUnread goes on from wherever a member was left.
func TestTarUnread(t *testing.T) {
	data := slices.Concat(tarMember("a", strings.Repeat("x", 70_000)), tarMember("b", "乙"), tarEnd)
	for _, n := range []int64{0, 1, 511, 512, 513, 70_000} {
		r := NewTar(bytes.NewReader(data))
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		s, err := r.Open()
		if err != nil {
			t.Fatal(err)
		}
		if k, err := io.CopyN(io.Discard, s, n); k != n || err != nil {
			t.Fatal(k, err)
		}
		members, end := list(r)
		if diff := cmp.Diff([]string{"b=乙"}, summary(members)); diff != "" || reason(t, end) != "" {
			t.Errorf("%d bytes: %v %s", n, end, diff)
		}
	}
}

// TestIsTarAsTheLibrary holds that the look at the sum changes nothing.
func TestIsTarAsTheLibrary(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "a.txt", Size: 1, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	header := b.Bytes()[:tarBlock]
	library := func(head []byte) bool {
		_, err := tar.NewReader(bytes.NewReader(head)).Next()
		return !errors.Is(err, tar.ErrHeader)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	fields := []string{"", " ", "\x00", "0", "7", "8", "012345\x00 ", "  1", "-1", "+1", "0o1", "文", "\x80\x00\x00\x01", "1\x00x"}
	for range 20_000 {
		head := bytes.Clone(header)
		if rng.IntN(2) == 0 {
			sum := fmt.Sprintf("%s%o%s", []string{"", " ", "\x00", "  ", "0"}[rng.IntN(5)], 4000+rng.IntN(3000), []string{"", "\x00", " ", "\x00 "}[rng.IntN(4)])
			copy(head[tarSum:tarSum+tarSumBytes], sum+"\x00\x00\x00\x00\x00\x00\x00\x00")
		} else {
			copy(head[tarSum:tarSum+tarSumBytes], fields[rng.IntN(len(fields))])
		}
		if rng.IntN(4) == 0 {
			head[rng.IntN(len(head))] = byte(rng.Uint32())
		}
		if head[0] != 0 && IsTar(head) != library(head) {
			t.Fatalf("%v, the library says otherwise, of %q", IsTar(head), head)
		}
	}
	if !IsTar(header) {
		t.Error("a header is none")
	}
}
