package writing

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestSighan: real sentences of four publishers are what they are, as far as they have a character that shows it.
func TestSighan(t *testing.T) {
	names := Names()
	pipelinetest.EachShared(t, "formats.tar.zst", func(path string, data []byte) {
		for file, want := range map[string]string{
			"as_test.utf8": "hant", "cityu_test.utf8": "hant", "pku_test.utf8": "hans", "msr_test.utf8": "hans",
		} {
			if !strings.HasSuffix(path, file) {
				continue
			}
			found := map[string]int{}
			for line := range strings.Lines(string(data)) {
				tally := Of([]byte(line))
				if script := names[tally.eastern()]; script != "hani" {
					found[script]++
				}
			}
			all := 0
			for _, n := range found {
				all += n
			}
			t.Logf("%s: %d of %d lines are %s: %v", file, found[want], all, want, found)
			if found[want]*1000 < all*998 {
				t.Errorf("%s: %d of %d lines are %s: %v", file, found[want], all, want, found)
			}
		}
	})
}
