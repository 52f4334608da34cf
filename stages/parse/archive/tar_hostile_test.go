package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
)

// TestTarHostile: what is in front of a header that cannot be believed is kept, and the reason says what is behind it.
func TestTarHostile(t *testing.T) {
	good, next := tarMember("good", "甲"), slices.Concat(tarMember("next", "乙"), tarEnd)
	badSum := tarMember("sum", "x")
	badSum[0] = 'S'
	binary := func(top byte, bytes ...byte) func([]byte) {
		return func(h []byte) {
			clear(h[124:136])
			h[124] = top
			copy(h[136-len(bytes):], bytes)
		}
	}
	large := tarContent(tarHeader("long", tar.TypeGNULongName, 1<<20+1), strings.Repeat("x", 1<<20+1))
	for _, tt := range []struct {
		name   string
		data   []byte
		want   []string // behind the good one
		reason string
	}{
		{"checksum", badSum, nil, ingest.ReasonCorrupt},
		{"no number for a size", tarMember("x", "x", set(124, "what?")), nil, ingest.ReasonCorrupt},
		{"no size", slices.Concat(tarMember("x", "", set(124, "            ")), next), []string{"x=", "next=乙"}, ""},
		{"binary size", slices.Concat(tarMember("x", "abc", binary(0x80, 3)), next), []string{"x=abc", "next=乙"}, ""},
		{"negative size", tarMember("x", "x", binary(0xff, 0xff)), nil, ingest.ReasonCorrupt},
		{"size beyond 64 bits", tarMember("x", "x", binary(0x80, 0xff, 0, 0, 0, 0, 0, 0, 0, 0)), nil, ingest.ReasonCorrupt},
		{"8 EiB", tarMember("x", "x", binary(0x80, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)), []string{"x wrong: " + truncated().Error()}, ingest.ReasonTruncated},
		{"8 GiB", tarMember("x", "x", set(124, "77777777777")), []string{"x wrong: " + truncated().Error()}, ingest.ReasonTruncated},
		{"size by attributes", slices.Concat(attributes('x', "size=3", "path=y"), tarContent(tarHeader("x", '0', 0), "abc"), next), []string{"y=abc", "next=乙"}, ""},
		{"negative by attributes", slices.Concat(attributes('x', "size=-3"), tarMember("x", "abc"), next), nil, ingest.ReasonCorrupt},
		{"too large by attributes", slices.Concat(attributes('x', "size=9223372036854775808"), tarMember("x", "abc"), next), nil, ingest.ReasonCorrupt},
		{"length of attributes", slices.Concat(tarContent(tarHeader("x", 'x', 9), "99 a=b\n--"), next), nil, ingest.ReasonCorrupt},
		{"attributes without a length", slices.Concat(tarContent(tarHeader("x", 'x', 9), "path=abc\n"), next), nil, ingest.ReasonCorrupt},
		{"attributes without a line end", slices.Concat(tarContent(tarHeader("x", 'x', 9), "9 path=ab"), next), nil, ingest.ReasonCorrupt},
		{"long name of 1 MiB", slices.Concat(large, next), nil, ingest.ReasonCorrupt},
		{"attributes of 8 EiB", tarMember("x", "x", set(156, "x"), binary(0x80, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)), nil, ingest.ReasonTruncated},
		{"attributes without a member", attributes('x', "path=y"), nil, ingest.ReasonTruncated},
		{"attributes in front of the end", slices.Concat(attributes('x', "path=y"), tarEnd), nil, ""},
		{"empty long name", slices.Concat(tarContent(tarHeader("x", 'L', 1), "\x00"), next), []string{"next=乙"}, ""},
		{"sparse map without an end", slices.Concat(tarMember("x", "", set(156, "S"), set(257, "ustar  \x00"), set(482, "\x01")), bytes.Repeat([]byte("1"), 10*tarBlock)), nil, ingest.ReasonTruncated},
		{"sparse map of more than 1 MiB", slices.Concat(tarMember("x", "", set(156, "S"), set(257, "ustar  \x00"), set(482, "\x01")), bytes.Repeat([]byte("1"), 1<<20)), nil, ingest.ReasonCorrupt},
		{"sparse map beyond the file", slices.Concat(attributes('x', "GNU.sparse.map=0,9", "GNU.sparse.numblocks=1", "GNU.sparse.size=3"), tarMember("x", "abc")), nil, ingest.ReasonCorrupt},
		{"sparse map without numbers", slices.Concat(attributes('x', "GNU.sparse.major=1", "GNU.sparse.minor=0"), tarMember("x", "abc\n"+strings.Repeat("x", tarBlock))), nil, ingest.ReasonCorrupt},
		{"sparse in a way to come", slices.Concat(attributes('x', "GNU.sparse.major=2", "GNU.sparse.minor=0"), tarMember("x", "abc"), next), []string{"x unsupported", "next=乙"}, ""},
		{"owner that is no number", slices.Concat(tarMember("x", "abc", set(108, "nobody")), next), nil, ingest.ReasonCorrupt},
		{"time that is none", slices.Concat(attributes('x', "mtime=yesterday"), tarMember("x", "abc"), next), nil, ingest.ReasonCorrupt},
		{"a size in front of attributes", slices.Concat(tarMember("x", "x", set(156, "g"), set(124, "77777777777")), next), nil, ingest.ReasonTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := slices.Concat(good, tt.data)
			for _, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
				members, end := list(NewTar(r))
				for i := range members {
					members[i].Wrong = strings.TrimSpace(members[i].Wrong)
				}
				if diff := cmp.Diff(append([]string{"good=甲"}, tt.want...), summary(members)); diff != "" || reason(t, end) != tt.reason {
					t.Error(end, diff)
				}
			}
		})
	}
}

// TestTarCut keeps the members in front of the cut, wherever it is.
func TestTarCut(t *testing.T) {
	data := slices.Concat(tarMember("a", "甲"), attributes('x', "path=b"), tarMember("x", strings.Repeat("乙", 300)), tarMember("c", "丙"), tarEnd)
	whole, _ := listTar(data)
	last := 0
	for cut := range len(data) + 1 {
		members, end := listTar(data[:cut])
		if n := len(members); n < last || n > len(whole) {
			t.Fatalf("cut at %d: %v", cut, summary(members))
		}
		for i, m := range members {
			if m.Wrong == "" && m != whole[i] || m.Wrong != "" && i < len(members)-1 {
				t.Fatalf("cut at %d: %v", cut, summary(members))
			}
		}
		want := ingest.ReasonTruncated
		if cut >= len(data)-tarBlock {
			want = ""
		}
		if last = len(members); reason(t, end) != want {
			t.Fatalf("cut at %d: %v", cut, end)
		}
	}
}

// TestTarUnreadable gives an error of the stream as it is, from wherever it comes.
func TestTarUnreadable(t *testing.T) {
	data := slices.Concat(tarMember("a", "甲"), attributes('x', "path=b"), tarMember("x", strings.Repeat("乙", 300)), tarEnd)
	for cut := range len(data) {
		_, end := list(NewTar(io.MultiReader(bytes.NewReader(data[:cut]), iotest.ErrReader(io.ErrClosedPipe))))
		if !errors.Is(end, io.ErrClosedPipe) {
			t.Fatalf("from %d: %v", cut, end)
		}
	}
}

func TestIsTar(t *testing.T) {
	header := tarHeader("a", '0', 0)
	broken := bytes.Clone(header)
	broken[3] = 1
	for name, tt := range map[string]struct {
		head []byte
		want bool
	}{
		"header": {header, true}, "with more": {append(bytes.Clone(header), "more"...), true}, "short": {header[:511], false},
		"zeros": {make([]byte, 1024), false}, "text": {bytes.Repeat([]byte("text "), 200), false}, "sum": {broken, false},
		"attributes": {attributes('x', "path=a")[:512], true}, "long name": {tarHeader("x", 'L', 99), true}, "folder": {tarHeader("x/", '5', 0), true},
		"sparse": {tarHeader("x", 'S', 99, set(257, "ustar  \x00"), set(482, "\x01")), true},
	} {
		if got := IsTar(tt.head); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// manyMembers is a tar stream that is made while it is read.
type manyMembers struct {
	left int
	buf  []byte
}

func (m *manyMembers) Read(p []byte) (int, error) {
	if len(m.buf) == 0 {
		if m.left == 0 {
			return 0, io.EOF
		}
		m.left--
		name := fmt.Sprintf("%07d/%s.txt", m.left, strings.Repeat("名", 60))
		m.buf = slices.Concat(attributes('x', "path="+name, "comment="+strings.Repeat("c", 3000)), tarMember("x", name))
		if m.left == 0 {
			m.buf = append(m.buf, tarEnd...)
		}
	}
	n := copy(p, m.buf)
	m.buf = m.buf[n:]
	return n, nil
}

// TestTarMany reads many members in the memory of one.
func TestTarMany(t *testing.T) {
	const n = 20_000
	r := NewTar(&manyMembers{left: n})
	seen := 0
	grown := kept(func() *Tar {
		for {
			m, err := r.Next()
			if errors.Is(err, io.EOF) {
				return r
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, err := text(r); err != nil || got != m.Name {
				t.Fatalf("%s has %q, %v", m.Name, got, err)
			}
			seen++
		}
	})
	if seen != n || grown > 256<<10 {
		t.Errorf("%d members, %d bytes kept", seen, grown)
	}
}
