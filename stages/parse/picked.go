package parse

import (
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/stages/parse/jsonscan"
	"github.com/millrace/millrace/stages/parse/rows"
)

// Metadata says which fields of a document become its metadata: by their names in the object, the row or the table. Text is
// looked for in all of them.
type Metadata struct {
	// Keep are the only ones, if it names any. Columns of bytes in tables are left out unless they are named here; they are base64
	// then.
	Keep Fields `json:"keep,omitempty" yaml:"keep,omitempty"`
	// Drop are left out.
	Drop Fields `json:"drop,omitempty" yaml:"drop,omitempty"`
}

func (m Metadata) validate() error {
	if slices.Contains(m.Keep, "") || slices.Contains(m.Drop, "") {
		return errors.New("metadata: a field without a name")
	}
	for _, name := range m.Keep {
		if slices.Contains(m.Drop, name) {
			return fmt.Errorf("metadata: %q is to be kept and dropped", name)
		}
	}
	return nil
}

// all says that every field is kept.
func (m Metadata) all() bool { return len(m.Keep) == 0 && len(m.Drop) == 0 }

// keeps says whether a field is kept.
func (m Metadata) keeps(name []byte) bool {
	is := func(one string) bool { return one == string(name) }
	return (len(m.Keep) == 0 || slices.ContainsFunc(m.Keep, is)) && !slices.ContainsFunc(m.Drop, is)
}

// selectColumns leaves out of the rows of a table what is neither text nor metadata. Columns of bytes are text only where no
// other column is. It returns how many of these are left out for no other reason than that.
func selectColumns(file *rows.File, cfg *Config, scan *jsonscan.Scanner) (binary int) {
	text := false
	file.Select(func(c rows.Column) rows.Use {
		text = text || !c.Binary && scan.Wants(c.Name)
		return rows.AsText
	})
	file.Select(func(c rows.Column) rows.Use {
		named := slices.Contains(cfg.Metadata.Keep, c.Name)
		switch {
		case scan.Wants(c.Name) && (!c.Binary || !text):
			return rows.AsText
		case !cfg.Metadata.keeps([]byte(c.Name)):
			return rows.Left
		case c.Binary && named:
			return rows.AsBase64
		case c.Binary:
			binary++
			return rows.Left
		}
		return rows.AsText
	})
	return binary
}
