package train

import (
	"context"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
)

// The least count keeps as many pre-tokens as fit, all that occur so often or more, and what is kept and left is all there is.
func TestLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(1, 5), rapid.Int64Range(1, 200), rapid.Int64Range(exactCounts-2, exactCounts-1)), 1, 60).Draw(t, "counts")
		most := rapid.Int64Range(1, 80).Draw(t, "most")
		var all tally
		sum := sums{}
		fits := func(least int64) (s sums, ok bool) {
			for i, n := range counts {
				if n >= least {
					s.add(sums{1, n, int64(10 + i%9)})
				}
			}
			return s, s.pretokens <= most && s.bytes <= most*pretokenMean
		}
		for i, n := range counts {
			all.add(n, 10+i%9)
			sum.add(sums{1, n, int64(10 + i%9)})
		}
		want := int64(1)
		for _, ok := fits(want); !ok; _, ok = fits(want) {
			want++
		}
		kept, _ := fits(want)
		least, got, left, err := all.least(most)
		if err != nil || least != want || got != kept {
			t.Fatalf("%d keeps %+v, %v, want %d with %+v", least, got, err, want, kept)
		}
		if got.add(left); got != sum {
			t.Fatalf("%+v of %+v", got, sum)
		}
	})
}

// What occurs very often is kept whatever it is, or the job ends: counts beyond 2^40 are counted.
func TestLeastOfMany(t *testing.T) {
	var all tally
	all.add(math.MaxInt64/4, 3)
	all.add(1<<41, 3)
	all.add(3, 3)
	least, kept, left, err := all.least(2)
	if err != nil || least != 4 || kept != (sums{2, math.MaxInt64/4 + 1<<41, 6}) || left != (sums{1, 3, 3}) {
		t.Errorf("%d, %+v, %+v, %v", least, kept, left, err)
	}
	if _, _, _, err := all.least(1); err == nil || !strings.Contains(err.Error(), "max_pretokens is too few") {
		t.Errorf("%v", err)
	}
}

func TestEscaped(t *testing.T) {
	for token, want := range map[string]string{
		"": "", "荆楚 大地": "荆楚 大地", `a\b`: `a\\b`, "a\tb\n": `a\x09b\x0a`, "\xE8\x8D": `\xe8\x8d`, "\u3000x\u200b": `\xe3\x80\x80x\xe2\x80\x8b`, "\uFFFD": "\uFFFD",
		"\x7f\xff": `\x7f\xff`, "e\u0301": "e\u0301",
	} {
		if got := string(appendEscaped(nil, []byte(token))); got != want {
			t.Errorf("%q: %s, want %s", token, got, want)
		}
	}
}

// Tokens come back, and no cell has a tab or a line break.
func FuzzEscaped(f *testing.F) {
	f.Add([]byte("a\\x\t\n\xff荆"))
	f.Fuzz(func(t *testing.T, token []byte) {
		cell := string(appendEscaped(nil, token))
		if strings.ContainsAny(cell, "\t\n\r") {
			t.Fatalf("%q", cell)
		}
		var back []byte
		for i := 0; i < len(cell); i++ {
			switch {
			case cell[i] != '\\':
				back = append(back, cell[i])
			case cell[i+1] == '\\':
				back = append(back, '\\')
				i++
			default:
				b, err := strconv.ParseUint(cell[i+2:i+4], 16, 8)
				if err != nil {
					t.Fatal(err)
				}
				back = append(back, byte(b))
				i += 3
			}
		}
		if string(back) != string(token) {
			t.Fatalf("%q comes back as %q", token, back)
		}
	})
}

// All that is wrong with settings is told at once.
func TestSettings(t *testing.T) {
	s := Settings{Kind: "bpe", Size: -1, Reserved: -2, Special: []string{"a", "a", ""}, MinPretoken: -1, Pattern: "gpt9", Cut: "0", ByteFallback: true}
	err := s.settle()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"size -1", "reserved -2", `"a" stands twice`, `"" is empty`, "min_pretoken -1", `pattern "gpt9"`, `cut "0"`, "byte_fallback"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said: %v", want, err)
		}
	}
	for _, kind := range Algorithms() {
		s := Settings{Kind: kind, Size: 3000, Reserved: 1, Special: []string{"<|reserved_0|>"}}
		if err := s.settle(); err == nil || !strings.Contains(err.Error(), "<|reserved_0|>") {
			t.Errorf("%s: a reserved token that is special too: %v", kind, err)
		}
		s = Settings{Kind: kind, Size: 3000}
		if err := s.settle(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if err := (&Settings{Kind: "markov"}).settle(); err == nil || !strings.Contains(err.Error(), "known are bpe") {
		t.Errorf("%v", err)
	}
}

// openedStore tells of each file that is opened.
type openedStore struct {
	pipeline.Store
	opened chan string
}

func (s openedStore) Open(_ context.Context, name string) (pipeline.Object, error) {
	s.opened <- name
	return nil, os.ErrNotExist
}

// While a tokenizer is trained the work folder is looked at again and again, as a sign of life, and not any more when that has ended.
func TestSignOfLife(t *testing.T) {
	s := openedStore{opened: make(chan string)}
	_, err := alive(t.Context(), &pipeline.Job{Work: s}, func(context.Context) (trained, error) {
		for range 2 {
			if name := <-s.opened; name != pipeline.PlanName {
				t.Errorf("%s was opened", name)
			}
		}
		go func() { // the look that may be under way
			for range s.opened {
			}
		}()
		return trained{}, io.ErrUnexpectedEOF
	})
	close(s.opened)
	if err != io.ErrUnexpectedEOF { //nolint:errorlint // it is handed through
		t.Error(err)
	}
}
