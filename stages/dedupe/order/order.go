package order

import (
	"container/heap"
	"fmt"
	"math"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// Order is the order in which the documents of a run are gone through, where it is not that of the plan: by rank, the greatest
// first, then by the plan. Whatever compares documents of the run calls them by their place in it; the place turns into the
// number of the document where something is read or written. With nil, which is the order of the plan, both are the same. It
// takes 8 bytes a document, and is safe for concurrent use.
type Order struct {
	places    []uint32 // by document
	documents []uint32 // by place
	missing   int64    // documents without the field that decides
}

// Place is that of a document.
func (o *Order) Place(document uint64) uint64 {
	if o == nil {
		return document
	}
	return uint64(o.places[document])
}

// Document is the one at a place.
func (o *Order) Document(place uint64) uint64 {
	if o == nil {
		return place
	}
	return uint64(o.documents[place])
}

// Missing is how many documents are without the field that decides.
func (o *Order) Missing() int64 { return o.missing }

// Read merges the ranks of all splits of a run; the documents of split i are those from bases[i] on. For First it is nil.
func Read(winner string, work *sorted.Handles, plan *ingest.Plan, bases []int64) (*Order, error) {
	if winner == First {
		return nil, nil
	}
	documents := bases[len(bases)-1]
	if documents > math.MaxUint32 {
		err := fmt.Errorf("%d documents in one run are too many for dedupe.winner: %s", documents, winner)
		return nil, pipeline.WithHint(pipeline.Permanent(err),
			"take fewer files at once, or leave dedupe.winner at "+First)
	}
	heads, err := openRanks(newRanker(winner, plan).kind(), work, bases)
	if err != nil {
		return nil, err
	}
	o := &Order{places: make([]uint32, documents), documents: make([]uint32, 0, documents)}
	for len(heads) > 0 {
		first := heads[0]
		o.places[first.document] = uint32(len(o.documents))
		o.documents = append(o.documents, uint32(first.document))
		if first.run.Kind() == ranksKind(true) && first.rank[0] == 0 {
			o.missing++
		}
		more, err := first.next()
		if err != nil {
			return nil, err
		}
		if more {
			heap.Fix(&heads, 0)
		} else {
			heap.Pop(&heads)
		}
		if len(o.documents)%(1<<16) == 0 && work.Err() != nil {
			return nil, work.Err()
		}
	}
	return o, o.check()
}

// check says whether every document has one place.
func (o *Order) check() error {
	if len(o.documents) != len(o.places) {
		return sorted.Damaged("ranks", "%d ranks for %d documents", len(o.documents), len(o.places))
	}
	for place, d := range o.documents {
		if o.places[d] != uint32(place) {
			return sorted.Damaged("ranks", "document %d has several", d)
		}
	}
	return nil
}
