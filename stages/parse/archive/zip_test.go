package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// zipFile is a zip file as the library writes it. change may alter the header of a member, of which text is the content.
func zipFile(t testing.TB, members ...zipMember) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		h := zip.FileHeader{Name: m.name, Method: m.method, NonUTF8: true}
		if m.change != nil {
			m.change(&h)
		}
		if m.raw == nil {
			f, err := w.CreateHeader(&h)
			if err == nil {
				_, err = io.WriteString(f, m.text)
			}
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc32.ChecksumIEEE([]byte(m.text)), uint64(len(m.raw)), uint64(len(m.text))
		f, err := w.CreateRaw(&h)
		if err == nil {
			_, err = f.Write(m.raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type zipMember struct {
	name, text string
	method     uint16
	raw        []byte // the text as it is stored, if the library cannot
	change     func(h *zip.FileHeader)
}

func openZip(data []byte) (*Zip, error) {
	return OpenZip(bytes.NewReader(data), int64(len(data)), codec.NewSource())
}

func listZip(data []byte) ([]listed, error) {
	z, err := openZip(data)
	if err != nil {
		return nil, err
	}
	return list(z)
}

// find returns where the nth record with a mark is, counted from behind if n is negative.
func find(t testing.TB, data []byte, mark uint32, n int) int {
	t.Helper()
	m := binary.LittleEndian.AppendUint32(nil, mark)
	var places []int
	for at := 0; ; at++ {
		i := bytes.Index(data[at:], m)
		if i < 0 {
			break
		}
		at += i
		places = append(places, at)
	}
	if n < 0 {
		n += len(places)
	}
	if n < 0 || n >= len(places) {
		t.Fatalf("%d records of %x", len(places), mark)
	}
	return places[n]
}

// changed is a copy with other bytes at a place.
func changed(data []byte, at int, to ...byte) []byte {
	data = bytes.Clone(data)
	copy(data[at:], to)
	return data
}

func le16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func TestZipMembers(t *testing.T) {
	long := strings.Repeat("长文。\n", 5000)
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := encoder.EncodeAll([]byte(long), nil)
	unicodePath := append(append([]byte{1}, le32(int(crc32.ChecksumIEEE([]byte("x.txt"))))...), "真名.txt"...)
	otherPath := append([]byte{1, 0, 0, 0, 0}, "not this one"...) // the checksum is of another name
	data := zipFile(t,
		zipMember{name: "stored", text: "甲"}, zipMember{name: "deflated", text: long, method: zip.Deflate},
		zipMember{name: "zstd", text: long, method: 93, raw: packed}, zipMember{name: "old zstd", text: long, method: 20, raw: packed},
		zipMember{name: "empty"}, zipMember{name: "folder/"},
		zipMember{name: "\xd6\xd0\xce\xc4.txt", text: "乙"}, zipMember{name: "\xff.txt", text: "丙"},
		zipMember{name: "x.txt", text: "丁", change: func(h *zip.FileHeader) {
			h.Extra = slices.Concat([]byte("ab\x01\x00."), le16(0x7075), le16(len(unicodePath)), unicodePath)
		}},
		zipMember{name: "y.txt", text: "戊", change: func(h *zip.FileHeader) { h.Extra = slices.Concat(le16(0x7075), le16(len(otherPath)), otherPath) }},
		zipMember{name: "z.txt", text: "己", change: func(h *zip.FileHeader) { h.Extra = []byte("ab\xff\xff.") }}, // beyond its end
		zipMember{name: "link", text: "stored", change: func(h *zip.FileHeader) { h.SetMode(0o777 | 1<<27) }},
		zipMember{name: `old\folder\`}, zipMember{name: `text\`, text: "no folder"},
		zipMember{name: "secret", text: "?", change: func(h *zip.FileHeader) { h.Flags |= 1 }},
		zipMember{name: "lzma", text: "?", method: 14, raw: []byte("???")},
		zipMember{name: "two sizes", text: "abcd", raw: []byte("abc")},
		zipMember{name: "comment", text: "庚", change: func(h *zip.FileHeader) { h.Comment = strings.Repeat("x", 1000) }},
	)
	members, end := listZip(data)
	want := []string{
		"stored=甲", "deflated=" + long, "zstd=" + long, "old zstd=" + long, "empty=", "folder/ skipped", "中文.txt=乙", "\uFFFD.txt=丙",
		"真名.txt=丁", "y.txt=戊", "z.txt=己", "link skipped", `old\folder\ skipped`, `text\=no folder`, "secret encrypted", "lzma unsupported",
		"two sizes corrupt", "comment=庚",
	}
	if diff := cmp.Diff(want, summary(members)); diff != "" || reason(t, end) != "" {
		t.Error(end, diff)
	}
	if m := members[1]; m.Expanded != int64(len(long)) || m.Bytes >= m.Expanded || m.Bytes < 1 {
		t.Errorf("%d bytes of %d", m.Bytes, m.Expanded)
	}
}

// TestZipPlaces has a zip file behind other bytes, and in front of some, with offsets by either custom.
func TestZipPlaces(t *testing.T) {
	data := zipFile(t, zipMember{name: "a", text: "甲"}, zipMember{name: "b", text: "乙", method: zip.Deflate})
	want := []string{"a=甲", "b=乙"}
	program := []byte("#!/bin/sh\nunzip $0\nexit\n")
	adjusted := slices.Concat(program, data)
	for _, i := range []int{0, 1} {
		at := find(t, adjusted, directoryMark, i) + 42
		binary.LittleEndian.PutUint32(adjusted[at:], binary.LittleEndian.Uint32(adjusted[at:])+uint32(len(program)))
	}
	end := find(t, adjusted, endMark, -1) + 16
	binary.LittleEndian.PutUint32(adjusted[end:], binary.LittleEndian.Uint32(adjusted[end:])+uint32(len(program)))
	comment := changed(data, len(data)-2, le16(10)...)
	comment = append(comment, "PK\x05\x06 is it"...)
	signed := slices.Concat(data[:find(t, data, endMark, 0)], []byte("a signature between"), data[find(t, data, endMark, 0):])
	for name, tt := range map[string]struct {
		data   []byte
		reason string
	}{
		"alone": {data, ""}, "behind a program": {slices.Concat(program, data), ""}, "behind a program that it knows of": {adjusted, ""},
		"with a comment": {comment, ""}, "with a gap in front of its end": {signed, ""}, "in front of zeros": {append(bytes.Clone(data), make([]byte, 500)...), ""},
		"in front of text": {append(bytes.Clone(data), "text"...), ingest.ReasonCorrupt},
	} {
		members, end := listZip(tt.data)
		if diff := cmp.Diff(want, summary(members)); diff != "" || reason(t, end) != tt.reason {
			t.Errorf("%s: %v %s", name, end, diff)
		}
	}
	for name, data := range map[string][]byte{"empty": zipFile(t), "empty, twice": slices.Concat(zipFile(t), zipFile(t))} {
		if members, end := listZip(data); len(members) > 0 || reason(t, end) != "" {
			t.Errorf("%s: %v %v", name, summary(members), end)
		}
	}
	members, last := listZip(slices.Concat(data, data, program, data))
	if diff := cmp.Diff(slices.Concat(want, want, want), summary(members)); diff != "" || reason(t, last) != ingest.ReasonCorrupt {
		t.Errorf("joined: %v %s", last, diff)
	}
}

// large is a zip file as of members with more than 4 GiB: sizes, offset and the directory's place are in their own records.
func large(t testing.TB, stored, expanded, offset uint64) []byte {
	t.Helper()
	data := zipFile(t, zipMember{name: "a", text: "甲", raw: []byte("甲")})
	at, end := find(t, data, directoryMark, 0), find(t, data, endMark, 0)
	le := binary.LittleEndian
	entry := bytes.Clone(data[at:end])
	for _, field := range []int{20, 24, 42} {
		copy(entry[field:], "\xff\xff\xff\xff")
	}
	copy(entry[30:], le16(28))
	entry = append(append(entry, 1, 0), le16(24)...)
	entry = le.AppendUint64(le.AppendUint64(le.AppendUint64(entry, expanded), stored), offset)
	out := slices.Concat(data[:at], entry)
	end64 := uint64(len(out))
	out = append(le.AppendUint64(le.AppendUint32(out, end64Mark), 44), make([]byte, 12)...)
	out = le.AppendUint64(le.AppendUint64(out, 1), 1)
	out = le.AppendUint64(le.AppendUint64(out, uint64(len(entry))), uint64(at))
	out = le.AppendUint64(append(le.AppendUint32(out, locatorMark), 0, 0, 0, 0), end64)
	return slices.Concat(out, le32(1), data[end:end+12], []byte("\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"))
}

func TestZipLarge(t *testing.T) {
	data := large(t, 3, 3, 0)
	for name, data := range map[string][]byte{"alone": data, "behind a program": append([]byte("program"), data...)} {
		if members, end := listZip(data); len(members) != 1 || members[0].Text != "甲" || reason(t, end) != "" {
			t.Errorf("%s: %v %v", name, summary(members), end)
		}
	}
	for name, data := range map[string][]byte{
		"stored beyond 63 bits": large(t, 1<<63, 3, 0), "expanded beyond 63 bits": large(t, 3, 1<<63, 0), "offset beyond 63 bits": large(t, 3, 3, 1<<63),
		"stored beyond the file": large(t, 1<<40, 3, 0), "offset beyond the file": large(t, 3, 3, 1<<40), "sum beyond 63 bits": large(t, 1<<63-1, 3, 1<<62),
		"no large end": changed(data, find(t, data, end64Mark, 0), 0), "locator elsewhere": changed(data, find(t, data, end64Mark, 0)+3, 0xff),
		"directory beyond the file": changed(data, find(t, data, end64Mark, 0)+40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
	} {
		if members, end := listZip(data); len(members) > 0 || reason(t, end) != ingest.ReasonCorrupt {
			t.Errorf("%s: %v %v", name, summary(members), end)
		}
	}
	split := changed(data, find(t, data, end64Mark, 0)+16, 1)
	if _, end := listZip(split); reason(t, end) != ingest.ReasonUnsupported {
		t.Errorf("in parts: %v", end)
	}
	bomb := large(t, 3, 1<<50, 0)
	if members, end := listZip(bomb); len(members) != 1 || members[0].Reject != ingest.ReasonCorrupt || reason(t, end) != "" {
		t.Errorf("a claim of 1 PiB: %v %v", summary(members), end)
	}
}

// TestZipMany reads the directory as a stream: what is kept does not grow with the number of members.
func TestZipMany(t *testing.T) {
	const n = 50_000
	members := make([]zipMember, n)
	for i := range members {
		members[i] = zipMember{name: fmt.Sprintf("%05d/%s.txt", i, strings.Repeat("n", 100)), text: "x"}
	}
	data := zipFile(t, members...)
	seen := 0
	grown := kept(func() *Zip {
		z, err := openZip(data)
		if err != nil {
			t.Fatal(err)
		}
		for {
			m, err := z.Next()
			if errors.Is(err, io.EOF) {
				return z
			}
			if err != nil || m.Name != members[seen].name {
				t.Fatal(m, err)
			}
			seen++
		}
	})
	if seen != n || grown > 512<<10 {
		t.Errorf("%d members, %d bytes kept", seen, grown)
	}
}
