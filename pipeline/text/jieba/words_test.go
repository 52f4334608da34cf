package jieba

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// words cuts text.
func words(c *Cutter, text string) []string {
	var list []string
	at := int32(0)
	for _, end := range c.Cut(nil, []byte(text)) {
		list = append(list, text[at:end])
		at = end
	}
	return list
}

// split cuts text into words of these numbers of code points.
func split(text, lengths string) []string {
	var list []string
	for field := range strings.FieldsSeq(lengths) {
		n, _ := strconv.Atoi(field)
		end := 0
		for ; n > 0 && end < len(text); n-- {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		list = append(list, text[:end])
		text = text[end:]
	}
	return list
}

// TestWords: the words of a slice of the real text, of odd ones, and of ones that nobody writes are those of jieba.cut, also with words of a user.
func TestWords(t *testing.T) {
	data, err := os.ReadFile("testdata/words.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	user, err := os.ReadFile("testdata/user.txt")
	if err != nil {
		t.Fatal(err)
	}
	with, err := Default().With(strings.NewReader(string(user)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(data) {
		var c struct {
			Text, HMM, Plain string
			User             bool
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		d := Default()
		if c.User {
			d = with
		}
		for _, mode := range []struct {
			hmm     bool
			lengths string
		}{{true, c.HMM}, {false, c.Plain}} {
			got, want := words(d.Cutter(mode.hmm), c.Text), split(c.Text, mode.lengths)
			if strings.Join(got, "\x00") != strings.Join(want, "\x00") {
				t.Errorf("HMM %t, user %t: %q is cut into\n%q, by jieba into\n%q", mode.hmm, c.User, c.Text, got, want)
			}
		}
		n++
	}
	if n < 300 {
		t.Fatalf("%d texts", n)
	}
}

// TestGoldens: every text of the real text is cut as jieba cuts it.
func TestGoldens(t *testing.T) {
	const cache = "../../../.cache"
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(filepath.Join(cache, "goldens", "words-"+name+".tsv"))
			if errors.Is(err, fs.ErrNotExist) {
				t.Skip("what jieba says of the whole real text is not there: make goldens asks it")
			}
			if err != nil {
				t.Fatal(err)
			}
			cutters := []*Cutter{Default().Cutter(true), Default().Cutter(false)}
			digests := strings.Split(strings.TrimSuffix(string(want), "\n"), "\n")
			texts := realText(t, name, 1<<40)
			if len(texts) != len(digests) {
				t.Fatalf("%d texts, %d of jieba", len(texts), len(digests))
			}
			var ends []int32
			differing := 0
			for n, text := range texts {
				var got []string
				for _, c := range cutters {
					ends = c.Cut(ends[:0], text)
					hash := sha256.New()
					at := int32(0)
					for _, end := range ends {
						hash.Write(text[at:end])
						hash.Write([]byte{0})
						at = end
					}
					got = append(got, hex.EncodeToString(hash.Sum(nil))[:16])
				}
				if strings.Join(got, "\t") != digests[n] {
					differing++
					t.Errorf("text %d of %s is cut otherwise", n+1, name)
				}
			}
			t.Logf("%d texts, %d differing", len(texts), differing)
		})
	}
}
