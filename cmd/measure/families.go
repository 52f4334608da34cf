package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/millrace/millrace/cmd/measure/exact"
	"github.com/millrace/millrace/stages/dedupe"
)

// measureFamilies prints how many pages of one template a run removes, and how many greedy keep-first by exact resemblance
// does: pages of so many characters that all have, and so many of their own.
func measureFamilies(ctx context.Context, w io.Writer, binary string) error {
	const pages = 5000
	for _, f := range []struct{ shared, own int }{{300, 60}, {300, 50}, {300, 40}, {3000, 600}} {
		r := rand.New(rand.NewPCG(uint64(f.shared), uint64(f.own)))
		template := randomText(r, f.shared)
		texts := make([]string, pages)
		for i := range texts {
			texts[i] = string(template[:f.shared/2]) + string(randomText(r, f.own)) + string(template[f.shared/2:])
		}
		kept, err := keptTexts(ctx, binary, texts, dedupe.Default().Threshold)
		if err != nil {
			return err
		}
		stay := exact.Family(dedupe.Default(), texts)
		wrong := 0
		for i, k := range kept {
			if k != stay[i] {
				wrong++
			}
		}
		fmt.Fprintf(w, "family of %d pages, %d+%d characters: %d removed, exactly %d; %d verdicts differ\n",
			pages, f.shared, f.own, count(kept, false), count(stay, false), wrong)
	}
	return nil
}

func count(list []bool, what bool) (n int) {
	for _, v := range list {
		if v == what {
			n++
		}
	}
	return n
}

// randomText makes n different and unlike Chinese characters.
func randomText(r *rand.Rand, n int) []rune {
	text := make([]rune, n)
	for i := range text {
		text[i] = rune(0x4E00 + r.IntN(20000))
	}
	return text
}

// measureRecall prints how many of the pairs that resemble each other by .05 more than the threshold are found.
func measureRecall(ctx context.Context, w io.Writer, binary string) error {
	const pairs = 2000
	for _, threshold := range []float64{.5, .6, .7, .75, .85, .9} {
		cfg := dedupe.Default()
		cfg.Threshold = threshold
		s := dedupe.NewShingler(cfg)
		r := rand.New(rand.NewPCG(7, uint64(100*threshold)))
		var texts []string
		for len(texts) < 2*pairs {
			a := randomText(r, 300+r.IntN(300))
			b := editedTo(r, s, a, threshold+.05)
			if b != nil {
				texts = append(texts, string(a), string(b))
			}
		}
		kept, err := keptTexts(ctx, binary, texts, threshold)
		if err != nil {
			return err
		}
		found := count(kept, false)
		fmt.Fprintf(w, "threshold %.2f: %d of %d pairs at %.2f found, %.4f\n", threshold, found, pairs, threshold+.05, float64(found)/pairs)
	}
	return nil
}

// editedTo replaces characters of a text until the two resemble each other by j, or gives up.
func editedTo(r *rand.Rand, s *dedupe.Shingler, a []rune, j float64) []rune {
	set := map[uint64]bool{}
	for _, h := range s.Set(nil, []byte(string(a))) {
		set[h] = true
	}
	b := slices.Clone(a)
	for range len(a) {
		shared := 0
		other := s.Set(nil, []byte(string(b)))
		for _, h := range other {
			if set[h] {
				shared++
			}
		}
		got := float64(shared) / float64(len(set)+len(other)-shared)
		switch {
		case math.Abs(got-j) < .003:
			return b
		case got < j:
			return nil
		}
		b[r.IntN(len(b))] = rune(0x4E00 + r.IntN(20000))
	}
	return nil
}

// keptTexts runs the whole job on some texts and says which of them it kept.
func keptTexts(ctx context.Context, binary string, texts []string, threshold float64) (kept []bool, err error) {
	dir, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	name := filepath.Join(dir, "texts.jsonl")
	err = whole(name, func(w io.Writer) error {
		enc := encoder(w)
		for i, t := range texts {
			if err := enc.Encode(record{strconv.Itoa(i), t}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ids, err := keptIDs(ctx, binary, name, "MILLRACE_DEDUPE_THRESHOLD="+strconv.FormatFloat(threshold, 'f', -1, 64))
	if err != nil {
		return nil, err
	}
	for i := range texts {
		kept = append(kept, ids[strconv.Itoa(i)])
	}
	return kept, nil
}
