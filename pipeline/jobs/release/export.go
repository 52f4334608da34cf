package release

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/store"
)

// textColumns are those of the documents of a release that hold text; all others that can be exported are integers.
var textColumns = []string{"id", "text", "source", "path", "metadata", recipe.ColumnStratum}

// Export hands over the documents of a release in its order: splits, their shards, rows in them. Columns nil are those that it was written with, but for
// tokens. It needs documents in one of the formats, which a release of tokens alone has not: that is a pipeline.ErrUsage, as is a column that it does not
// have. What yield gets is valid until it returns.
func Export(ctx context.Context, at string, access store.Access, formats pipeline.TableFormats, columns []string, yield func(columns []string, f *columnar.Frame, row int) error) error {
	_, err := readRelease(ctx, access, at, func(s pipeline.Store, m *Manifest) error {
		format, has := textsOf(m, formats)
		if format == nil {
			return pipeline.WithHint(fmt.Errorf("%w: %s has no documents that can be read here, only tokens", pipeline.ErrUsage, at),
				"a recipe with - format: parquet or jsonl under write has them")
		}
		if columns == nil {
			columns = slices.DeleteFunc(slices.Clone(has), func(c string) bool { return c == recipe.ColumnTokens })
		}
		var read columnar.Selection
		for _, c := range columns {
			switch {
			case !slices.Contains(has, c) || c == recipe.ColumnTokens:
				return pipeline.WithHint(fmt.Errorf("%w: the release has no column %q to export", pipeline.ErrUsage, c), "it has "+strings.Join(has, ", "))
			case slices.Contains(textColumns, c):
				read.Text = append(read.Text, c)
			default:
				read.Int = append(read.Int, c)
			}
		}
		for _, f := range m.Files {
			if !strings.HasPrefix(f.Path, format.Name+"/") {
				continue
			}
			err := format.ReadTable(ctx, s, f.Path, read, nil, func(f *columnar.Frame) error {
				for i := range f.Rows() {
					if err := yield(columns, f, i); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// textsOf is the first format that documents of a release can be read in, with the columns; nil if there is none.
func textsOf(m *Manifest, formats pipeline.TableFormats) (*pipeline.TableFormat, []string) {
	for i := range formats {
		for _, w := range m.Recipe.Write {
			if formats[i].Name == w.Format && formats[i].Readable() {
				if len(w.Columns) == 0 {
					return &formats[i], recipe.DefaultColumns
				}
				return &formats[i], w.Columns
			}
		}
	}
	return nil, nil
}
