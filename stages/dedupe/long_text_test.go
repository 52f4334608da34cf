package dedupe

import (
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Texts of many parts, within a run and against an earlier version.
func TestLongTexts(t *testing.T) {
	pipelinetest.Long(t)
	r := rand.New(rand.NewPCG(72, 73))
	long := chinese(r, 1_600_000)
	at := len(long) / 27 * 24 // between characters or in one: what is cut is left out of the key text
	near, far := long[:at]+chinese(r, 150_000), long[:at/2]+chinese(r, 800_000)
	c := newCorpus(Default())
	out := c.run(t, 1, []string{long, near}, []string{far})
	again := c.run(t, 1, []string{near, far + "。"})
	if len(out.verdicts) != 1 || !ingest.ExactScore(out.verdicts[0].Score) || !out.kept[2] || len(again.verdicts) != 2 ||
		again.verdicts[0].Score != out.verdicts[0].Score || again.verdicts[0].WinnerVersion != 1 {
		t.Errorf("%+v, then %+v", out.verdicts, again.verdicts)
	}
}
