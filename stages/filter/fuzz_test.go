package filter

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// Whatever is written is a list or is refused; a list that is one reads back as it is stored, and its rules try any text.
func FuzzList(f *testing.F) {
	for _, s := range []string{
		"- min_chars: 50", "- few", `- "chars >= 5"`, "- a: chars > 1", "- {a: few}", "- {}", "- 7", "- [x]", "- dear != 3 or path == ''", "- min_han_share: 0.3\n- x: 1e3",
	} {
		f.Add([]byte(s), "ab!!")
	}
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		var list, back List
		if yaml.Unmarshal(data, &list) != nil || list.Validate() != nil {
			return
		}
		stored, err := json.Marshal(list)
		if err == nil {
			err = json.Unmarshal(stored, &back)
		}
		if diff := cmp.Diff(list, back); err != nil || diff != "" && len(list) > 0 {
			t.Fatalf("%s: %v\n%s", stored, err, diff)
		}
		families, _, _ := toyFamilies()
		r, err := Compile(list, families, toyPresets)
		if err != nil || len(r.All) == 0 {
			return
		}
		b, err := New(r, toyFile, nil).Process(t.Context(), batchOf(text))
		if err != nil || b.Len()+len(b.Rejects) != 1 {
			t.Fatal(b.Len(), b.Rejects, err)
		}
		for _, x := range b.Rejects {
			if x.Reason == "" || len(x.Reason) > 2*reasonBytes || len(x.Detail) > detailBytes {
				t.Fatalf("%q: %q", x.Reason, x.Detail)
			}
		}
	})
}
