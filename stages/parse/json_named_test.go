package parse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestJSONByAnyName: whether a file has an object a line, an array or objects over lines, is seen in it, whatever it is called.
func TestJSONByAnyName(t *testing.T) {
	pipelinetest.Long(t)
	var want []string
	var lines, broken strings.Builder
	var pretty []string
	for i := range 900 { // some files are longer than what is looked at
		text := fmt.Sprintf("第%d条，城南的老书店昨天重新开门，第一天就来了三百多位读者。", i)
		want = append(want, text)
		fmt.Fprintf(&lines, "{\"id\": %d, \"text\": %q}\n", i, text)
		fmt.Fprintf(&broken, "{\"id\": %d, \"text\": %q}\n", i, text)
		if i%4 == 0 {
			fmt.Fprintf(&broken, "{\"id\": %d, \"text\": [\"%s\n", i, text) // cut off
		}
		pretty = append(pretty, fmt.Sprintf("  {\n    \"id\": %d,\n    \"text\": %q\n  }", i, text))
	}
	objects := strings.TrimSuffix(strings.ReplaceAll(lines.String(), "}\n", "},\n"), ",\n")
	for content, text := range map[string]string{
		"lines":          lines.String(),
		"array":          "[" + strings.ReplaceAll(objects, ",\n", ", ") + "]",
		"array by lines": "[\n" + objects + "\n]\n",
		"pretty array":   "[\n" + strings.Join(pretty, ",\n") + "\n]\n",
		"pretty objects": strings.Join(pretty, "\n") + "\n",
		"with a mark":    bom + "[" + objects + "]",
		"broken lines":   broken.String(),
	} {
		for _, name := range []string{"a.jsonl", "a.ndjson", "a.json"} {
			eachStoring(t, name, text, Default(), func(t *testing.T, documents []record, _ []string, rejects []columnar.Reject, _ columnar.Counters) {
				if diff := cmp.Diff(want, texts(documents)); diff != "" || (len(rejects) > 0) != (content == "broken lines") {
					t.Errorf("%s: %d rejects, %s", content, len(rejects), diff[:min(400, len(diff))])
				}
			})
		}
	}
}
