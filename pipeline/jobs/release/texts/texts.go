// Package texts reads the texts of a release that was made, for those who train or compare tokenizers on what a model is trained on. It has no part in
// making one.
//
// A release says what its files are by its manifest, and that is believed only as far as the files bear it out: their sizes are looked at when it is opened,
// and their digests when a piece is read that begins a file. So what was read piece by piece is what the digest of the release stands for; a sample is read without that.
package texts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Columns of documents that are read.
const (
	textColumn   = "text"
	sourceColumn = "source"
)

// DefaultSplit is the split to train on.
const DefaultSplit = "train"

// mostFormat is the newest layout of a release that is read.
const mostFormat = 1

// manifest is what is read of the one of a release.
type manifest struct {
	Format int    `json:"format"`
	Name   string `json:"name"`
	Recipe struct {
		Write []recipe.Write `json:"write"`
	} `json:"recipe"`
	Totals struct {
		Splits []struct {
			Name      string `json:"name"`
			Shards    int    `json:"shards"`
			Documents int64  `json:"documents"`
		} `json:"splits"`
	} `json:"totals"`
	Files  []dataset.File `json:"files"`
	Digest string         `json:"digest"`
}

// Texts are those of a split of a release.
type Texts struct {
	Digest string // of the release
	Name   string // of the release, for people; may be empty
	Split  string
	Format string // that they are read from
	// Documents are those of the split, each as often as it is repeated.
	Documents int64
	Files     []dataset.File // in order
	Sources   bool           // the documents say of which source they are

	shards    int // of the split
	extension string
}

// errUnfinished says that a release was begun, and has no manifest.
var errUnfinished = errors.New("a release was begun there, and is not finished")

// Is says whether a store holds a release, or what is left of the making of one: whether what is wrong with it is told by Open. A store that has a manifest
// of anything else holds none, either way.
func Is(ctx context.Context, s pipeline.Store) (bool, error) {
	var m manifest
	there, err := folder.ReadManifest(ctx, s, &m)
	if there || errors.Is(err, folder.ErrManifest) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return unfinished(ctx, s)
}

// unfinished says whether a folder without a manifest has what a release has.
func unfinished(ctx context.Context, s pipeline.Store) (bool, error) {
	for _, prefix := range []string{"released", "left_out"} {
		list, err := s.List(ctx, prefix)
		if err != nil || len(list) > 0 {
			return len(list) > 0, err
		}
	}
	return false, nil
}

// Open reads what a release says of a split, "" for DefaultSplit. at is what people call the place of the store. Whatever is wrong with the release, or what
// it does not have, is a usage error.
func Open(ctx context.Context, s pipeline.Store, at, split string, formats pipeline.TableFormats) (*Texts, error) {
	t, err := open(ctx, s, split, formats)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %s: %w", pipeline.ErrUsage, at, err)
	}
	return t, err
}

const hintDamaged = "millrace release verify says what is wrong with it; the same recipe on the same version of the corpus gives the same release"

func open(ctx context.Context, s pipeline.Store, split string, formats pipeline.TableFormats) (*Texts, error) {
	var m manifest
	there, err := folder.ReadManifest(ctx, s, &m)
	switch {
	case errors.Is(err, folder.ErrManifest):
		return nil, pipeline.WithHint(err, hintDamaged)
	case err != nil:
		return nil, err
	case !there:
		begun, err := unfinished(ctx, s)
		if begun {
			return nil, pipeline.WithHint(errUnfinished, "give the command that made it once more: it goes on")
		}
		return nil, errors.Join(errors.New("it holds no release"), err)
	case m.Format == 0 || m.Totals.Splits == nil:
		return nil, errors.New("it holds no release")
	case m.Format > mostFormat:
		return nil, fmt.Errorf("the release has format %d, known is up to %d", m.Format, mostFormat)
	}
	t := &Texts{Digest: m.Digest, Name: m.Name, Split: split}
	if t.Split == "" {
		t.Split = DefaultSplit
	}
	var splits []string
	for _, of := range m.Totals.Splits {
		if splits = append(splits, of.Name); of.Name == t.Split {
			t.Documents, t.shards = of.Documents, of.Shards
		}
	}
	if !slices.Contains(splits, t.Split) {
		return nil, pipeline.WithHint(fmt.Errorf("the release has no split %s", t.Split), "its splits are "+strings.Join(splits, ", "))
	}
	if t.Documents == 0 {
		return nil, fmt.Errorf("the split %s has no document", t.Split)
	}
	if err := t.choose(&m, formats); err != nil {
		return nil, err
	}
	return t, t.present(ctx, s, &m)
}

// choose finds the format that has texts and can be read here.
func (t *Texts) choose(m *manifest, formats pipeline.TableFormats) error {
	var written []string
	for _, w := range m.Recipe.Write {
		written = append(written, w.Format)
	}
	for i := range formats { // in the order of what is read first
		k := slices.Index(written, formats[i].Name)
		if k < 0 || !formats[i].Readable() || !slices.Contains(m.Recipe.Write[k].Columns, textColumn) {
			continue
		}
		t.Format, t.extension, t.Sources = formats[i].Name, formats[i].Extension, slices.Contains(m.Recipe.Write[k].Columns, sourceColumn)
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("the release has no texts: it is written as %s, without a column %s", strings.Join(written, ", "), textColumn),
		"make one by a recipe with {format: parquet, columns: [text]} among what it writes, or take the corpus that it was made of")
}

// present finds the files, and says which are not as the manifest says, as far as that can be told without reading them.
func (t *Texts) present(ctx context.Context, s pipeline.Store, m *manifest) error {
	sizes, err := dataset.Sizes(ctx, s, t.Format)
	if err != nil {
		return err
	}
	files := map[string]dataset.File{}
	for _, f := range m.Files {
		files[f.Path] = f
	}
	rows := int64(0)
	for i := range t.shards {
		path := fmt.Sprintf("%s/%s.%s", t.Format, tokens.Shard{Split: t.Split, Number: i, Of: t.shards}.Name(), t.extension)
		f, ok := files[path]
		if n, there := sizes[path]; !ok || !there || n != f.Bytes {
			return pipeline.WithHint(fmt.Errorf("%s is missing, or has not the %d bytes that %s says", path, f.Bytes, folder.ManifestName), hintDamaged)
		}
		t.Files = append(t.Files, f)
		rows += f.Rows
	}
	if rows != t.Documents || dataset.Digest(m.Files) != m.Digest {
		return pipeline.WithHint(fmt.Errorf("%s does not add up: the files of %s have %d documents of %d", folder.ManifestName, t.Split, rows, t.Documents), hintDamaged)
	}
	return nil
}

// Piece is some rows of a file that follow each other.
type Piece struct {
	File dataset.File `json:"file"`
	Row  int64        `json:"row,omitempty"` // the first
	Rows int64        `json:"rows"`
}

// Pieces cuts the files into tasks: each has about so many bytes of files.
func (t *Texts) Pieces(bytes int64) (tasks [][]Piece) {
	sum := int64(0)
	for _, f := range t.Files {
		row := max(f.Bytes/max(f.Rows, 1), 1)
		per := max(bytes/row, 1) // rows
		for at := int64(0); at < f.Rows; {
			if len(tasks) == 0 || sum >= bytes {
				tasks, sum = append(tasks, nil), 0
			}
			p := Piece{f, at, min(per, f.Rows-at)}
			if rest := f.Rows - at - p.Rows; rest < per/2 { // no task for little
				p.Rows += rest
			}
			tasks[len(tasks)-1] = append(tasks[len(tasks)-1], p)
			at, sum = at+p.Rows, sum+p.Rows*row
		}
	}
	return tasks
}

// Read reads the texts of a piece, in their order, of files in the format of that name. They are valid until yield returns. A piece that begins a file holds it
// against its digest first. What is wrong with a file is a pipeline.Permanent error.
func (p *Piece) Read(ctx context.Context, s pipeline.Store, formats pipeline.TableFormats, name string, yield func(text []byte) error) error {
	format := formatOf(formats, name)
	if format == nil {
		return pipeline.Permanent(fmt.Errorf("%s is of no format that is known here", p.File.Path))
	}
	if p.Row == 0 {
		if err := dataset.CheckFile(ctx, s, p.File, nil); err != nil {
			if _, ok := errors.AsType[*dataset.DamageError](err); ok {
				err = pipeline.Permanent(pipeline.WithHint(fmt.Errorf("the release is damaged: %w", err), hintDamaged))
			}
			return err
		}
	}
	next, end := p.Row, p.Row+p.Rows
	want := func(g *columnar.RowGroup) bool { return g.First < end && g.First+g.Rows > next }
	err := format.ReadTable(ctx, s, p.File.Path, columnar.Selection{Text: []string{textColumn}}, want, func(f *columnar.Frame) error {
		list := f.Text(textColumn)
		for behind := min(f.First()+int64(f.Rows()), end); next >= f.First() && next < behind; next++ {
			if err := yield(list.At(int(next - f.First()))); err != nil {
				return err
			}
		}
		if next == end {
			return pipeline.ErrEnough
		}
		return nil
	})
	if err == nil && next != end {
		err = pipeline.Permanent(fmt.Errorf("%s has no row %d", p.File.Path, next))
	}
	return err
}

func formatOf(formats pipeline.TableFormats, name string) *pipeline.TableFormat {
	for i := range formats {
		if formats[i].Name == name {
			return &formats[i]
		}
	}
	return nil
}

// Sample hands over so many of the documents, with the source where they say it, all of them if there are no more: see dataset.SampleRows. total is how many
// there are. Texts are valid until yield returns.
func (t *Texts) Sample(ctx context.Context, s pipeline.Store, formats pipeline.TableFormats, n int64, yield func(source string, text []byte) error) (total int64, err error) {
	columns := columnar.Selection{Text: []string{textColumn}}
	if t.Sources {
		columns.Text = append(columns.Text, sourceColumn)
	}
	base := int64(0)
	for _, f := range t.Files {
		rows := dataset.SampleRows(t.Documents, base, f.Rows, n)
		base += f.Rows
		if len(rows) == 0 {
			continue
		}
		got := 0
		err := formatOf(formats, t.Format).ReadRows(ctx, s, f.Path, columns, rows, func(_ int, frame *columnar.Frame, row int) error {
			source := ""
			if t.Sources {
				source = string(frame.Text(sourceColumn).At(row))
			}
			got++
			return yield(source, frame.Text(textColumn).At(row))
		})
		if err == nil && got != len(rows) {
			err = fmt.Errorf("%s has %d of the %d rows that were asked for", f.Path, got, len(rows))
		}
		if err != nil {
			return t.Documents, err
		}
	}
	return t.Documents, nil
}
