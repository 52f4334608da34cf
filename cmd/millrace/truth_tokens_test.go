package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/counts"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/text/jieba"
	"github.com/millrace/millrace/pipeline/text/words"
	"github.com/millrace/millrace/stages/vocab"
	"github.com/millrace/millrace/stages/vocab/tokens"
)

// counting are the settings of the vocabulary for a night: which kinds of tokens are counted changes with the seed and the step.
func (c *truth) counting() vocab.Config {
	v := vocab.Default()
	v.Least = 1 + int64(c.step%3)
	v.Growth = []float64{0, 0.4, 5}[(c.step+c.step/3)%3]
	if c.least == nil {
		c.least = map[int]int64{}
	}
	next := 1
	if m := c.newest(); m != nil {
		next = m.Version + 1
	}
	c.least[next] = v.Least
	switch {
	case c.step%7 == 6:
	case c.step%5 == 4:
		v.Count, v.Ngrams = []string{vocab.CountChars, vocab.CountNgrams}, []int{3, 2}
	default:
		v.Count, v.Ngrams = []string{vocab.CountChars, vocab.CountNgrams}, []int{2, 5}
		if c.words {
			v.Count = append(v.Count, vocab.CountWords)
		}
	}
	return v
}

// wordsOf are the words of a text.
func wordsOf(cutter *words.Cutter, text string) (list []string) {
	for _, w := range cutter.Cut(nil, []byte(text)) {
		list = append(list, text[w.Start:w.End])
	}
	return list
}

// gramsOf are the n-grams of a text, the slow and plain way.
func gramsOf(text string, n int) (list []string) {
	runes := []rune(text)
	for i := 0; i+n <= len(runes); i++ {
		if !slices.ContainsFunc(runes[i:i+n], func(r rune) bool { return r > counts.MostLetter || !unicode.In(r, unicode.L, unicode.M) }) {
			list = append(list, string(runes[i:i+n]))
		}
	}
	return list
}

// tokenRow is a row of a table of words or n-grams.
type tokenRow struct {
	Token        string `parquet:"token"`
	Count        int64  `parquet:"count"`
	Documents    int64  `parquet:"documents"`
	NewCount     int64  `parquet:"new_count"`
	NewDocuments int64  `parquet:"new_documents"`
}

// mergedRows are the rows of the table that is made of the runs of a kind, where the newest version has none.
func mergedRows(t *testing.T, out string, m *manifest.Manifest, kind string, least int64) []tokenRow {
	t.Helper()
	s, err := store.Open(t.Context(), out, store.Options{})
	pipelinetest.Must(t, err)
	defer s.Close() //nolint:errcheck // nothing was written
	c := openCorpus(s)
	list, err := c.Versions(t.Context())
	pipelinetest.Must(t, err)
	v := manifest.ViewOf(list)
	made, err := corpus.CountedOf(&v)
	pipelinetest.Must(t, err)
	i := slices.IndexFunc(made, func(k ingest.Counted) bool { return k.Kind == kind })
	at := t.TempDir()
	to, err := store.NewLocal(at, store.LocalOptions{})
	pipelinetest.Must(t, err)
	defer to.Close() //nolint:errcheck // it is gone with the test
	table, err := tokens.MakeTable(t.Context(), c.Files(), to, made[i], m.Version, least)
	pipelinetest.Must(t, err)
	return readRows[tokenRow](t, filepath.Join(at, table.Name))
}

// recountTokens holds the tables of words and n-grams that are counted against the live documents.
func (c *truth) recountTokens(m *manifest.Manifest) {
	t := c.t
	t.Helper()
	cutter := words.New(jieba.Default())
	for _, counted := range m.Counted {
		c.done["counted "+counted.Kind]++
		if len(counted.Made) > 8 {
			t.Errorf("%s has %d runs: %v", counted.Kind, len(counted.Made), counted.Made)
		}
		var rows []tokenRow
		at := 0
		at = counted.Made[len(counted.Made)-1]
		name := filepath.Join(c.out, "vocab", fmt.Sprintf("%06d", at), counted.Kind+".parquet")
		_, err := os.Stat(name)
		merged := err != nil
		if merged {
			c.done["counted without a table"]++
			rows = mergedRows(t, c.out, m, counted.Kind, c.least[at])
		} else {
			rows = readRows[tokenRow](t, name)
		}
		want := map[string]tokenRow{}
		for _, d := range c.live {
			list := wordsOf(cutter, d.Text)
			if n := ingest.GramsOf(counted.Kind); n > 0 {
				list = gramsOf(d.Text, n)
			}
			seen := map[string]bool{}
			for _, token := range list {
				r := want[token]
				r.Token = token
				r.Count++
				fresh := int(d.Version) == at && !merged // whose table does not say it
				if fresh {
					r.NewCount++
				}
				if !seen[token] {
					seen[token] = true
					r.Documents++
					if fresh {
						r.NewDocuments++
					}
				}
				want[token] = r
			}
		}
		least := c.least[at]
		got := map[string]tokenRow{}
		for i, r := range rows {
			got[r.Token] = r
			if i > 0 && (rows[i-1].Count < r.Count || rows[i-1].Count == r.Count && rows[i-1].Token >= r.Token) {
				t.Errorf("%s: row %d, %+v, is out of order", counted.Kind, i, r)
			}
		}
		for token, r := range want {
			if r.Count < least {
				delete(want, token)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s of version %d (-recounted +table):\n%.2000s", counted.Kind, at, d)
		}
	}
}
