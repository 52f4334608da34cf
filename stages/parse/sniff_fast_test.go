package parse

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

// plainCensus takes the words of a line one after the other, and looks at each for a tag.
func plainCensus(c *wordCensus, line []byte) {
	for i := 0; i < len(line); {
		if n := separator(line, i); n > 0 {
			i += n
			continue
		}
		t := nextToken(line, i)
		i = t.end
		han, marks := 0, 0
		for _, r := range string(line[t.start:t.end]) {
			switch {
			case strings.ContainsRune("，。；：？！、", r):
				marks++
			case r >= 0x4E00 && r < 0xA000, unicode.Is(unicode.Han, r):
				han++
			}
		}
		c.mostTags = 1
		c.word(line[t.start:t.end], han, marks)
	}
}

// plainSegmented is the census of all lines.
func plainSegmented(s sample) string {
	var c wordCensus
	s.lines(func(line []byte) bool {
		plainCensus(&c, line)
		return true
	})
	switch {
	case c.han < sniffWords:
		return ""
	case c.isTagged():
		return "words with tags"
	case c.isSpaced():
		return "short words and punctuation with spaces between them"
	}
	return ""
}

func plainControls(head []byte) (n int) {
	for _, c := range head {
		if c < ' ' && (c < '\t' || c > '\r') || c == 0x7f {
			n++
		}
	}
	return n
}

// spacedText makes lines of short words, and of others in so many of a hundred.
func spacedText(rng *rand.Rand, others int) string {
	var b strings.Builder
	han := func(n int) {
		for range n {
			b.WriteRune(rune(0x4E00 + rng.IntN(0x5200)))
		}
	}
	tags := rng.IntN(3) * 40 // in a hundred words
	space := []string{" ", "  ", "\t", "\u3000", "\n", "\r\n"}
	for range rng.IntN(400) {
		switch n := rng.IntN(100); {
		case n < others:
			switch rng.IntN(5) {
			case 0:
				han(5 + rng.IntN(30))
				b.WriteString("，")
			case 1:
				b.WriteString("words, words / and_words")
			case 2:
				b.WriteString("\xE3\x80")
			case 3:
				b.WriteString("/xyz2")
			case 4:
				b.WriteString("，。")
			}
		case n < 80:
			han(1 + rng.IntN(3))
			if rng.IntN(80) < tags {
				b.WriteString([]string{"/n", "/v", "_NN", "/nt", "/xyz"}[rng.IntN(5)])
			}
		default:
			b.WriteString([]string{"，", "。", "、", "12", "a", "〇"}[rng.IntN(6)] + []string{"", "/w"}[tags/80])
		}
		b.WriteString(space[min(rng.IntN(12), len(space)-1)*rng.IntN(2)])
	}
	return b.String()
}

// TestSegmentedEarly holds that a part of a text says what all of it does.
func TestSegmentedEarly(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	seen := map[string]int{}
	for i := range 6000 {
		head := []byte(spacedText(rng, []int{0, 1, 2, 3, 5, 6, 9, 20, 50, 99}[i%10]))
		s := sample{head: head, cut: rng.IntN(2) == 0}
		want := plainSegmented(s)
		if line, _ := s.firstLine(); len(articleID(line)) > 0 {
			continue
		}
		if got := sniffSegmented(s, Config{}); got != want {
			t.Fatalf("%q, want %q, of %q", got, want, head)
		}
		seen[want]++
	}
	if len(seen) != 3 || seen[""] < 100 {
		t.Errorf("the inputs are too much alike: %v", seen)
	}
}

// TestCensus holds that a line has the words that it has one by one, damaged ones among them.
func TestCensus(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	for i := range 4000 {
		line := []byte(strings.ReplaceAll(spacedText(rng, i%100), "\n", " "))
		for range rng.IntN(5) {
			if len(line) > 0 {
				line[rng.IntN(len(line))] = byte(rng.IntN(256))
			}
		}
		line = line[:rng.IntN(len(line)+1)]
		got := newWordCensus(line)
		want := got
		got.add(line)
		most := want.mostTags
		plainCensus(&want, line)
		if want.mostTags = most; got != want {
			t.Fatalf("%+v, want %+v, of %q", got, want, line)
		}
	}
}

func FuzzSegmentedEarly(f *testing.F) {
	rng := rand.New(rand.NewPCG(2, 9))
	for i := range 10 {
		f.Add([]byte(spacedText(rng, i)), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, head []byte, cut bool) {
		s := sample{head: head, cut: cut}
		if line, _ := s.firstLine(); len(articleID(line)) > 0 {
			return
		}
		if got, want := sniffSegmented(s, Config{}), plainSegmented(s); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		if got, want := controls(head), plainControls(head); got != want {
			t.Fatalf("%d controls, want %d", got, want)
		}
	})
}

func TestControls(t *testing.T) {
	for b := range 256 {
		for _, fill := range []string{"a", "\n", "\xE4", "\x00", "\x7f", "\x0e"} {
			for at := range 73 { // a vector, a word, and a byte
				head := bytes.Repeat([]byte(fill), 73)
				head[at] = byte(b)
				if got, want := controls(head), plainControls(head); got != want {
					t.Fatalf("%d controls in %x, want %d", got, head, want)
				}
			}
		}
	}
}

func TestHasHigh(t *testing.T) {
	text := []byte("abcdefgh文abcdefgh文abc文")
	for n := 1; n < 12; n++ {
		if got, want := hasHigh(text, n), n <= 9; got != want {
			t.Errorf("%d bytes beyond ASCII: %v", n, got)
		}
	}
}

// TestHanBlock holds that the block that the census takes for Han at sight is that.
func TestHanBlock(t *testing.T) {
	for r := rune(0x4E00); r < 0xA000; r++ {
		if !unicode.Is(unicode.Han, r) {
			t.Errorf("%U", r)
		}
	}
}

// TestFormatsOfAnyEncodingComeFirst is what chooseStored goes by.
func TestFormatsOfAnyEncodingComeFirst(t *testing.T) {
	others := false
	for _, f := range formats() {
		if f.anyEncoding && (others || f.sniff == nil) {
			t.Errorf("%s is tried behind formats of text", f.name)
		}
		others = others || !f.anyEncoding
	}
}
