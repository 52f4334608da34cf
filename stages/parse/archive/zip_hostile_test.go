package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// TestZipHostile: a member that cannot be read does not touch the ones behind it; a directory that cannot be believed does.
func TestZipHostile(t *testing.T) {
	good := zipFile(t, zipMember{name: "a", text: strings.Repeat("甲", 200), method: zip.Deflate}, zipMember{name: "b", text: "乙"})
	local, entry, end := find(t, good, localMark, 0), find(t, good, directoryMark, 0), find(t, good, endMark, 0)
	second := find(t, good, directoryMark, 1)
	text := strings.Repeat("甲", 200)
	inA := func(wrong string) []string { return []string{"a wrong: " + wrong, "b=乙"} }
	const sums = "corrupt: the member does not have the checksum or size of the directory"
	for _, tt := range []struct {
		name   string
		data   []byte
		want   []string
		reason string
	}{
		{"good", good, []string{"a=" + text, "b=乙"}, ""},
		{"checksum", changed(good, entry+16, 1), inA(sums), ""},
		{"shorter than said", changed(good, entry+24, le32(601)...), inA(sums), ""},
		{"longer than said", changed(good, entry+24, le32(599)...), inA("corrupt: the member is longer than the directory says"), ""},
		{"no member", changed(good, local, 'X'), inA("corrupt: no member at 0"), ""},
		{"member beyond the file", changed(good, local+26, 0xff, 0xff), inA(fmt.Sprintf("corrupt: a member of %d bytes at 65565 goes beyond the zip file", binary.LittleEndian.Uint32(good[entry+20:]))), ""},
		{"member begins at the end", changed(good, second+42, le32(len(good)-10)...), []string{"a=" + text, fmt.Sprintf("b wrong: corrupt: a member at %d lies outside of the zip file", len(good)-10)}, ingest.ReasonCorrupt},
		{"offset beyond the file", changed(good, second+42, 0xff, 0xff, 0xff, 0x7f), []string{"a=" + text}, ingest.ReasonCorrupt},
		{"size beyond the file", changed(good, second+20, 0xff, 0xff, 0xff, 0x7f), []string{"a=" + text}, ingest.ReasonCorrupt},
		{"overlap", changed(good, second+42, 0, 0, 0, 0), []string{"a=" + text}, ingest.ReasonCorrupt},
		{"no entry", changed(good, second, 'X'), []string{"a=" + text}, ingest.ReasonCorrupt},
		{"entry ends in its head", changed(good, end+12, le32(second-entry+10)...), []string{"a=" + text}, ingest.ReasonCorrupt},
		{"entry ends in its name", changed(good, second+28, 0xff), []string{"a=" + text}, ingest.ReasonCorrupt},
		{"entry ends in its comment", changed(good, second+32, 0xff), []string{"a=" + text}, ingest.ReasonCorrupt},
		{"directory beyond the file", changed(good, end+12, 0xff, 0xff, 0xff, 0x7f), nil, ingest.ReasonCorrupt},
		{"directory elsewhere", changed(good, end+16, 0xff, 0xff, 0xff, 0x7f), nil, ingest.ReasonCorrupt},
		{"in parts", changed(good, end+4, 1), nil, ingest.ReasonUnsupported},
		{"no end", good[:end], nil, ingest.ReasonTruncated},
		{"end without its end", good[:len(good)-1], nil, ingest.ReasonTruncated},
		{"comment beyond the file", changed(good, len(good)-2, 1), nil, ingest.ReasonTruncated},
		{"nothing", nil, nil, ingest.ReasonTruncated},
		{"text", []byte(strings.Repeat("no zip file", 10_000)), nil, ingest.ReasonTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			members, end := listZip(tt.data)
			for i, m := range members {
				if m.Wrong != "" {
					members[i].Wrong, _, _ = strings.Cut(m.Wrong, "\n")
				}
			}
			if diff := cmp.Diff(tt.want, summary(members)); diff != "" || reason(t, end) != tt.reason {
				t.Error(end, diff)
			}
		})
	}
}

// TestZipCut takes no cut file for a whole one, and neither panics nor loses what a joined file in front of it has.
func TestZipCut(t *testing.T) {
	first := zipFile(t, zipMember{name: "a", text: "甲"})
	data := slices.Concat(first, zipFile(t, zipMember{name: "b", text: strings.Repeat("乙", 100), method: zip.Deflate}, zipMember{name: "c"}))
	for cut := range len(data) {
		members, end := listZip(data[:cut])
		switch want := reason(t, end); {
		case cut == len(first) && (want != "" || len(members) != 1):
			t.Errorf("the first one: %v, %v", summary(members), end)
		case cut < len(first) && (want != ingest.ReasonTruncated || len(members) > 0):
			t.Errorf("cut at %d: %v, %v", cut, summary(members), end)
		case cut > len(first) && (want != ingest.ReasonCorrupt || len(members) != 1 || members[0].Text != "甲"):
			t.Errorf("cut at %d: %v, %v", cut, summary(members), end)
		}
	}
}

// failing gives an error for whatever reaches into its bytes from an offset on.
type failing struct {
	io.ReaderAt
	from, to int64
	err      error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off < f.to && off+int64(len(p)) > f.from {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p, off)
}

// TestZipUnreadable gives an error of the file as it is, wherever it is met.
func TestZipUnreadable(t *testing.T) {
	data := slices.Concat([]byte("program"), large(t, 3, 3, 0), zipFile(t, zipMember{name: "b", text: strings.Repeat("乙", 100)}))
	for from := range len(data) {
		object := failing{bytes.NewReader(data), int64(from), int64(from) + 1, io.ErrClosedPipe}
		z, err := OpenZip(object, int64(len(data)), codec.NewSource())
		var members []listed
		if err == nil {
			members, err = list(z)
		}
		inText := slices.ContainsFunc(members, func(m listed) bool { return strings.Contains(m.Wrong, io.ErrClosedPipe.Error()) })
		if !errors.Is(err, io.ErrClosedPipe) && !inText && from >= len("program") {
			// Some bytes of a header nobody needs, but everything is read with the block it is in.
			t.Errorf("from %d: %v, %v", from, summary(members), err)
		}
	}
	for _, tt := range []struct{ given, want error }{{io.EOF, io.ErrUnexpectedEOF}, {nil, io.ErrNoProgress}} {
		_, err := OpenZip(failing{bytes.NewReader(data), 0, int64(len(data)), tt.given}, int64(len(data)), codec.NewSource())
		if !errors.Is(err, tt.want) {
			t.Errorf("%v becomes %v", tt.given, err)
		}
	}
}

// TestZipUnlisted tells of members that no directory lists, as far as it keeps count.
func TestZipUnlisted(t *testing.T) {
	build := func(n int) []byte {
		members := make([]zipMember, n)
		for i := range members {
			members[i] = zipMember{name: strconv.Itoa(i), text: "x"}
		}
		return zipFile(t, members...)
	}
	reordered := func(data []byte, order func(entries [][]byte) [][]byte) []byte {
		at, end := find(t, data, directoryMark, 0), find(t, data, endMark, -1)
		var entries [][]byte
		for rest := data[at:end]; len(rest) > 0; {
			n := entryLength + int(binary.LittleEndian.Uint16(rest[28:])) + int(binary.LittleEndian.Uint16(rest[30:])) + int(binary.LittleEndian.Uint16(rest[32:]))
			entries, rest = append(entries, rest[:n]), rest[n:]
		}
		return slices.Concat(data[:at], slices.Concat(order(entries)...), data[end:])
	}
	backwards := func(entries [][]byte) [][]byte { slices.Reverse(entries); return entries }
	if members, end := listZip(reordered(build(100), backwards)); len(members) != 100 || reason(t, end) != "" {
		t.Errorf("backwards: %d members, %v", len(members), end)
	}
	everySecond := func(entries [][]byte) [][]byte {
		for i := range len(entries) / 2 {
			entries[i] = entries[2*i]
		}
		return entries[:len(entries)/2]
	}
	for n, want := range map[int]string{100: ingest.ReasonCorrupt, 3 * maxUnlisted: ""} {
		data := reordered(build(n), everySecond)
		end := find(t, data, endMark, -1)
		size := end - find(t, data, directoryMark, 0)
		members, last := listZip(changed(data, end+12, le32(size)...))
		if len(members) != n/2 || reason(t, last) != want {
			t.Errorf("every second of %d: %d members, %v", n, len(members), last)
		}
	}
	many := bytes.Repeat(zipFile(t), maxParts+1)
	if _, end := listZip(many); reason(t, end) != ingest.ReasonUnsupported {
		t.Errorf("%d joined: %v", maxParts+1, end)
	}
}
