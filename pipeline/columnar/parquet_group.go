package columnar

import (
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/format"
)

// RowGroup is a range of rows of a file that can be read without the others.
type RowGroup struct {
	First int64 // number of its first row in the file
	Rows  int64
	meta  *format.RowGroup
}

// MayHold says whether a top-level column of strings can hold the value in one of the rows. It is true wherever the file
// does not say.
func (g *RowGroup) MayHold(column, value string) bool {
	if g.meta == nil {
		return true
	}
	i := slices.IndexFunc(g.meta.Columns, func(c format.ColumnChunk) bool {
		path := c.MetaData.PathInSchema
		return len(path) == 1 && path[0] == column
	})
	if i < 0 || g.meta.Columns[i].MetaData.Type != format.ByteArray {
		return true
	}
	s := &g.meta.Columns[i].MetaData.Statistics
	if s.MinValue == nil || s.MaxValue == nil { // an absent bound and an empty one look alike where both are empty
		return true
	}
	return strings.Compare(string(s.MinValue), value) <= 0 && strings.Compare(value, string(s.MaxValue)) <= 0
}
