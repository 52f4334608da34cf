package parse

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// A format is read in every encoding, compression and container (TestWholeMatrix), and stands in the example of all settings: a new
// one is not forgotten in either.
func TestEveryFormatIsTried(t *testing.T) {
	example, err := os.ReadFile("../../configs/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range formats() {
		if !slices.ContainsFunc(matrixFormats, func(m matrixFormat) bool { return m.format == f.name }) {
			t.Errorf("format %s: matrixFormats has no files of it", f.name)
		}
		if !regexp.MustCompile(`\b` + f.name + `\b`).Match(example) {
			t.Errorf("format %s: configs/example.yaml does not name it under parse.format", f.name)
		}
	}
	for codec := range expansions {
		if codec != Arrow && !slices.ContainsFunc(compressors, func(c compressor) bool { return c.codec == codec }) {
			t.Errorf("codec %s: compressors make no files of it", codec)
		}
	}
}
