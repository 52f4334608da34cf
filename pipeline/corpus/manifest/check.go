package manifest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
)

// Check says what is wrong with what the live versions do to each other, by their manifests alone.
func (v *View) Check() (problems []error) {
	problems = append(v.checkRemoves(), v.checkWithdraws()...)
	return append(problems, v.checkHolds()...)
}

// checkRemoves: each file that a version removes must be of an earlier one, and be removed by one alone; of the keys that are left all must
// be in the index.
func (v *View) checkRemoves() (problems []error) {
	there := map[string]bool{}
	for _, m := range v.Versions {
		for _, path := range m.Removes {
			if !there[path] {
				problems = append(problems, fmt.Errorf("%s removes %s, which was not there", Name(m.Version), path))
			}
			delete(there, path)
		}
		for _, f := range m.Files {
			there[f.Path] = true
			if of, ok := pipeline.InPlaceOfWhich(f.Path); ok && (of >= m.Version || v.Made[of] == nil) {
				problems = append(problems, fmt.Errorf("%s: %s is in place of a file of version %d, which is no live one before it", Name(m.Version), f.Path, of))
			}
		}
	}
	for _, path := range slices.Concat(v.Merged(v.Index()), v.MergedLines(v.Lines()), v.MergedCounts(v.Counted())) {
		problems = append(problems, fmt.Errorf("%s: no run of keys names %s", Name(v.Newest.Version), path))
	}
	return problems
}

// checkWithdraws: a version withdraws documents of live runs before it, each run once, and of none more than are live; its totals say how
// many in all.
func (v *View) checkWithdraws() (problems []error) {
	left := map[int]Withdrawal{} // what may be withdrawn yet
	for _, m := range v.Versions {
		sum, last := Withdrawal{}, 0
		for _, w := range m.Withdraws {
			has, ok := left[w.Version]
			switch {
			case !ok:
				problems = append(problems, fmt.Errorf("%s withdraws documents of version %d, which is no live run before it", Name(m.Version), w.Version))
			case w.Version <= last:
				problems = append(problems, fmt.Errorf("%s withdraws documents of version %d behind those of version %d", Name(m.Version), w.Version, last))
			case w.Documents <= 0 || w.Chars < 0 || w.Bytes < 0 || w.Documents > has.Documents || w.Chars > has.Chars || w.Bytes > has.Bytes:
				problems = append(problems, fmt.Errorf("%s withdraws %d documents with %d chars and %d bytes of version %d, which has %d with %d and %d",
					Name(m.Version), w.Documents, w.Chars, w.Bytes, w.Version, has.Documents, has.Chars, has.Bytes))
			}
			left[w.Version] = Withdrawal{w.Version, has.Documents - w.Documents, has.Chars - w.Chars, has.Bytes - w.Bytes}
			last, sum.Documents, sum.Chars, sum.Bytes = w.Version, sum.Documents+w.Documents, sum.Chars+w.Chars, sum.Bytes+w.Bytes
		}
		if t := &m.Totals.Withdrawn; t.Documents != sum.Documents || t.Chars != sum.Chars || t.Bytes != sum.Bytes {
			problems = append(problems, fmt.Errorf("%s: it withdraws %d documents with %d chars and %d bytes, its totals say %d, %d and %d",
				Name(m.Version), sum.Documents, sum.Chars, sum.Bytes, t.Documents, t.Chars, t.Bytes))
		}
		if m.Kind == KindRun {
			left[m.Version] = Withdrawal{m.Version, m.Totals.Documents.Kept, m.Totals.Chars, m.Totals.KeptBytes}
		}
	}
	return problems
}

// checkHolds: what holds documents of others must be a shard that is there, and have as many rows; in every format that a run was written
// in there must be as many documents of it as are live, at ranks that the run has.
func (v *View) checkHolds() (problems []error) {
	if v.Newest == nil {
		return nil
	}
	for _, m := range v.Versions {
		rows := map[string]int64{}
		for _, h := range m.Holds {
			rows[h.Path] += h.Rows
		}
		for _, f := range m.Files {
			if n, ok := rows[f.Path]; ok && n != f.Rows {
				problems = append(problems, fmt.Errorf("%s: %s has %d rows, and holds %d documents", Name(m.Version), f.Path, f.Rows, n))
			}
			delete(rows, f.Path)
		}
		if len(rows) > 0 {
			problems = append(problems, fmt.Errorf("%s says what %d shards hold that it does not have", Name(m.Version), len(rows)))
		}
	}
	for _, format := range v.Newest.Tables {
		pieces := Pieces(v.shards(&format))
		for _, m := range v.Live {
			list := pieces[m.Version]
			if len(list) == 0 && len(m.Brought(&format)) == 0 {
				continue
			}
			sum, next := int64(0), int64(0)
			for _, p := range list {
				if p.First < next || p.Rows < 1 {
					problems = append(problems, fmt.Errorf("%s: documents of version %d from %d on, with %d before them", p.Path, m.Version, p.First, next))
				}
				sum, next = sum+p.Rows, p.First+p.Rows
			}
			if live := v.Documents(m); sum != live || next > m.Totals.Documents.Kept {
				problems = append(problems, fmt.Errorf("%s: of the documents kept %d are live, the %s shards hold %d rows", Name(m.Version), live, format.Title, sum))
			}
			delete(pieces, m.Version)
		}
		for _, version := range slices.Sorted(maps.Keys(pieces)) {
			problems = append(problems, fmt.Errorf("%s holds documents of version %d, which is no live run", pieces[version][0].Path, version))
		}
	}
	return problems
}
