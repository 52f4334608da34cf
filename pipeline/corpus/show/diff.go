package show

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"millrace/pipeline/corpus"
	"millrace/pipeline/corpus/manifest"
	"millrace/pipeline/dataset"
)

// DiffOptions say how much of each kind Diff lists.
type DiffOptions struct {
	Examples int // documents that were added, removed and changed, and files
	Movers   int // characters
}

// Diff is how a corpus at one version differs from a corpus, the same or another, at a version.
type Diff struct {
	A DiffSide `json:"a"`
	B DiffSide `json:"b"`

	Documents  DocumentDiff  `json:"documents"`
	Files      FileDiff      `json:"files"`
	Vocabulary VocabDiff     `json:"vocabulary"`
	Rejects    []ReasonCount `json:"rejects"` // by reason, where either has any
}

// DiffSide is what one side adds up to: the sums over its live versions.
type DiffSide struct {
	Version int             `json:"version"`
	Live    []int           `json:"live"`
	Digest  string          `json:"digest"`
	Totals  manifest.Totals `json:"totals"`
}

// ReasonCount is how much was left out for one reason.
type ReasonCount struct {
	Scope   string `json:"scope"`   // document or file
	Verdict string `json:"verdict"` // rejected or filtered
	Reason  string `json:"reason"`
	A       int64  `json:"a"`
	B       int64  `json:"b"`
}

// state is a corpus at a version.
type state struct {
	*Corpus
	manifest.View
	reasons manifest.Reasons
}

// at returns the corpus at a version, the newest for 0. All versions that were live then must still be there.
func (c *Corpus) at(ctx context.Context, version int) (*state, error) {
	h, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	if version == 0 && len(h.list) > 0 {
		version = h.list[len(h.list)-1].Version
	}
	i := slices.IndexFunc(h.list, func(m *manifest.Manifest) bool { return m.Version == version })
	if i < 0 {
		return nil, h.noVersion(version)
	}
	s := &state{Corpus: c, View: manifest.ViewOf(h.list[:i+1]), reasons: manifest.NewReasons()}
	if len(s.Made) < len(s.Newest.Live) {
		return nil, fmt.Errorf("version %d: %w: some of versions %s, which it was made up of, were freed", version, ErrNotFound,
			manifest.VersionRange(s.Newest.Live))
	}
	for _, m := range s.Live {
		s.reasons.AddVersion(m)
	}
	s.Units, err = c.present(ctx, h.list, s.Units)
	return s, err
}

// present returns units that hold the documents of the given ones and are there: the shards that a compaction took the place
// of may have been freed, and those of the compaction hold the same documents, with others perhaps.
func (c *Corpus) present(ctx context.Context, list []*manifest.Manifest, units []manifest.Unit) ([]manifest.Unit, error) {
	there, err := dataset.Sizes(ctx, c.store, c.corpus.Formats().Folders()...)
	if err != nil {
		return nil, err
	}
	gone := func(f dataset.File) bool {
		_, ok := there[f.Path]
		return !ok
	}
	var found []manifest.Unit
	at := map[*manifest.Manifest]int{}
	for _, u := range units {
		if !slices.ContainsFunc(u.Shards, gone) {
			found = append(found, u)
			continue
		}
		for _, version := range u.Versions {
			i := slices.IndexFunc(list, func(m *manifest.Manifest) bool {
				return m.Version != version && slices.Contains(m.Runs(), version) && !slices.ContainsFunc(m.Shards(), gone)
			})
			if i < 0 {
				return nil, fmt.Errorf("version %d: %w: the documents that it brought are not there any more", version, ErrNotFound)
			}
			m := list[i]
			if _, ok := at[m]; !ok {
				at[m] = len(found)
				found = append(found, manifest.Unit{Maker: m, Shards: m.Shards()})
			}
			found[at[m]].Versions = append(found[at[m]].Versions, version)
		}
	}
	return found, nil
}

// partial says whether the shards hold documents of other runs as well.
func partial(u *manifest.Unit) bool { return len(u.Versions) < len(u.Maker.Runs()) }

func (s *state) side() DiffSide {
	d := DiffSide{Version: s.Newest.Version, Live: s.Newest.Live, Digest: s.Newest.Digest}
	for _, m := range s.Live {
		d.Totals.AddVersion(m)
	}
	return d
}

// Diff compares the corpus at version a with the corpus other, which may be the same, at version b; 0 is the newest. Shards
// that both have are not read: two versions of a corpus cost what lies between them.
func (c *Corpus) Diff(ctx context.Context, a int, other *corpus.Corpus, b int, o DiffOptions) (*Diff, error) {
	left, err := c.at(ctx, a)
	if err != nil {
		return nil, err
	}
	right, err := Of(other).at(ctx, b)
	if err != nil {
		return nil, err
	}
	d := &Diff{A: left.side(), B: right.side(), Rejects: reasonDiff(&left.reasons, &right.reasons)}
	if d.Documents, err = diffDocuments(ctx, left, right, o.Examples, compareAtOnce); err != nil {
		return nil, err
	}
	if d.Files, err = diffFiles(ctx, left, right, o.Examples); err != nil {
		return nil, err
	}
	d.Vocabulary, err = diffVocab(ctx, left, right, o.Movers)
	return d, err
}

func reasonDiff(a, b *manifest.Reasons) []ReasonCount {
	list := []ReasonCount{}
	add := func(scope, verdict string, a, b map[string]int64) {
		all := map[string]int64{}
		maps.Copy(all, a)
		maps.Copy(all, b)
		for _, reason := range slices.Sorted(maps.Keys(all)) {
			list = append(list, ReasonCount{Scope: scope, Verdict: verdict, Reason: reason, A: a[reason], B: b[reason]})
		}
	}
	add(corpus.ScopeFile, corpus.VerdictRejected, a.Files, b.Files)
	add(corpus.ScopeDocument, corpus.VerdictRejected, a.Rejected, b.Rejected)
	add(corpus.ScopeDocument, corpus.VerdictFiltered, a.Filtered, b.Filtered)
	return list
}
