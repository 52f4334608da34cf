package show

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// DiffOptions say how much of each kind Diff lists.
type DiffOptions struct {
	Examples int // documents that were added, removed and changed, and files
	Movers   int // characters, words and runs of characters
}

// Diff is how a corpus at one version differs from a corpus, the same or another, at a version.
type Diff struct {
	A DiffSide `json:"a"`
	B DiffSide `json:"b"`

	Documents  DocumentDiff  `json:"documents"`
	Files      FileDiff      `json:"files"`
	Vocabulary VocabDiff     `json:"vocabulary"`
	Tokens     []TokenDiff   `json:"tokens,omitempty"` // words and runs of characters, of which either has a table
	Rejects    []ReasonCount `json:"rejects"`          // by reason, where either has any
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
	s := &state{Corpus: c, View: manifest.ViewOf(h.list[:i+1])}
	if len(s.Made) < len(s.Newest.Live) {
		return nil, fmt.Errorf("version %d: %w: some of versions %s, which it was made up of, were freed", version, ErrNotFound,
			manifest.VersionRange(s.Newest.Live))
	}
	s.reasons = s.Reasons()
	s.Read, err = c.present(ctx, h.list, &s.View)
	return s, err
}

// present returns shards that hold the documents of the view's and are there: those that a later version took the place of may have been
// freed, and its own hold the same documents, with others perhaps, which are not among their Holds then.
func (c *Corpus) present(ctx context.Context, list []*manifest.Manifest, v *manifest.View) ([]manifest.Shard, error) {
	there, err := c.corpus.Sizes(ctx)
	if err != nil {
		return nil, err
	}
	isGone := func(s manifest.Shard) bool {
		_, ok := there[s.Path]
		return !ok
	}
	gone := map[int]bool{} // runs
	for _, s := range v.Read {
		for _, h := range s.Holds {
			gone[h.Version] = gone[h.Version] || isGone(s)
		}
	}
	found := only(v.Read, func(version int) bool { return !gone[version] })
	for i := len(list) - 1; i >= 0 && slices.Contains(slices.Collect(maps.Values(gone)), true); i-- {
		other := manifest.ViewOf(list[:i+1])
		for version, is := range gone {
			shards := only(other.Read, func(held int) bool { return held == version })
			if is && len(shards) > 0 && !slices.ContainsFunc(shards, isGone) && slices.Equal(other.WithdrawnBy(version), v.WithdrawnBy(version)) {
				found, gone[version] = append(found, shards...), false
			}
		}
	}
	for _, m := range v.Live {
		if gone[m.Version] {
			return nil, fmt.Errorf("version %d: %w: the documents that it brought are not there any more", m.Version, ErrNotFound)
		}
	}
	return merged(found), nil
}

// only are the shards that hold documents of some runs, as if they held no others.
func only(shards []manifest.Shard, wanted func(version int) bool) (some []manifest.Shard) {
	for _, s := range shards {
		s.Holds = slices.DeleteFunc(slices.Clone(s.Holds), func(h manifest.Holding) bool { return !wanted(h.Version) })
		if len(s.Holds) > 0 {
			some = append(some, s)
		}
	}
	return some
}

// merged makes one of what several times names the same shard.
func merged(list []manifest.Shard) (shards []manifest.Shard) {
	at := map[string]int{}
	for _, s := range list {
		if i, ok := at[s.Path]; ok {
			shards[i].Holds = append(slices.Clone(shards[i].Holds), s.Holds...)
			continue
		}
		at[s.Path] = len(shards)
		shards = append(shards, s)
	}
	return shards
}

// partial says whether a shard holds documents that are not those of the side.
func partial(s *manifest.Shard) bool {
	rows := int64(0)
	for _, h := range s.Holds {
		rows += h.Rows
	}
	return rows < s.Rows
}

func (s *state) side() DiffSide {
	return DiffSide{Version: s.Newest.Version, Live: s.Newest.Live, Digest: s.Newest.Digest, Totals: s.Totals()}
}

// Diff compares the corpus at version a with the corpus other, which may be the same, at version b; 0 is the newest. Shards
// that both have are not read: two versions of a corpus cost what lies between them.
func (c *Corpus) Diff(ctx context.Context, a int, other *corpus.Corpus, b int, o DiffOptions) (*Diff, error) {
	left, err := c.at(ctx, a)
	if err != nil {
		return nil, err
	}
	right, err := Of(other).Tabling(c.tabler).at(ctx, b)
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
	if d.Vocabulary, err = diffVocab(ctx, left, right, o.Movers); err != nil {
		return nil, err
	}
	d.Tokens, err = diffAllTokens(ctx, left, right, o.Movers)
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
