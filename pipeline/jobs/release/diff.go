package release

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Difference is what tells two releases apart.
type Difference struct {
	A Result `json:"a"`
	B Result `json:"b"`
	// Same says that all files of one are those of the other.
	Same    bool     `json:"same"`
	Recipe  []Said   `json:"recipe,omitempty"` // by path
	OnlyA   Some     `json:"only_a"`           // documents of the corpus that the other release knows nothing of
	OnlyB   Some     `json:"only_b"`
	Changes []Change `json:"changes,omitempty"` // most documents first
}

// Said is what two recipes say at a path, in JSON; "" is nothing.
type Said struct {
	Path string `json:"path"`
	A    string `json:"a,omitempty"`
	B    string `json:"b,omitempty"`
}

// Some are documents: how many, and the first of them by their ids.
type Some struct {
	Documents int64    `json:"documents"`
	Examples  []string `json:"examples,omitempty"`
}

// Change is documents that became something else in the same way.
type Change struct {
	What string `json:"what"`
	Some
}

func (s *Some) add(id *[16]byte, most int) {
	if s.Documents++; len(s.Examples) < most {
		s.Examples = append(s.Examples, hex.EncodeToString(id[:]))
	}
}

// Diff compares two releases: their recipes, and what became of each document. It takes some 24 bytes for each document of both, and names so many of each kind.
func Diff(ctx context.Context, a, b string, access store.Access, examples int) (*Difference, error) {
	d := &Difference{}
	one, two := fates{}, fates{}
	var recipes [2]json.RawMessage
	for i, of := range []struct {
		at     string
		result *Result
		fates  *fates
	}{{a, &d.A, &one}, {b, &d.B, &two}} {
		_, err := readRelease(ctx, access, of.at, func(s pipeline.Store, m *Manifest) (err error) {
			*of.result = m.result(of.at)
			if recipes[i], err = json.Marshal(m.Recipe); err != nil {
				return err
			}
			return of.fates.read(ctx, s, m)
		})
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
		}
	}
	d.Same = d.A.Digest == d.B.Digest
	var err error
	if d.Recipe, err = saidOf(recipes[0], recipes[1]); err != nil {
		return nil, err
	}
	d.documents(&one, &two, examples)
	return d, nil
}

// fate is what became of a document.
type fate struct {
	id     [16]byte
	copies int32 // 0: it was left out
	word   int32 // number of its split, or of the reason
}

// fates are those of all documents of a release, by id.
type fates struct {
	list  []fate
	words []string
}

func (f *fates) read(ctx context.Context, s pipeline.Store, m *Manifest) error {
	numbers := map[string]int32{}
	read := func(path, word string, copies bool) error {
		columns := columnar.Selection{Text: []string{"id", word}}
		if copies {
			columns.Int = []string{"copies"}
		}
		return pipeline.ParquetTable.ReadTable(ctx, s, path, columns, nil, func(t *columnar.Frame) error {
			for i := range t.Rows() {
				id, err := ingest.ParseDocumentID(t.Text("id").At(i))
				if err != nil {
					return err
				}
				w := t.Text(word).At(i)
				n, ok := numbers[string(w)]
				if !ok {
					n = int32(len(f.words))
					f.words = append(f.words, string(w))
					numbers[string(w)] = n
				}
				of := fate{id: id, word: n}
				if copies {
					of.copies = int32(t.Int("copies")[i])
				}
				f.list = append(f.list, of)
			}
			return nil
		})
	}
	for _, path := range m.paths(releasedFolder) {
		if err := read(path, "split", true); err != nil {
			return err
		}
	}
	for _, path := range m.paths(leftOutFolder) {
		if err := read(path, "reason", false); err != nil {
			return err
		}
	}
	slices.SortFunc(f.list, func(a, b fate) int { return bytes.Compare(a.id[:], b.id[:]) })
	return nil
}

// says is what became of a document, for people.
func (f *fates) says(of *fate) string {
	if of.copies == 0 {
		return "left out: " + f.words[of.word]
	}
	return "in " + f.words[of.word]
}

// documents goes through both side by side.
func (d *Difference) documents(a, b *fates, examples int) {
	changes := map[string]*Some{}
	change := func(what string, id *[16]byte) {
		if changes[what] == nil {
			changes[what] = &Some{}
		}
		changes[what].add(id, examples)
	}
	i, k := 0, 0
	for i < len(a.list) || k < len(b.list) {
		order := 0
		switch {
		case i == len(a.list):
			order = 1
		case k == len(b.list):
			order = -1
		default:
			order = bytes.Compare(a.list[i].id[:], b.list[k].id[:])
		}
		switch {
		case order < 0:
			d.OnlyA.add(&a.list[i].id, examples)
			i++
		case order > 0:
			d.OnlyB.add(&b.list[k].id, examples)
			k++
		default:
			x, y := &a.list[i], &b.list[k]
			if was, is := a.says(x), b.says(y); was != is {
				change(was+" → "+is, &x.id)
			} else if x.copies < y.copies {
				change(is+", more often", &x.id)
			} else if x.copies > y.copies {
				change(is+", less often", &x.id)
			}
			i, k = i+1, k+1
		}
	}
	for what, some := range changes {
		d.Changes = append(d.Changes, Change{what, *some})
	}
	slices.SortFunc(d.Changes, func(x, y Change) int {
		return cmp.Or(cmp.Compare(y.Documents, x.Documents), cmp.Compare(x.What, y.What))
	})
}

// saidOf is what two recipes say otherwise.
func saidOf(a, b json.RawMessage) (said []Said, err error) {
	one, two := map[string]string{}, map[string]string{}
	for _, of := range []struct {
		data json.RawMessage
		to   map[string]string
	}{{a, one}, {b, two}} {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(of.data, &object); err != nil {
			return nil, fmt.Errorf("decode a recipe: %w", err)
		}
		flatten("", object, of.to)
	}
	paths := map[string]bool{}
	for path := range one {
		paths[path] = true
	}
	for path := range two {
		paths[path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if one[path] != two[path] {
			said = append(said, Said{path, one[path], two[path]})
		}
	}
	return said, nil
}

// flatten puts what an object says by its paths, a.b; lists are as they are.
func flatten(prefix string, object map[string]json.RawMessage, to map[string]string) {
	for key, value := range object {
		var inner map[string]json.RawMessage
		if json.Unmarshal(value, &inner) == nil && inner != nil {
			flatten(prefix+key+".", inner, to)
			continue
		}
		to[prefix+key] = string(value)
	}
}
