package manifest

import (
	"fmt"
	"strings"
	"testing"

	"millrace/pipeline"
)

func BenchmarkRunDigest(b *testing.B) {
	var files []File
	for i := range 1000 {
		files = append(files, File{Path: fmt.Sprintf("%s/%06d", pipeline.DataFolder, i), SHA256: strings.Repeat("0", 64)})
	}
	for b.Loop() {
		Digest(files)
	}
}
