package release

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/lines"
)

// noValue is the name of the group of documents that have no value.
const noValue = "(none)"

// grouping says in which group documents are. It is for one goroutine.
type grouping struct {
	field string
	buf   []byte
}

// reads says which columns of documents it goes by.
func (g *grouping) reads() (columns []string) {
	switch {
	case g.field == recipe.FieldSource:
		return []string{"source"}
	case g.field == recipe.FieldSite:
		return []string{"source", "metadata"}
	case strings.HasPrefix(g.field, recipe.FieldMetadata):
		return []string{"metadata"}
	}
	return nil
}

// of returns the name of the group, valid until the next call.
func (g *grouping) of(source, meta []byte) []byte {
	switch g.field {
	case recipe.FieldSource:
		return source
	case recipe.FieldSite:
		g.buf = lines.AppendGroup(g.buf[:0], meta, string(source))
		return g.buf
	}
	return g.key(meta, strings.TrimPrefix(g.field, recipe.FieldMetadata))
}

// key is the value of a key of the metadata, as text.
func (g *grouping) key(meta []byte, name string) []byte {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(meta, &object); err != nil || object[name] == nil {
		return []byte(noValue)
	}
	var text string
	if err := json.Unmarshal(object[name], &text); err == nil {
		return []byte(text)
	}
	return fmt.Appendf(nil, "%s", object[name])
}
