package dedupe

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/dedupe/shingle"
)

// known is a document as the slow reference sees it.
type known struct {
	text     string
	exact    [16]byte
	key      [16]byte
	shingles map[uint64]bool
	near     bool // it has enough shingles for more than the exact test
	keys     []uint64
	id       [16]byte
	version  int
}

// reference checks greedy keep-first, decision by decision, by the exact resemblance of all documents: O(n²), no cap, no file.
type reference struct {
	cfg     Config
	version int
	history []known
	before  func(a, b int) int // compares two documents by their order; nil: that of the plan
}

func (r *reference) sketch(documents []string) []known {
	var b columnar.Batch
	offset := int64(0)
	for _, d := range documents {
		b.File, b.Offset = append(b.File, 0), append(b.Offset, offset)
		b.Text.Append([]byte(d))
		offset += int64(len(d)) + 1
	}
	if _, err := NewSign(r.cfg).Process(context.Background(), &b); err != nil {
		panic(err)
	}
	var list []known
	var sets shingle.Shingler
	bands := b.Sketch.Bands
	each := r.cfg.bands()
	for i, d := range documents {
		k := known{
			text: d, exact: b.Sketch.Exact[i], key: b.Sketch.Key[i], shingles: map[uint64]bool{},
			near: int(b.Sketch.Shingles[i]) >= r.cfg.MinShingles, version: r.version,
		}
		k.id, _ = ingest.DocumentID(nil, "news", "night-"+string(rune('0'+r.version))+".txt", b.Offset[i])
		k.keys = []uint64{hashKey(&k.exact)}
		if k.key != noKey {
			k.keys = append(k.keys, hashKey(&k.key))
		}
		if k.near {
			k.keys = append(k.keys, bands[:each]...)
			bands = bands[each:]
			for _, h := range sets.Set([]byte(d)) {
				k.shingles[h] = true
			}
		}
		list = append(list, k)
	}
	return list
}

// resembles says how two documents resemble each other, 0 for not at all.
func (r *reference) resembles(a, b known) (kind uint8, o shingle.Overlap) {
	for h := range a.shingles {
		if b.shingles[h] {
			o.Shared++
		}
	}
	o.Union = uint32(len(a.shingles)+len(b.shingles)) - o.Shared
	switch {
	case a.exact == b.exact:
		return ingest.KindExact, o
	case r.cfg.SameKey && a.key == b.key && a.key != noKey:
		return ingest.KindSameKey, o
	case a.near && b.near && float64(o.Shared)/float64(o.Union) >= r.cfg.Threshold:
		return ingest.KindNear, o
	}
	return 0, o
}

// check checks what a run decided about the documents of the next version. A document that resembles no kept one before
// it must stay; one that resembles a kept one with which it shares a key must go.
func (r *reference) check(t tester, documents []string, out outcome) {
	t.Helper()
	r.version++
	earlier := slices.Clone(r.history) // and the kept of this run
	verdicts := map[int]ingest.Verdict{}
	for i, v := range out.verdicts {
		verdicts[int(v.Document)] = v
		if i > 0 && v.Document <= out.verdicts[i-1].Document {
			t.Fatalf("the verdict of document %d comes behind that of %d", v.Document, out.verdicts[i-1].Document)
		}
	}
	sketched := r.sketch(documents)
	order := make([]int, len(documents))
	for i := range order {
		order[i] = i
	}
	if r.before != nil {
		slices.SortStableFunc(order, r.before)
	}
	for _, i := range order {
		d := sketched[i]
		if out.kept[i] {
			for _, e := range earlier {
				if out.overflow > 0 && e.version < r.version {
					continue // of a large group, only some members of earlier versions are compared, and that is counted
				}
				if kind, o := r.resembles(d, e); kind != 0 && slices.ContainsFunc(d.keys, func(k uint64) bool { return slices.Contains(e.keys, k) }) {
					t.Fatalf("document %d was kept, though it resembles one of version %d: kind %d, %v", i, e.version, kind, o)
				}
			}
			earlier = append(earlier, d)
			r.history = append(r.history, d)
			continue
		}
		v, ok := verdicts[i]
		if !ok || v.ID != d.id {
			t.Fatalf("document %d has no verdict", i)
		}
		delete(verdicts, i)
		at := slices.IndexFunc(earlier, func(e known) bool { return e.version == int(v.WinnerVersion) && e.id == v.WinnerID })
		if at < 0 {
			t.Fatalf("document %d lost to one that was not kept: %+v", i, v)
		}
		kind, o := r.resembles(d, earlier[at])
		if kind != v.Kind || kind != ingest.KindNear && v.Score != 256 || ingest.ExactScore(v.Score) && v.Score != o.Millionths() {
			t.Fatalf("document %d: verdict %+v, but kind %d and %v", i, v, kind, o)
		}
	}
	if len(verdicts) > 0 {
		t.Fatalf("verdicts too many: %v", verdicts)
	}
}
