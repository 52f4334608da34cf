package dedupe

import (
	"context"
	"slices"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
)

// known is a document as the slow reference sees it.
type known struct {
	text      string
	signature []byte
	exact     [16]byte
	key       [16]byte
	shingles  int
	keys      []uint64
	id        [16]byte
	version   int
	number    int64
}

// reference is greedy keep-first over all pairs that share a key: O(n²), no cap, no file.
type reference struct {
	cfg     Config
	version int
	history []known
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
	bands := b.Sketch.Bands
	for i, d := range documents {
		k := known{
			text: d, signature: b.Sketch.Signature[256*i : 256*i+256], exact: b.Sketch.Exact[i], key: b.Sketch.Key[i],
			shingles: int(b.Sketch.Shingles[i]), version: r.version, number: int64(i),
		}
		k.id, _ = pipeline.DocumentID(nil, "news", "night-"+string(rune('0'+r.version))+".txt", b.Offset[i])
		k.keys = []uint64{hashKey(&k.exact)}
		if k.key != noKey {
			k.keys = append(k.keys, hashKey(&k.key))
		}
		if k.shingles >= r.cfg.MinShingles {
			k.keys = append(k.keys, bands[:32]...)
			bands = bands[32:]
		}
		list = append(list, k)
	}
	return list
}

func (r *reference) verify(a, b known) (kind uint8, score uint16) {
	both := a.shingles >= r.cfg.MinShingles && b.shingles >= r.cfg.MinShingles
	same := 0
	for i := range a.signature {
		if a.signature[i] == b.signature[i] {
			same++
		}
	}
	switch {
	case a.exact == b.exact:
		return pipeline.KindExact, 256
	case r.cfg.SameKey && a.key == b.key && a.key != noKey:
		return pipeline.KindSameKey, 256
	case both && float64(same-1)/255 >= r.cfg.Threshold:
		return pipeline.KindNear, uint16(same)
	}
	return 0, 0
}

// run decides about the documents of the next version.
func (r *reference) run(documents []string) (kept []bool, verdicts []pipeline.Verdict) {
	r.version++
	earlier := slices.Clone(r.history) // and the kept of this run
	having := map[uint64][]int{}       // places in earlier
	for i, e := range earlier {
		for _, k := range e.keys {
			having[k] = append(having[k], i)
		}
	}
	keptNumber := int64(0)
	for _, d := range r.sketch(documents) {
		winner := len(earlier)
		var verdict pipeline.Verdict
		for _, k := range d.keys {
			for _, i := range having[k] {
				e := earlier[i]
				if kind, score := r.verify(d, e); kind != 0 && i < winner {
					winner = i
					verdict = pipeline.Verdict{
						Document: d.number, ID: d.id, WinnerID: e.id, WinnerVersion: int32(e.version), Score: score, Kind: kind,
					}
				}
			}
		}
		kept = append(kept, winner == len(earlier))
		if winner < len(earlier) {
			verdicts = append(verdicts, verdict)
			continue
		}
		for _, k := range d.keys {
			having[k] = append(having[k], len(earlier))
		}
		earlier = append(earlier, d)
		d.number = keptNumber
		r.history = append(r.history, d)
		keptNumber++
	}
	return kept, verdicts
}
