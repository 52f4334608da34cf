package show

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/contamination"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// ContaminatedOptions say how a corpus is looked through.
type ContaminatedOptions struct {
	Slots int // goroutines
	Top   int // how many items of a set are listed, those first that most documents have
	// Each is called for each item of each document, in the order of the corpus and of the items; nil: nobody asks. An error ends it.
	Each func(*ContaminatedDocument) error
	// Excerpts has Each told what stands in the document.
	Excerpts bool
	// Progress is called with the bytes that were read and are to be read in all, from several goroutines at a time. It may be nil.
	Progress func(done, total int64)
}

// ContaminatedDocument is a document that has an item of an evaluation set.
type ContaminatedDocument struct {
	ID      string `json:"id"`
	Source  string `json:"source"`
	Path    string `json:"path"`
	Set     string `json:"set"`
	Item    string `json:"item"`
	Line    int    `json:"line"`  // of the item in its file
	Score   int64  `json:"score"` // millionths
	Start   int    `json:"start"` // in the text of the document, in bytes
	End     int    `json:"end"`
	Excerpt string `json:"excerpt,omitempty"`
}

// Contaminated says which items of evaluation sets stand in the documents of a corpus.
type Contaminated struct {
	Documents    int64             `json:"documents"`    // that were looked at
	Contaminated int64             `json:"contaminated"` // that have an item of some set
	Digest       string            `json:"digest"`       // of sets and options: see contamination.Index
	Sets         []ContaminatedSet `json:"sets"`
}

// ContaminatedSet is an evaluation set, and what was found of it.
type ContaminatedSet struct {
	contamination.SetInfo
	Found       int                `json:"found"`       // items that stand in a document
	Documents   int64              `json:"documents"`   // that have one
	Boilerplate int                `json:"boilerplate"` // items that cannot be found, for all n-grams of them stand in too many documents
	Top         []ContaminatedItem `json:"top,omitempty"`
}

// ContaminatedItem is an item, and how many documents have it.
type ContaminatedItem struct {
	Item      string `json:"item"`
	Line      int    `json:"line"`
	Documents int64  `json:"documents"`
}

// mostExcerpt is how many bytes of a document are told.
const mostExcerpt = 2000

// Contaminated looks for the items of an index in all live documents, which are read twice. Beside the index it takes for each slot what a
// Counter and a Matcher take, and the findings of shards that end before one in front of them.
func (c *Corpus) Contaminated(ctx context.Context, index *contamination.Index, o ContaminatedOptions) (*Contaminated, error) {
	list, err := c.corpus.Versions(ctx)
	if err != nil {
		return nil, err
	}
	view := manifest.ViewOf(list)
	s := &contaminationSearch{Corpus: c, options: o, index: index, shards: view.Shards()}
	s.total, _ = dataset.Sum(s.shards)
	counted, err := s.count(ctx)
	if err != nil {
		return nil, err
	}
	weights, err := index.Weigh(counted)
	if err != nil {
		return nil, err
	}
	found, err := s.match(ctx, weights)
	if err != nil {
		return nil, err
	}
	return s.tell(counted.Documents(), weights, found), nil
}

// contaminationSearch looks through one corpus.
type contaminationSearch struct {
	*Corpus
	options ContaminatedOptions
	index   *contamination.Index
	shards  []dataset.File
	done    atomic.Int64 // bytes
	total   int64        // of a pass
}

// read notes that so many rows of a shard were read.
func (s *contaminationSearch) read(shard *dataset.File, rows int) {
	if s.options.Progress == nil || shard.Rows == 0 {
		return
	}
	const passes = 2
	s.options.Progress(s.done.Add(shard.Bytes*int64(rows)/shard.Rows), passes*s.total)
}

// slots calls do of every slot with what hands out the numbers of shards, in their order: less than 0 when there are no more.
func (s *contaminationSearch) slots(ctx context.Context, do func(ctx context.Context, next func() int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	given := 0
	next := func() int {
		mu.Lock()
		defer mu.Unlock()
		if given == len(s.shards) || ctx.Err() != nil {
			return -1
		}
		given++
		return given - 1
	}
	for range max(min(s.options.Slots, len(s.shards)), 1) {
		g.Go(func() error { return do(ctx, next) })
	}
	return g.Wait()
}

// count is the first pass.
func (s *contaminationSearch) count(ctx context.Context) (*contamination.Counter, error) {
	all := s.index.Counter()
	var mu sync.Mutex
	return all, s.slots(ctx, func(ctx context.Context, next func() int) error {
		own := s.index.Counter()
		for n := next(); n >= 0; n = next() {
			shard := s.shards[n]
			err := s.format(shard).ReadTable(ctx, s.store, shard.Path, columnar.Selection{Text: []string{"text"}}, nil, func(f *columnar.Frame) error {
				texts := f.Text("text")
				for row := range f.Rows() {
					own.Add(texts.At(row))
				}
				s.read(&shard, f.Rows())
				return ctx.Err()
			})
			if err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		return all.Merge(own)
	})
}

// contaminatedCounts are sums over documents.
type contaminatedCounts struct {
	items        []int64 // documents, by item
	sets         []int64 // documents, by set
	contaminated int64
}

func (s *contaminationSearch) newCounts() *contaminatedCounts {
	return &contaminatedCounts{items: make([]int64, s.index.Items()), sets: make([]int64, len(s.index.Sets()))}
}

// match is the second pass.
func (s *contaminationSearch) match(ctx context.Context, weights *contamination.Weights) (*contaminatedCounts, error) {
	all := s.newCounts()
	told := inOrder{each: s.options.Each, waiting: map[int][]ContaminatedDocument{}}
	var mu sync.Mutex // of all and told
	return all, s.slots(ctx, func(ctx context.Context, next func() int) error {
		own := s.newCounts()
		m := weights.Matcher()
		var hits []contamination.Hit
		for n := next(); n >= 0; n = next() {
			var found []ContaminatedDocument
			columns := columnar.Selection{Text: []string{"id", "source", "path", "text"}}
			err := s.format(s.shards[n]).ReadTable(ctx, s.store, s.shards[n].Path, columns, nil, func(f *columnar.Frame) error {
				texts := f.Text("text")
				for row := range f.Rows() {
					hits = m.All(hits[:0], texts.At(row))
					own.add(s.index, hits)
					if s.options.Each == nil {
						continue
					}
					for _, h := range hits {
						found = append(found, s.document(f, row, h))
					}
				}
				s.read(&s.shards[n], f.Rows())
				return ctx.Err()
			})
			if err != nil {
				return err
			}
			mu.Lock()
			err = told.tell(n, found)
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		all.merge(own)
		return nil
	})
}

// document is what is told of one hit.
func (s *contaminationSearch) document(f *columnar.Frame, row int, h contamination.Hit) ContaminatedDocument {
	text := func(column string) string { return string(f.Text(column).At(row)) }
	it := s.index.Item(h.Item)
	d := ContaminatedDocument{
		ID: text("id"), Source: text("source"), Path: text("path"), Set: s.index.Sets()[it.Set].Name, Item: it.ID, Line: it.Line,
		Score: h.Score, Start: h.Start, End: h.End,
	}
	if s.options.Excerpts {
		d.Excerpt = pipeline.Excerpt(string(f.Text("text").At(row)[h.Start:min(h.End, h.Start+mostExcerpt+utf8.UTFMax)]), mostExcerpt)
	}
	return d
}

// add counts the hits of one document, which are in the order of items.
func (c *contaminatedCounts) add(x *contamination.Index, hits []contamination.Hit) {
	if len(hits) > 0 {
		c.contaminated++
	}
	set := -1
	for _, h := range hits {
		c.items[h.Item]++
		if n := x.Item(h.Item).Set; n != set {
			c.sets[n]++
			set = n
		}
	}
}

func (c *contaminatedCounts) merge(o *contaminatedCounts) {
	c.contaminated += o.contaminated
	for i, n := range o.items {
		c.items[i] += n
	}
	for i, n := range o.sets {
		c.sets[i] += n
	}
}

// inOrder tells the findings of shards in their order, whichever ends first.
type inOrder struct {
	each    func(*ContaminatedDocument) error
	next    int
	waiting map[int][]ContaminatedDocument
}

func (t *inOrder) tell(shard int, found []ContaminatedDocument) error {
	if t.each == nil {
		return nil
	}
	t.waiting[shard] = found
	for {
		list, ok := t.waiting[t.next]
		if !ok {
			return nil
		}
		delete(t.waiting, t.next)
		t.next++
		for i := range list {
			if err := t.each(&list[i]); err != nil {
				return err
			}
		}
	}
}

// tell puts together what was found.
func (s *contaminationSearch) tell(documents int64, weights *contamination.Weights, found *contaminatedCounts) *Contaminated {
	out := &Contaminated{Documents: documents, Contaminated: found.contaminated, Digest: s.index.Digest()}
	for i, info := range s.index.Sets() {
		out.Sets = append(out.Sets, ContaminatedSet{SetInfo: info, Documents: found.sets[i]})
	}
	for _, item := range weights.Boilerplate() {
		out.Sets[s.index.Item(item).Set].Boilerplate++
	}
	for item, n := range found.items {
		if n > 0 {
			it := s.index.Item(item)
			set := &out.Sets[it.Set]
			set.Found++
			set.Top = append(set.Top, ContaminatedItem{it.ID, it.Line, n})
		}
	}
	for i := range out.Sets {
		top := &out.Sets[i].Top
		slices.SortFunc(*top, func(a, b ContaminatedItem) int {
			return cmp.Or(cmp.Compare(b.Documents, a.Documents), cmp.Compare(a.Line, b.Line))
		})
		*top = (*top)[:min(len(*top), max(s.options.Top, 0))]
	}
	return out
}
