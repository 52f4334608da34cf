package recipe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Digestable is what of a recipe has a part in what comes out: canonical JSON, keys sorted. Where the corpus and the files lie is not in it: the
// corpus's version is named by who makes the release, and a file whose digest is known stands as that.
func (r *Recipe) Digestable() ([]byte, error) {
	c := *r
	c.Corpus, c.Version = "", 0
	if r.Decontaminate != nil {
		d := *r.Decontaminate
		d.Sets = slices.Clone(d.Sets)
		for i := range d.Sets {
			if d.Sets[i].Digest != "" {
				d.Sets[i].Path = ""
			}
		}
		c.Decontaminate = &d
	}
	if r.Split != nil && r.Split.FrozenDigest != "" {
		s := *r.Split
		s.Frozen = ""
		c.Split = &s
	}
	if r.Encode != nil && r.Encode.Digest != "" {
		e := *r.Encode
		e.Tokenizer = ""
		c.Encode = &e
	}
	data, err := json.Marshal(&c)
	if err != nil {
		return nil, fmt.Errorf("encode recipe: %w", err)
	}
	var tree any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a number stays as it was written
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("encode recipe: %w", err)
	}
	return json.Marshal(tree) // sorts the keys
}
