package dedupe

import (
	"math/rand/v2"
	"strings"
	"testing"

	"millrace/pipeline"
)

// Parts give what sets give, for ordinary text, for repeats and for stretches of few characters.
func TestPartsAreTheSet(t *testing.T) {
	r := rand.New(rand.NewPCG(70, 71))
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(byte('0' + r.IntN(10)))
		}
		return b.String()
	}
	text := chinese(r, 9000)
	number := digits(3000)
	list := []string{
		text, substitute(r, text, 300), text[:len(text)/9*3] + strings.Repeat("春眠不覺曉", 500), number, number[:2000] + digits(1000),
		chinese(r, 5000) + number, strings.Repeat("a", 9000), "春", "",
	}
	sets := newComparer(nil)
	for _, a := range list {
		for _, b := range list {
			sets.probeFor(ref{}, append([]uint64(nil), sets.shingler.setOf([]byte(a))...))
			want := sets.overlap(sets.shingler.setOf([]byte(b)))
			for _, parts := range []uint64{1, 3} {
				got, ok := compareParts(newKeyText([]byte(a)), newKeyText([]byte(b)), parts)
				if !ok || got != want {
					t.Errorf("%d and %d bytes in %d parts: %v, want %v", len(a), len(b), parts, got, want)
				}
			}
		}
	}
}

// Texts of many parts, within a run and against an earlier version.
func TestLongTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(72, 73))
	long := chinese(r, 1_600_000)
	at := len(long) / 27 * 24 // between characters or in one: what is cut is left out of the key text
	near, far := long[:at]+chinese(r, 150_000), long[:at/2]+chinese(r, 800_000)
	c := newCorpus(Default())
	out := c.run(t, 1, []string{long, near}, []string{far})
	again := c.run(t, 1, []string{near, far + "。"})
	if len(out.verdicts) != 1 || !pipeline.ExactScore(out.verdicts[0].Score) || !out.kept[2] || len(again.verdicts) != 2 ||
		again.verdicts[0].Score != out.verdicts[0].Score || again.verdicts[0].WinnerVersion != 1 {
		t.Errorf("%+v, then %+v", out.verdicts, again.verdicts)
	}
}
