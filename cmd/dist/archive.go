package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// level is how much is compressed: a quarter of the time of the highest level of the standard library, and as small. Its version is in go.mod.
const level = 8

// entry is a file of an archive.
type entry struct {
	name string // with slashes, not absolute
	data []byte
	mode int64 // 0o644 or 0o755
}

// sorted is a list by name.
func sorted(list []entry) []entry {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return list
}

// tarred is a tar archive of files and the folders that they are in, all of root, of one time. Names begin with prefix.
func tarred(list []entry, prefix string, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	header := func(name string, kind byte, size, mode int64) error {
		return w.WriteHeader(&tar.Header{Typeflag: kind, Name: prefix + name, Size: size, Mode: mode, ModTime: at, Uname: "root", Gname: "root", Format: tar.FormatGNU})
	}
	folders := map[string]bool{".": true}
	var enter func(folder string) error
	enter = func(folder string) error {
		if folders[folder] {
			return nil
		}
		folders[folder] = true
		if err := enter(path.Dir(folder)); err != nil {
			return err
		}
		return header(folder+"/", tar.TypeDir, 0, 0o755)
	}
	if prefix != "" {
		if err := header("", tar.TypeDir, 0, 0o755); err != nil {
			return nil, err
		}
	}
	for _, e := range sorted(list) {
		if err := enter(path.Dir(e.name)); err != nil {
			return nil, err
		}
		if err := header(e.name, tar.TypeReg, int64(len(e.data)), e.mode); err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		if _, err := w.Write(e.data); err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// packed is a tar archive, compressed.
func packed(list []entry, prefix string, at time.Time) ([]byte, error) {
	data, err := tarred(list, prefix, at)
	if err != nil {
		return nil, err
	}
	return gzipped(data, level)
}

// gzipped is data compressed, without a name and a time.
func gzipped(data []byte, level int) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		return nil, err
	}
	w.ModTime = time.Unix(0, 0) // none
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// zipped is a zip archive of files in the order of the list, of one time.
func zipped(list []entry, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, level) })
	for _, e := range list {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, CreatorVersion: 3 << 8} // of Unix
		h.ExternalAttrs = uint32(0o100000|e.mode) << 16
		h.ModifiedDate, h.ModifiedTime = dosTime(at) //nolint:staticcheck // Modified would add a field with the time zone
		f, err := w.CreateHeader(h)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		if _, err := f.Write(e.data); err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// dosTime is a time as zip files have it: from 1980 on, in steps of two seconds, of no zone.
func dosTime(t time.Time) (date, clock uint16) {
	t = t.UTC()
	return uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9), uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
}

// arMember is a file of the outer archive of a Debian package.
type arMember struct {
	name string
	data []byte
}

// ar is an archive of the format that Debian packages have.
func ar(list []arMember, at time.Time) []byte {
	var b bytes.Buffer
	b.WriteString("!<arch>\n")
	for _, m := range list {
		fmt.Fprintf(&b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", m.name, at.Unix(), 0, 0, "100644", len(m.data))
		b.Write(m.data)
		if len(m.data)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}
