package release

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// ErrNotFound says that a release knows nothing of a document: the version of the corpus that it was made of did not have it.
var ErrNotFound = errors.New("not found")

// Explained says what became of a document in a release: it is there, or Reason says why not.
type Explained struct {
	ID      string `json:"id"`
	Version int    `json:"version"` // of the corpus
	// Split and what follows is where it is.
	Split   string `json:"split,omitempty"`
	Stratum string `json:"stratum,omitempty"`
	Copies  int64  `json:"copies,omitempty"`
	Tokens  int64  `json:"tokens,omitempty"` // of one copy
	// Shard has the first copy, and Position says where it begins there: in tokens, or in documents where there are no tokens.
	Shard    string  `json:"shard,omitempty"`
	Position int64   `json:"position"`
	Places   []Place `json:"places,omitempty"` // of its tokens
	// Reason is why it was left out, and Figure what it was measured to be.
	Reason string `json:"reason,omitempty"`
	Figure string `json:"figure,omitempty"`
}

// Place is where the tokens of a document are, or of a part of it: of those of a shard, from Start to the one before End.
type Place struct {
	Shard string `json:"shard"`
	Copy  int64  `json:"copy"`
	Part  int64  `json:"part"`
	Start int64  `json:"start"`
	End   int64  `json:"end"`
}

// Is says whether a folder or bucket holds a release.
func Is(ctx context.Context, at string, access store.Access) bool {
	_, err := readRelease(ctx, access, at, nil)
	return err == nil
}

// leastDigits is how many digits of an id name a document at least.
const leastDigits = 6

// Explain finds a document by its id, or by the first six or more digits of it that no other document has. What the release does not know is ErrNotFound; an
// id that is none, or that several begin with, or no release, a usage error. It reads the tables of documents, a row group at a time, until it has found it,
// and those of the tokens of its split.
func Explain(ctx context.Context, at, id string, access store.Access) (*Explained, error) {
	e := &Explained{ID: strings.ToLower(id)}
	short := len(id) >= leastDigits && len(id) < 32 && strings.Trim(e.ID, "0123456789abcdef") == ""
	if key, err := ingest.ParseDocumentID([]byte(id)); err == nil {
		e.ID = hex.EncodeToString(key[:])
	} else if !short {
		return nil, fmt.Errorf("%w: %q is no id of a document", pipeline.ErrUsage, id)
	}
	_, err := readRelease(ctx, access, at, func(s pipeline.Store, m *Manifest) (err error) {
		e.Version = m.Corpus.Version
		if short {
			if err := e.complete(ctx, s, m); err != nil {
				return err
			}
		}
		return e.find(ctx, s, m)
	})
	if err != nil && !errors.Is(err, ErrNotFound) && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	return e, err
}

// complete makes an id of the beginning of one.
func (e *Explained) complete(ctx context.Context, s pipeline.Store, m *Manifest) error {
	const most = 10
	ids := map[string]bool{}
	for _, path := range slices.Concat(m.paths(releasedFolder), m.paths(leftOutFolder)) {
		err := pipeline.ReadTable(ctx, s, path, columnar.Selection{Text: []string{"id"}}, func(t *columnar.Frame) error {
			for i := range t.Rows() {
				if id := t.Text("id").At(i); strings.HasPrefix(string(id), e.ID) && len(ids) <= most {
					ids[string(id)] = true
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	list := slices.Sorted(maps.Keys(ids))
	switch {
	case len(list) == 0:
		return fmt.Errorf("%s: %w: version %d of the corpus, which this is a release of, has no such document", e.ID, ErrNotFound, e.Version)
	case len(list) > 1:
		return fmt.Errorf("several ids begin with %s: %s", e.ID, strings.Join(list, ", "))
	}
	e.ID = list[0]
	return nil
}

// errFound ends the reading of a table.
var errFound = errors.New("found")

func (e *Explained) find(ctx context.Context, s pipeline.Store, m *Manifest) error {
	found, err := e.look(ctx, s, m, releasedFolder+"/", columnar.Selection{Text: []string{"id", "split", "stratum"}, Int: []string{"copies", "tokens", "position"}},
		func(path string, t *columnar.Frame, i int) bool {
			e.Split, e.Stratum, e.Shard = string(t.Text("split").At(i)), string(t.Text("stratum").At(i)), shardIn(path)
			e.Copies, e.Tokens, e.Position = t.Int("copies")[i], t.Int("tokens")[i], t.Int("position")[i]
			return true
		})
	if err != nil {
		return err
	}
	if found {
		tables := idsFolder + "/" + e.Split + "-"
		if e.Copies == 1 {
			tables = idsFolder + "/" + e.Shard + "."
		}
		_, err := e.look(ctx, s, m, tables, columnar.Selection{Text: []string{"id"}, Int: []string{"start", "end", "copy", "part"}},
			func(path string, t *columnar.Frame, i int) bool {
				e.Places = append(e.Places, Place{shardIn(path), t.Int("copy")[i], t.Int("part")[i], t.Int("start")[i], t.Int("end")[i]})
				return false
			})
		return err
	}
	found, err = e.look(ctx, s, m, leftOutFolder+"/", columnar.Selection{Text: []string{"id", "reason", "figure"}}, func(_ string, t *columnar.Frame, i int) bool {
		e.Reason, e.Figure = string(t.Text("reason").At(i)), string(t.Text("figure").At(i))
		return true
	})
	if err == nil && !found {
		err = fmt.Errorf("%s: %w: version %d of the corpus, which this is a release of, has no such document", e.ID, ErrNotFound, e.Version)
	}
	return err
}

// look calls use with the rows of the document in the tables whose names begin so, until it says that it has what it wants.
func (e *Explained) look(ctx context.Context, s pipeline.Store, m *Manifest, prefix string, columns columnar.Selection, use func(path string, t *columnar.Frame, i int) bool) (bool, error) {
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Path, prefix) {
			continue
		}
		err := pipeline.ParquetTable.ReadTable(ctx, s, f.Path, columns, nil, func(t *columnar.Frame) error {
			for i := range t.Rows() {
				if string(t.Text("id").At(i)) == e.ID && use(f.Path, t, i) {
					return errFound
				}
			}
			return nil
		})
		if errors.Is(err, errFound) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// shardIn is the name of the shard that a table is about.
func shardIn(path string) string {
	_, name, _ := strings.Cut(path, "/")
	return strings.TrimSuffix(name, ".parquet")
}

// paths are the tables in a folder of a release.
func (m *Manifest) paths(folder string) (paths []string) {
	for _, f := range m.Files {
		if strings.HasPrefix(f.Path, folder+"/") {
			paths = append(paths, f.Path)
		}
	}
	return slices.Clip(paths)
}
