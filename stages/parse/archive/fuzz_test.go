package archive

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzTar: whatever the bytes are, they give the same however they are read, and no more text than they have.
func FuzzTar(f *testing.F) {
	whole := slices.Concat(
		attributes('g', "comment=c"), tarMember("a", "甲"), attributes('x', "path=b", "size=3"), tarMember("x", "乙"),
		tarContent(tarHeader("long", 'L', 6), "a name"), tarHeader("link", '2', 0), tarEnd, tarMember("c", strings.Repeat("丙", 300)), tarEnd,
	)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	files, err := filepath.Glob("testdata/sparse-*.tar.gz")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		f.Add(unpacked(f, file)[:10*tarBlock])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		members, end := listTar(data)
		why := reason(t, end)
		again, other := list(NewTar(iotest.HalfReader(bytes.NewReader(data))))
		if !reflect.DeepEqual(members, again) || reason(t, other) != why {
			t.Errorf("%v, %v; in pieces %v, %v", summary(members), end, summary(again), other)
		}
		sum := 0
		for _, m := range members {
			sum += len(m.Text)
			if m.Bytes < 0 || len(m.Name) > maxName {
				t.Errorf("%+v", m)
			}
		}
		if sum > len(data) {
			t.Errorf("%d bytes of text in %d", sum, len(data))
		}
	})
}

// FuzzZip: whatever the bytes are, they end with a reason, and no member shares its bytes with another.
func FuzzZip(f *testing.F) {
	f.Add(zipFile(f, zipMember{name: "a", text: "甲"}, zipMember{name: "b", text: strings.Repeat("乙", 100), method: 8}, zipMember{name: "d/"}))
	f.Add(large(f, 3, 3, 0))
	f.Add(slices.Concat([]byte("program"), zipFile(f, zipMember{name: "a"}), zipFile(f)))
	f.Fuzz(func(t *testing.T, data []byte) {
		members, end := listZip(data)
		reason(t, end)
		sum := int64(0)
		for _, m := range members {
			sum += m.Bytes
			if m.Bytes < 0 || m.Expanded < 0 || len(m.Name) > maxName {
				t.Errorf("%+v", m)
			}
		}
		if sum > int64(len(data)) {
			t.Errorf("%d bytes of members in %d", sum, len(data))
		}
	})
}
