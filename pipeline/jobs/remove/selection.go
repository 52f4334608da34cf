package remove

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/rule"
)

// Selection says which documents are meant: by one of its fields.
type Selection struct {
	IDs   []string `json:"ids,omitempty"`   // ids of documents, 32 hex digits each
	Path  string   `json:"path,omitempty"`  // a pattern for paths in their source, as plan.exclude has them, or for source/path
	Where string   `json:"where,omitempty"` // see rule.Expression
	Like  string   `json:"like,omitempty"`  // a text, as documents are written: what resembles it
}

// mostIDs bounds the ids of one removal: what is more is several of them.
const mostIDs = 1_000_000

// settle puts the ids in order, and says what is wrong with the selection.
func (s *Selection) settle() error {
	ways := 0
	for _, used := range []bool{len(s.IDs) > 0, s.Path != "", s.Where != "", s.Like != ""} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return fmt.Errorf("%d ways to say which documents are meant: ids, a path, an expression or a text, one of them", ways)
	}
	if len(s.IDs) > mostIDs {
		return fmt.Errorf("%d ids are more than the %d of one removal: remove them in parts", len(s.IDs), mostIDs)
	}
	for i, id := range s.IDs {
		id = strings.ToLower(id)
		if _, err := ingest.ParseDocumentID([]byte(id)); err != nil {
			return fmt.Errorf("%w: an id is what millrace shows of a document, whole", err)
		}
		s.IDs[i] = id
	}
	slices.Sort(s.IDs)
	s.IDs = slices.Compact(s.IDs)
	_, err := s.matcher()
	return err
}

// matcher says of rows whether they are meant. Not safe for concurrent use.
type matcher struct {
	ids      map[[16]byte]bool
	path     func(path string) bool
	where    *rule.Evaluator
	metadata bool
	document rule.Document
}

// matcher returns one, nil for a selection by resemblance.
func (s *Selection) matcher() (*matcher, error) {
	m := &matcher{}
	var err error
	switch {
	case s.Like != "":
		return nil, nil //nolint:nilnil // rows alone do not say it
	case s.Path != "":
		m.path, err = intake.MatchPaths(s.Path)
	case s.Where != "":
		var e *rule.Expression
		if e, err = rule.ParseExpression(s.Where); err == nil {
			m.where, m.metadata = e.Evaluator(), e.Metadata
		}
	default:
		m.ids = make(map[[16]byte]bool, len(s.IDs))
		for _, digits := range s.IDs {
			id, err := ingest.ParseDocumentID([]byte(digits))
			if err != nil {
				return nil, err
			}
			m.ids[id] = true
		}
	}
	return m, err
}

// errUntold says that an expression has no answer for a document.
var errUntold = errors.New("the expression cannot be told of it")

// row is what a matcher is shown of a document.
type row struct {
	id                     [16]byte
	source, path, metadata []byte
	offset, chars, bytes   int64
	version                int
}

// matches says whether a document is meant.
func (m *matcher) matches(r *row) (bool, error) {
	switch {
	case m.ids != nil:
		return m.ids[r.id], nil
	case m.path != nil:
		path := string(r.path)
		return m.path(path) || m.path(string(r.source)+"/"+path), nil
	}
	d := &m.document
	d.ID, d.Source, d.Path = fmt.Sprintf("%x", r.id), string(r.source), string(r.path)
	d.Offset, d.Chars, d.Bytes, d.Version = int(r.offset), int(r.chars), int(r.bytes), r.version
	if m.metadata {
		if err := d.SetMetadata(r.metadata); err != nil {
			return false, err
		}
	}
	met, err := m.where.Meets(d)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errUntold, err)
	}
	return met, nil
}
