package shingle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/text"
)

// fewKinds makes texts over few characters: each is a source of texts that have nothing to do with each other.
var fewKinds = map[string]func(r *rand.Rand, n int) string{
	"dna":           letters("ACGT"),
	"rna":           letters("acgu"),
	"dna with n":    letters("ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTN"),
	"at-rich dna":   letters("AAAAATTTTTCG"),
	"bits":          letters("01"),
	"bits, few set": letters("00001"),
	"bits, csv":     joined(",", letters("01"), 1, 1),
	"bits, words":   joined(" ", letters("01"), 8, 8),
	"octal":         letters("01234567"),
	"digits":        letters("0123456789"),
	"hex":           letters("0123456789abcdef"),
	"hex dump":      joined(" ", letters("0123456789abcdef"), 2, 2),
	"hex, c array":  joined(", 0x", letters("0123456789ABCDEF"), 2, 2),
	"notes":         letters("cdefgab"),
	"two han":       letters("哈嘻"),
	"emoji":         letters("👍👎😀"),
	"plus minus":    letters("+-"),
	"morse":         joined(" ", letters(".-"), 1, 4),
	"fasta":         joined("\n", letters("ACGT"), 60, 60),
	"decimals": func(r *rand.Rand, n int) string {
		var b strings.Builder
		for b.Len() < n {
			fmt.Fprintf(&b, "%.1f\n", r.Float64())
		}
		return b.String()
	},
	"temperatures": func(r *rand.Rand, n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "S%d,%.1f,%.1f\n", i%60, 12+6*r.NormFloat64(), r.Float64()*100)
		}
		return b.String()
	},
}

func letters(of string) func(r *rand.Rand, n int) string {
	all := []rune(of)
	return func(r *rand.Rand, n int) string {
		out := make([]rune, n)
		for i := range out {
			out[i] = all[r.IntN(len(all))]
		}
		return string(out)
	}
}

// joined makes words of least to most characters.
func joined(sep string, word func(*rand.Rand, int) string, least, most int) func(r *rand.Rand, n int) string {
	return func(r *rand.Rand, n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(word(r, least+r.IntN(most-least+1)))
			b.WriteString(sep)
		}
		return b.String()
	}
}

func setOf(t string) []uint64 { return new(Shingler).Set([]byte(t)) }

func resemblance(a, b []uint64) float64 {
	var table hashTable
	table.reset(len(a))
	for _, x := range a {
		table.add(x)
	}
	both := 0
	for _, x := range b {
		if table.has(x) {
			both++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// Texts over few characters that have nothing to do with each other are far from any threshold, at every length.
func TestFewCharactersAreToldApart(t *testing.T) {
	pipelinetest.Long(t)
	for kind, text := range fewKinds {
		t.Run(kind, func(t *testing.T) {
			r := rand.New(rand.NewPCG(81, 82))
			for _, n := range []int{100, 300, 1000, 3000, 10_000, 60_000} {
				if j := resemblance(setOf(text(r, n)), setOf(text(r, n))); j > .4 {
					t.Errorf("%d characters, unrelated: %.3f", n, j)
				}
			}
		})
	}
}

// A copy in which two characters in a hundred differ, side by side, is near, in 99 of 100 cases: their shingles are of one
// length.
func TestCopiesOfFewCharactersAreNear(t *testing.T) {
	pipelinetest.Long(t)
	const each = 30
	missed := 0
	for kind, text := range fewKinds {
		r := rand.New(rand.NewPCG(83, 84))
		for range each {
			n := 500 + int(20_000*r.Float64()*r.Float64())
			a := []rune(text(r, n))
			b, other := slices.Clone(a), []rune(text(r, n/50))
			copy(b[r.IntN(n-n/25):], other[:n/50])
			if j := resemblance(setOf(string(a)), setOf(string(b))); j < .75 {
				missed++
				t.Logf("%s, %d characters: %.3f", kind, n, j)
			}
		}
	}
	if missed > each*len(fewKinds)/100 {
		t.Errorf("%d of %d copies are not near", missed, each*len(fewKinds))
	}
}

// Ordinary text has 5-grams and nothing else, also where a language has few letters, and with dates, prices and lists.
func TestProseHasNoStretches(t *testing.T) {
	for _, s := range []string{
		"改革开放以来，我国经济发展很快。1998年国内生产总值79553亿元，比上年增长7.8%；城镇居民人均收入5425元，增长5.8%。",
		"Ua hānau kū‘oko‘a ‘ia nā kānaka apau loa, a ua kau like ka hanohano a me nā pono kīvila ma luna o kākou pākahi.",
		"E fanau soʻosaʻoloto tagata uma ma le tutusa o latou tulaga aloaʻia faapea ma aia tatau.",
		"All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.",
		"すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
		"모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
		"يولد جميع الناس أحراراً متساوين في الكرامة والحقوق، وقد وهبوا عقلاً وضميراً.",
		"func add(a, b int) int {\n\treturn a + b // 1 + 2 = 3\n}\nif err != nil { return fmt.Errorf(\"read %s: %w\", name, err) }\n",
		"2024年5月1日 星期三 气温 12~25℃；2024年5月2日 星期四 气温 -3~8℃，风力3-4级，票价￥35.50元。",
	} {
		key := text.AppendKey(nil, []byte(strings.Repeat(s, 20)))
		if all := appendStretches(nil, key); len(all) > 0 || new(grams).look(key) {
			t.Errorf("%s: %v", s, all)
		}
	}
}

// drawKey draws a key text of pieces of few characters and of many.
func drawKey(t *rapid.T) []uint32 {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	alphabets := []string{"01", "acgt", "acgtn", "cdefgab", "0123456789.,", "0123456789abcdef", "中国人民日报社论改革开放经济发展", "abcdefghijklmnopqrstuvwxyz"}
	var key []uint32
	for range rapid.IntRange(1, 6).Draw(t, "pieces") {
		alphabet := []rune(rapid.SampledFrom(alphabets).Draw(t, "alphabet"))
		for range rapid.IntRange(1, 400).Draw(t, "length") {
			key = append(key, uint32(alphabet[r.IntN(len(alphabet))]))
		}
	}
	return key
}

// plainStretches is appendStretches said plainly: every window is looked at.
func plainStretches(key []uint32) []stretch {
	var all []stretch
	windows := func(size int, is func([]uint32) bool) {
		for i := 0; i+size <= len(key); i++ {
			if is(key[i : i+size]) {
				all = append(all, stretch{i, i + size})
			}
		}
	}
	fewer := func(most int) func([]uint32) bool {
		return func(w []uint32) bool {
			w = slices.Clone(w)
			slices.Sort(w)
			return len(slices.Compact(w)) <= most
		}
	}
	windows(64, fewer(4))
	windows(256, fewer(8))
	if len(key) < 128 {
		windows(32, fewer(3))
	}
	windows(64, func(w []uint32) bool {
		return !slices.ContainsFunc(w, func(r uint32) bool { return !isNumber(r) && !isHex(r) })
	})
	windows(64, mostlyNumbersPlainly)
	return slices.DeleteFunc(merged(all), func(s stretch) bool { return isRule(key[s.start:s.end]) })
}

func mostlyNumbersPlainly(w []uint32) bool {
	numbers := 0
	for _, r := range w {
		if isNumber(r) {
			numbers++
		}
	}
	return numbers >= 48
}

// Numbers are found in the blocks that may have them as they are where every window is looked at.
func TestNumbersAreTheirDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := drawKey(t)
		// In between, the share of numbers is near the bound.
		mixed := []rune("0123456789,−年月")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "mixed"), 2))
		for range rapid.IntRange(0, 600).Draw(t, "length") {
			key = append(key, uint32(mixed[r.IntN(len(mixed))]))
		}
		var want []stretch
		for i := 0; i+64 <= len(key); i++ {
			if mostlyNumbersPlainly(key[i : i+64]) {
				want = append(want, stretch{i, i + 64})
			}
		}
		if got, want := appendNumbers(nil, key), merged(want); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestStretchesAreTheirDefinition(t *testing.T) {
	equalButForNumbers(t, func(t *rapid.T) (key []uint32, got, want []stretch) {
		key = drawKey(t)
		return key, appendStretches(nil, key), plainStretches(key)
	})
}

// equalButForNumbers checks that the stretches of drawn keys are those that are wanted. The quick look at blocks may miss a few
// numbers, in ten draws at most; where a key has none it has nothing to miss.
func equalButForNumbers(t *testing.T, draw func(t *rapid.T) (key []uint32, got, want []stretch)) {
	t.Helper()
	missed := 0
	rapid.Check(t, func(t *rapid.T) {
		key, got, want := draw(t)
		if slices.Equal(got, want) {
			return
		}
		if len(appendNumbers(nil, key)) == 0 {
			t.Fatalf("%v, want %v", got, want)
		}
		missed++
	})
	if missed > 10 {
		t.Errorf("numbers were missed %d times", missed)
	}
}

// Each place has the shingle that its definition gives it, whether they are made at once or in parts.
func TestShinglesAreTheirDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := drawKey(t)
		var g grams
		got := g.shingles(nil, key)
		if len(got) != shingleCount(key) {
			t.Fatalf("%d shingles of %d code points", len(got), len(key))
		}
		var inParts []uint64
		for from := 0; from < len(got); {
			to := min(from+rapid.IntRange(1, 300).Draw(t, "part"), len(got))
			inParts = g.append(inParts, key, from, to)
			from = to
		}
		if !slices.Equal(got, inParts) {
			t.Fatal("shingles differ if they are made in parts")
		}
		long := 0
		for i, x := range got {
			want := appendGrams(nil, key[i:i+gram], gram)
			for _, s := range g.stretches {
				if s.start > i || i+g.lower > s.end {
					continue
				}
				want = appendGrams(nil, key[i:i+g.lower], g.lower)
				if i+g.upper <= s.end && Mix64(want[0]) < g.cut {
					want = appendGrams(nil, key[i:i+g.upper], g.upper)
				}
				long++
			}
			if x != want[0] {
				t.Fatalf("shingle %d of %d", i, len(got))
			}
		}
		if (long > 0) != (g.upper > gram) {
			t.Fatalf("%d shingles of length %d to %d", long, g.lower, g.upper)
		}
	})
}

// What stands elsewhere in the text has no part in a place's being in a stretch, but that a few numbers may be missed.
func TestStretchesAreLocal(t *testing.T) {
	equalButForNumbers(t, func(t *rapid.T) (key []uint32, got, want []stretch) {
		prose := func(name string) (key []uint32) {
			r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, name), 2))
			return randomKey(r, rapid.IntRange(300, 600).Draw(t, name+" length"))
		}
		middle := append(append(prose("before"), drawKey(t)...), prose("after")...)
		front := prose("front")
		alone, moved := appendStretches(nil, middle), appendStretches(nil, append(slices.Clone(front), middle...))
		for i := range alone {
			alone[i].start += len(front)
			alone[i].end += len(front)
		}
		return middle, moved, alone
	})
}

// A text that repeats itself has few shingles of any length, and is near a longer one of its kind, as ever.
func TestRepetitionHasShortShingles(t *testing.T) {
	for _, unit := range []string{"哈", "哈嘻", "abcab", "=", "hahaho ", "01101"} {
		some := setOf(strings.Repeat(unit, 300))
		for _, n := range []int{40, 700} {
			if j := resemblance(some, setOf(strings.Repeat(unit, n))); j != 1 {
				t.Errorf("%s 300 times and %d times: %.3f", unit, n, j)
			}
		}
	}
	r := rand.New(rand.NewPCG(89, 90))
	var headings strings.Builder
	for range 10 {
		headings.WriteString(chinese(r, 12) + "\n" + strings.Repeat("=", 80) + "\n" + chinese(r, 200) + "\n")
	}
	if new(grams).look(text.AppendKey(nil, []byte(headings.String()))) {
		t.Error("headings that are underlined have longer shingles")
	}
}
