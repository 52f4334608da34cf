package release

import (
	"bytes"
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/jobs/release/mixture"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/sorted"
)

// decisionName is what balance leaves: a decision, in JSON.
const decisionName = stageBalance + "/decision.json"

// decision says how often each document is in the release, and where it goes.
type decision struct {
	Documents int64 `json:"documents"` // of the corpus
	Selected  int64 `json:"selected"`
	// LeftOut are those that are left out, by reason; some more may be when texts are read.
	LeftOut map[string]int64 `json:"left_out,omitempty"`
	// Cut are the lines that are cut from those that are taken, nil if none is or texts were not read yet.
	Cut *CutTotals `json:"cut,omitempty"`
	// Borders are those of the buckets of a signal: a value is in the bucket with the number of borders that are not above it.
	Borders []int64   `json:"borders,omitempty"`
	Strata  []stratum `json:"strata"` // of the training split, by name
	// Caps are the groups of which not all documents are taken, by site.
	Caps []capped `json:"caps,omitempty"`
	// Splits are in the order of their names, the one to train on first.
	Splits []splitOf `json:"splits"`

	Checksum string `json:"checksum"`

	byCap map[uint64]*border // Caps by their sites, when they were asked for first
}

// stratum says how often documents are taken.
type stratum struct {
	mixture.Decision
	Documents int64 `json:"documents"` // that are available
}

// capped is a group of which those documents are taken whose keys and ids are below the border.
type capped struct {
	Site uint64 `json:"site"`
	border
}

// border is a place in the order by which a part of documents is drawn.
type border struct {
	Key uint64   `json:"key"`
	ID  [16]byte `json:"id"`
}

func (a *border) compare(key uint64, id *[16]byte) int {
	return cmp.Or(cmp.Compare(a.Key, key), bytes.Compare(a.ID[:], id[:]))
}

// splitOf says into which files a split goes.
type splitOf struct {
	Name       string `json:"name"`
	Documents  int64  `json:"documents"` // copies are documents here
	Bytes      int64  `json:"bytes"`     // of their texts, about
	Shards     int    `json:"shards"`
	PerShard   int    `json:"per_shard"` // partitions
	First      int    `json:"first"`     // number of its first partition among all
	Partitions int    `json:"partitions"`
	// Cuts are where partitions end but for the last, where these are no equal parts of the numbers.
	Cuts []place `json:"cuts,omitempty"`
}

// partitions are those of all splits.
func (d *decision) partitions() (n int) {
	for i := range d.Splits {
		n += d.Splits[i].Partitions
	}
	return n
}

// shards are those of all splits.
func (d *decision) shards() (n int) {
	for i := range d.Splits {
		n += d.Splits[i].Shards
	}
	return n
}

// partition is the one of a place in a split.
func (s *splitOf) partition(p place) int {
	if s.Cuts == nil {
		high, _ := bits.Mul64(p.Major, uint64(s.Partitions))
		return s.First + int(high)
	}
	n, _ := slices.BinarySearchFunc(s.Cuts, p, func(cut, p place) int {
		if cut.compare(p) <= 0 {
			return -1
		}
		return 1
	})
	return s.First + n
}

// readDecision reads what balance left.
func readDecision(ctx context.Context, job *pipeline.Job) (*decision, error) {
	data, err := pipeline.ReadAll(ctx, job.Work, decisionName)
	if err != nil {
		return nil, err
	}
	d := &decision{}
	if err := dataset.Decode(data, d); err != nil {
		return nil, sorted.Damaged(decisionName, "%v", err)
	}
	return d, nil
}

// taking says of the documents of a task how often each is taken.
type taking struct {
	d       *decision
	mix     *recipe.Mix
	rows    *rows
	strata  []*stratum // of the task's numbers
	buckets []*stratum // by number, if strata are buckets
}

func (d *decision) taking(mix *recipe.Mix, r *rows) *taking {
	t := &taking{d: d, mix: mix, rows: r}
	if d.byCap == nil && len(d.Caps) > 0 {
		d.byCap = make(map[uint64]*border, len(d.Caps))
		for i := range d.Caps {
			d.byCap[d.Caps[i].Site] = &d.Caps[i].border
		}
	}
	byName := map[string]*stratum{}
	for i := range d.Strata {
		byName[d.Strata[i].Name] = &d.Strata[i]
	}
	for _, name := range r.strata {
		t.strata = append(t.strata, byName[name])
	}
	if mix != nil && mix.By.Signal != "" {
		for i := range len(d.Borders) + 1 {
			t.buckets = append(t.buckets, byName[recipe.Bucket(i)])
		}
	}
	return t
}

func (t *taking) seed() uint64 {
	if t.mix == nil {
		return 0
	}
	return t.mix.Seed
}

// of is how often a document is taken, and else why not.
func (t *taking) of(i int) (copies int, why string) {
	r := t.rows
	if r.why[i] != 0 {
		return 0, r.reasons[r.why[i]-1]
	}
	if t.capped(i) {
		return 0, recipe.ReasonCap
	}
	if r.split[i] != 0 {
		return 1, ""
	}
	s := t.stratumOf(i)
	if s == nil {
		return 0, recipe.ReasonBudget
	}
	n := s.Copies(mixture.Key(t.seed(), &r.id[i]), &r.id[i]) * int(r.weight[i])
	if n == 0 {
		return 0, recipe.ReasonBudget
	}
	return min(n, maxCopies), ""
}

// capped says whether a document is one too many of its group.
func (t *taking) capped(i int) bool {
	c := t.d.byCap[t.rows.site[i]]
	return c != nil && c.compare(mixture.Key(t.seed(), &t.rows.id[i]), &t.rows.id[i]) <= 0
}

// name is that of a document's stratum.
func (t *taking) name(i int) string {
	if t.mix != nil && t.mix.By.Signal != "" {
		return recipe.Bucket(mixture.Bucket(t.d.Borders, t.rows.value[i]))
	}
	return t.rows.strata[t.rows.stratum[i]]
}

func (t *taking) stratumOf(i int) *stratum {
	if t.buckets != nil {
		return t.buckets[mixture.Bucket(t.d.Borders, t.rows.value[i])]
	}
	return t.strata[t.rows.stratum[i]]
}
