package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// File is one committed file.
type File struct {
	Path   string `json:"path"` // in the dataset, with slashes
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
	// Volatile files hold times, which differ between two runs of the same input; they lie outside of the digest.
	Volatile bool `json:"volatile,omitempty"`
}

// FileOf is the file that a task says that it wrote.
func FileOf(o pipeline.Output) File {
	return File{Path: o.Name, Bytes: o.Bytes, Rows: o.Rows, SHA256: o.Digest}
}

// Sum is what files add up to.
func Sum(files []File) (bytes, rows int64) {
	for _, f := range files {
		bytes += f.Bytes
		rows += f.Rows
	}
	return bytes, rows
}

// Digest is the sha256 over one line "<sha256>  <path>\n" for every file that is not volatile, in byte order of the
// paths: what sha256sum prints for them. Two runs of the same input are compared by it.
func Digest(files []File) string {
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	h := sha256.New()
	for _, f := range sorted {
		if !f.Volatile {
			_, _ = fmt.Fprintf(h, "%s  %s\n", f.SHA256, f.Path) // a hash never fails
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
