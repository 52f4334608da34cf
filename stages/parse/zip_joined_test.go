package parse

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
)

// Zip files that were joined, or of which the directory does not tell all, are read as far as it is known what is meant, and
// what is not read is told.
func TestZipJoined(t *testing.T) {
	le := binary.LittleEndian
	a := zipped(t, entry{name: "1.txt", data: "甲"}, entry{name: "2.txt", data: sentences(20), method: zip.Deflate})
	b := zipped(t, entry{name: "3.txt", data: "乙"}, entry{name: "4.jsonl", data: `{"text":"丙"}` + "\n" + `{"text":"丁"}`, method: zip.Deflate})
	c := zipped(t, entry{name: "1.txt", data: "戊"})
	empty := zipped(t)
	first, second, third := []string{"甲", sentences(20)}, []string{"乙", "丙", "丁"}, []string{"戊"}
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	with := func(parts ...[]string) []string { return slices.Concat(parts...) }
	junk := []byte("this is no zip file, but text that somebody may miss")

	// adjusted has offsets that count what stands before, as programs write that know of it.
	adjusted := func(before, file []byte) []byte {
		out := join(before, file)
		for at := len(before); ; {
			i := bytes.Index(out[at:], []byte("PK\x01\x02"))
			if i < 0 {
				break
			}
			at += i
			le.PutUint32(out[at+42:], le.Uint32(out[at+42:])+uint32(len(before)))
			at += 4
		}
		end := out[len(out)-22:]
		le.PutUint32(end[16:], le.Uint32(end[16:])+uint32(len(before)))
		return out
	}
	// unlisted lacks the directory's last entry; its members stay.
	unlisted := bytes.Clone(a)
	last := bytes.LastIndex(unlisted, []byte("PK\x01\x02"))
	end := bytes.Clone(unlisted[len(unlisted)-22:])
	le.PutUint32(end[12:], le.Uint32(end[12:])-uint32(len(unlisted)-22-last))
	le.PutUint16(end[8:], 1)
	le.PutUint16(end[10:], 1)
	unlisted = append(unlisted[:last], end...)
	// hidden lacks the first one.
	hidden := bytes.Clone(a)
	from, to := bytes.Index(hidden, []byte("PK\x01\x02")), bytes.LastIndex(hidden, []byte("PK\x01\x02"))
	hidden = slices.Delete(hidden, from, to)
	end = hidden[len(hidden)-22:]
	le.PutUint32(end[12:], le.Uint32(end[12:])-uint32(to-from))
	le.PutUint16(end[8:], 1)
	le.PutUint16(end[10:], 1)
	// backwards has a directory in another order than its members.
	backwards := bytes.Clone(a)
	dir := backwards[from : len(backwards)-22]
	copy(dir, join(dir[to-from:], dir[:to-from]))

	commented := bytes.Clone(a)
	le.PutUint16(commented[len(commented)-2:], 7)
	commented = append(commented, "comment"...)

	for _, tt := range []struct {
		name   string
		data   []byte
		want   []string
		detail string
	}{
		{"two", join(a, b), with(first, second), ""},
		{"three", join(a, b, c), with(first, second, third), ""},
		{"one twice", join(c, c), with(third, third), ""},
		{"empty first", join(empty, a), first, ""},
		{"empty last", join(a, empty), first, ""},
		{"empty between", join(a, empty, b), with(first, second), ""},
		{"comment", join(commented, b), with(first, second), ""},
		{"zeros between", join(a, make([]byte, 100), b), with(first, second), ""},
		{"zeros behind", join(a, make([]byte, 1000)), first, ""},
		{"text behind", join(a, junk), first, "behind the end"},
		{"text between", join(a, junk, b), with(first, second), "behind the end"},
		{"first one cut off", join(a[:len(a)-30], b), second, "begins as another one"},
		{"last one cut off", join(a, b[:len(b)-30]), first, "behind the end"},
		{"adjusted behind another", adjusted(a, b), second, "does not list the member at 0"},
		{"unlisted last member", unlisted, first[:1], "does not list the member at"},
		{"unlisted first member", hidden, first[1:], "does not list the member at 0"},
		{"directory in another order", backwards, []string{first[1], first[0]}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := Detect("a.zip", tt.data, Default()); d.Format != Zip || d.Reject != "" {
				t.Fatalf("%+v, %s", d, d.Reject)
			}
			documents, meta, rejects, _ := one(Zip, RuleMember, "", tt.data).documents(t)
			var got []string
			offsets := map[int64]bool{}
			for _, d := range documents {
				got = append(got, d.Text)
				offsets[d.Offset] = true
			}
			if !slices.Equal(got, tt.want) || len(offsets) != len(got) || len(meta) != len(got) {
				t.Errorf("documents %q, want %q", got, tt.want)
			}
			switch {
			case tt.detail == "" && len(rejects) > 0:
				t.Errorf("rejects %v", rejects)
			case tt.detail != "" && (len(rejects) != 1 || rejects[0].Reason != ingest.ReasonCorrupt || !strings.Contains(rejects[0].Detail, tt.detail)):
				t.Errorf("rejects %v, want %s", rejects, tt.detail)
			}
			if _, _, _, stored := one(Zip, RuleMember, "", tt.data).raw(t); stored != int64(len(tt.data)) {
				t.Errorf("consumed %d of %d bytes", stored, len(tt.data))
			}
		})
	}
	many := bytes.Repeat(empty, 2000)
	if documents, _, rejects, _ := one(Zip, RuleMember, "", many).documents(t); len(documents) > 0 || len(rejects) != 1 || rejects[0].Reason != ingest.ReasonUnsupported {
		t.Errorf("2000 files: %v", rejects)
	}
}

// TestZipOfMany: programs write directories with what the gaps between members hold, and none of it is taken for a member.
func TestZipOfMany(t *testing.T) {
	var entries []entry
	for i := range 300 {
		entries = append(entries, entry{name: fmt.Sprintf("%d/%s.txt", i, strings.Repeat("名", i%40)), data: strings.Repeat("字", i), method: []uint16{zip.Store, zip.Deflate}[i%2]})
	}
	documents, _, rejects, _ := one(Zip, RuleMember, "", zipped(t, entries...)).documents(t)
	if len(documents) != 292 || len(rejects) > 0 { // the others are hidden
		t.Errorf("%d documents, rejects %v", len(documents), rejects)
	}
}
