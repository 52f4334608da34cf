package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTarred: the order of the list and the zone of the time have no part in the bytes, and folders are there once, before what is in them.
func TestTarred(t *testing.T) {
	list := []entry{{"a/b/c", []byte("deep"), 0o644}, {"a.txt", nil, 0o644}, {"a/b.txt", []byte("x"), 0o644}, {"millrace", []byte("program"), 0o755}}
	first, err := packed(list, "top/", noon)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	second, err := packed(list, "top/", noon.In(time.FixedZone("elsewhere", 3600)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("another order gives other bytes")
	}
	var got []string
	for name, e := range unpacked(t, first) {
		if e.mode != 0o755 && e.mode != 0o644 || e.mode == 0o755 != (name == "top/millrace" || name[len(name)-1] == '/') {
			t.Errorf("%s has mode %o", name, e.mode)
		}
		got = append(got, name+"="+string(e.data))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"top/=", "top/a.txt=", "top/a/=", "top/a/b.txt=x", "top/a/b/=", "top/a/b/c=deep", "top/millrace=program"}, got); diff != "" {
		t.Error(diff)
	}
}

// unpacked are the members of a tar archive that is compressed, by name. All are of root and of the time that they were given.
func unpacked(t *testing.T, data []byte) map[string]entry {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("the compressed file is called %q, of %v", z.Name, z.ModTime)
	}
	members := map[string]entry{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return members
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, again := members[h.Name]; again {
			t.Errorf("%s is there twice", h.Name)
		}
		if h.Uname != "root" || h.Uid != 0 || h.Gname != "root" || h.Gid != 0 || h.ModTime.Before(time.Unix(firstZip, 0)) {
			t.Errorf("%s is of %s %d, %s %d, %v", h.Name, h.Uname, h.Uid, h.Gname, h.Gid, h.ModTime)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		members[h.Name] = entry{h.Name, content, h.Mode}
	}
}

// TestZipped: what archive/zip reads is what was given, with the time to two seconds, whatever the zone.
func TestZipped(t *testing.T) {
	list := []entry{{"z", []byte("program"), 0o755}, {"a/b", nil, 0o644}}
	data, err := zipped(list, noon)
	if err != nil {
		t.Fatal(err)
	}
	again, err := zipped(list, noon.In(time.FixedZone("elsewhere", -7200)))
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("another zone gives other bytes: %v", err)
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range r.File {
		if f.Name != list[i].name || int64(f.Mode()) != list[i].mode || !f.Modified.Equal(noon.Truncate(2*time.Second)) || len(f.Extra) > 0 {
			t.Errorf("%s: mode %v of %v, %d bytes beside", f.Name, f.Mode(), f.Modified, len(f.Extra))
		}
	}
	if len(r.File) != len(list) {
		t.Errorf("%d files", len(r.File))
	}
}

// TestTimesOfZip: the bounds of what a zip file can say.
func TestTimesOfZip(t *testing.T) {
	for _, seconds := range []int64{firstZip, lastZip} {
		data, err := zipped([]entry{{"a", nil, 0o644}}, time.Unix(seconds, 0))
		if err != nil {
			t.Fatal(err)
		}
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.File[0].Modified.Unix(); got != seconds {
			t.Errorf("%d is read as %d", seconds, got)
		}
	}
}
