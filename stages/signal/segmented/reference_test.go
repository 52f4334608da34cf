package segmented

import (
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/jieba"
	"github.com/millrace/millrace/pipeline/text/words"
)

// reference measures by the words of the definitions, with maps of strings.
func reference(text string) []int64 {
	var list []string
	for _, w := range words.New(jieba.Default()).Cut(nil, []byte(text)) {
		list = append(list, text[w.Start:w.End])
	}
	all := int64(len(list))
	chars := int64(utf8.RuneCountInString(strings.Join(list, "")))
	unique, stopped := map[string]bool{}, int64(0)
	var english, chinese int64
	for _, w := range list {
		lists := stops[strings.ToLower(w)]
		if strings.ToLower(w) != w && lists&stopEnglish == 0 {
			lists = 0
		}
		if lists != 0 {
			stopped++
		}
		unique[w] = true
	}
	for w := range unique {
		if lists := stop([]byte(w)); lists&stopEnglish != 0 {
			english++
		} else if lists != 0 {
			chinese++
		}
	}
	out := []int64{all, signal.Share(chars, all), signal.Share(int64(len(unique)), all), english, chinese, signal.Share(stopped, all)}
	for n := lengthFirst; n <= lengthLast; n++ {
		if n <= lastTop {
			out = append(out, signal.Share(referenceTop(list, n), chars))
		} else {
			out = append(out, signal.Share(referenceDuplicates(list, n), chars))
		}
	}
	return out
}

// covered is the characters of the words that are marked.
func covered(list []string, marked []bool) int64 {
	n := 0
	for i, w := range list {
		if marked[i] {
			n += utf8.RuneCountInString(w)
		}
	}
	return int64(n)
}

func mark(marked []bool, from, n int) {
	for i := range n {
		marked[from+i] = true
	}
}

func referenceTop(list []string, n int) int64 {
	at := map[string][]int{}
	for i := 0; i+n <= len(list); i++ {
		gram := strings.Join(list[i:i+n], "\x00")
		at[gram] = append(at[gram], i)
	}
	times, most := 2, int64(0)
	for _, places := range at {
		if len(places) < times {
			continue
		}
		marked := make([]bool, len(list))
		for _, p := range places {
			mark(marked, p, n)
		}
		if c := covered(list, marked); len(places) > times || c > most {
			times, most = len(places), c
		}
	}
	return most
}

func referenceDuplicates(list []string, n int) int64 {
	seen, marked := map[string]bool{}, make([]bool, len(list))
	for i := 0; i+n <= len(list); i++ {
		gram := strings.Join(list[i:i+n], "\x00")
		if seen[gram] {
			mark(marked, i, n)
		}
		seen[gram] = true
	}
	return covered(list, marked)
}
