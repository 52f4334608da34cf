package vocab

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// maxBaseCount leaves room to add a version's counts to those of the versions before.
const maxBaseCount = 1 << 61

// addBase adds the cumulative counts of an earlier version's table. Special tokens have none.
func (s totals) addBase(ctx context.Context, corpus pipeline.Store, name string) (err error) {
	o, err := corpus.Open(ctx, name)
	if err != nil {
		return fmt.Errorf("vocabulary of the version before: %w", err)
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	seen := map[rune]bool{}
	columns := columnar.Selection{Text: []string{"token", "type"}, Int: []string{"count", "documents"}}
	err = columnar.ReadTable(o, o.Size(), columns, nil, func(f *columnar.Frame) error {
		tokens, types, counts, documents := f.Text("token"), f.Text("type"), f.Int("count"), f.Int("documents")
		for i := range tokens.Len() {
			if string(types.At(i)) == typeSpecial {
				continue
			}
			r, n := utf8.DecodeRune(tokens.At(i))
			switch {
			case n != len(tokens.At(i)) || n == 0 || r == utf8.RuneError && n == 1:
				return fmt.Errorf("row %q is not one character", tokens.At(i))
			case seen[r]:
				return fmt.Errorf("%q is there twice", r)
			case documents[i] < 1 || documents[i] > counts[i] || counts[i] > maxBaseCount:
				return fmt.Errorf("%q: count %d in %d documents cannot be", r, counts[i], documents[i])
			}
			seen[r] = true
			t := s[r]
			t.Count += counts[i]
			t.Documents += documents[i]
			s[r] = t
		}
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}
