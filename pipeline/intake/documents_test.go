package intake

import (
	"strconv"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Few files are read whole, in plan order. Of many, or large ones, parts are read that lie in them, and no more than a sample takes.
func TestSamplePieces(t *testing.T) {
	plan := &ingest.Plan{Sources: []pipeline.Source{{Name: "news"}}}
	var cut []bool
	for i := range 10 {
		plan.Files = append(plan.Files, ingest.File{Path: strconv.Itoa(i), Bytes: 1 << 20})
		cut = append(cut, true)
	}
	plan.Files[3].Reject = "binary"
	pieces, all := samplePieces(plan, cut)
	if !all || len(pieces) != 9 || pieces[3].File != 4 || pieces[0].End != 1<<20 {
		t.Errorf("%v, all %v", pieces, all)
	}
	plan.Files[5].Bytes, plan.Files[6].Bytes, plan.Files[7].Bytes = 1<<30, 1<<30, 1<<30
	plan.Files[6].Compression, cut[7] = "gzip", false
	pieces, all = samplePieces(plan, cut)
	parts, sum := map[int]int{}, int64(0)
	for _, p := range pieces {
		if parts[p.File]++; p.Start < 0 || p.End > plan.Files[p.File].Bytes || p.Start >= p.End {
			t.Errorf("%+v", p)
		}
		sum += min(p.most, p.End-p.Start)
	}
	if all || parts[5] < 2 || parts[6] != 1 || parts[7] != 1 || parts[3] != 0 || sum > 2*sampleInput {
		t.Errorf("%v, %d bytes, all %v", parts, sum, all)
	}
}
