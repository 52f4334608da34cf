package web

import (
	"slices"
	"unicode"
)

// width is how many words, or characters of Chinese, are compared at once.
const width = 4

// Score is how a text compares with the right one.
type Score struct {
	Precision, Recall float64
	Exact             bool // the same words in the same order
	Empty             bool // no text at all: says nothing about precision, as in the benchmark
}

// Compare scores a text as the evaluation of scrapinghub/article-extraction-benchmark does: by shingles of four words, counted.
// Chinese has no words to split at, so there its shingles are of four characters, white space left out.
func Compare(right, got string, chinese bool) Score {
	split := words
	if chinese {
		split = characters
	}
	a, b := split(right), split(got)
	left := shingles(a)
	var hits, all float64
	for key, n := range shingles(b) {
		all += float64(n)
		hits += float64(min(n, left[key]))
	}
	var wanted float64
	for _, n := range left {
		wanted += float64(n)
	}
	s := Score{Exact: slices.Equal(a, b), Empty: len(b) == 0}
	if wanted == 0 && all == 0 {
		return Score{Precision: 1, Recall: 1, Exact: true, Empty: true}
	}
	if all > 0 {
		s.Precision = hits / all
	}
	if wanted > 0 {
		s.Recall = hits / wanted
	}
	return s
}

// words are the runs of letters, digits and underscores.
func words(text string) []string {
	var out []string
	start := -1
	for i, r := range text {
		in := r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
		switch {
		case in && start < 0:
			start = i
		case !in && start >= 0:
			out, start = append(out, text[start:i]), -1
		}
	}
	if start >= 0 {
		out = append(out, text[start:])
	}
	return out
}

// characters are those that are no white space.
func characters(text string) []string {
	var out []string
	for i, r := range text {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			continue
		}
		out = append(out, text[i:i+len(string(r))])
	}
	return out
}

// shingles counts the runs of width tokens. Fewer tokens are one shingle.
func shingles(tokens []string) map[[width]string]int {
	counts := map[[width]string]int{}
	if len(tokens) == 0 {
		return counts
	}
	for i := range max(1, len(tokens)-width+1) {
		var key [width]string
		copy(key[:], tokens[i:min(i+width, len(tokens))])
		counts[key]++
	}
	return counts
}

// Mean is the means over pages.
type Mean struct {
	Pages             int
	Precision, Recall float64
	Exact             float64 // share of the pages
	Empty             int     // pages without a text
}

// F1 is that of the means, not the mean of it, as in the benchmark.
func (m Mean) F1() float64 {
	if m.Precision+m.Recall == 0 {
		return 0
	}
	return 2 * m.Precision * m.Recall / (m.Precision + m.Recall)
}

// Average is the means of scores. Pages without a text do not count for precision.
func Average(scores []Score) Mean {
	m := Mean{Pages: len(scores)}
	for _, s := range scores {
		m.Precision += s.Precision
		m.Recall += s.Recall
		if s.Exact {
			m.Exact++
		}
		if s.Empty {
			m.Empty++
		}
	}
	n := float64(len(scores))
	if said := n - float64(m.Empty); said > 0 {
		m.Precision /= said
	}
	if n > 0 {
		m.Recall /= n
		m.Exact /= n
	}
	return m
}
