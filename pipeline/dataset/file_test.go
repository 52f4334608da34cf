package dataset_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
)

// The digest is what people get from sha256sum, in any order of the files and without those that hold times.
func TestDigest(t *testing.T) {
	one, two := strings.Repeat("1", 64), strings.Repeat("2", 64)
	files := []dataset.File{
		{Path: "data/b", Bytes: 5, SHA256: two}, {Path: "times", SHA256: one, Volatile: true}, {Path: "data/a", Rows: 7, SHA256: one},
	}
	want := sha256.Sum256([]byte(one + "  data/a\n" + two + "  data/b\n"))
	before := slices.Clone(files)
	if got := dataset.Digest(files); got != hex.EncodeToString(want[:]) {
		t.Errorf("digest is %s", got)
	}
	if !slices.Equal(files, before) {
		t.Errorf("the files are in another order: %v", files)
	}
	of := dataset.FileOf(pipeline.Output{Name: "data/a", Bytes: 1, Rows: 2, Digest: one})
	if want := (dataset.File{Path: "data/a", Bytes: 1, Rows: 2, SHA256: one}); of != want {
		t.Errorf("file is %+v", of)
	}
}

func BenchmarkDigest(b *testing.B) {
	var files []dataset.File
	for i := range 1000 {
		files = append(files, dataset.File{Path: fmt.Sprintf("%s/%06d", pipeline.DataFolder, i), SHA256: strings.Repeat("0", 64)})
	}
	for b.Loop() {
		dataset.Digest(files)
	}
}
