package recipe

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever is read has nothing wrong, and is the same from the plan.
func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("select: [a: &a [*a], drop_lines: {least: 9}]\nwrite: [format: jsonl]"))
	f.Add([]byte("{mix: {by: {signal: edu, borders: [1, 2]}, budgets: {1: 2e3}}, order: corpus, write: [format: jsonl]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(data, "f.yaml")
		if err != nil {
			return
		}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		one, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Recipe
		if err := json.Unmarshal(one, &back); err != nil {
			t.Fatalf("%v\n%s", err, one)
		}
		two, err := json.Marshal(&back)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(one), string(two)); diff != "" {
			t.Error(diff)
		}
		if _, err := r.Digestable(); err != nil {
			t.Error(err)
		}
	})
}
