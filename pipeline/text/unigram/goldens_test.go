package unigram

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const made = "../../../.cache/goldens"

// eachLine calls f with the lines of a file that make goldens leaves.
func eachLine(t *testing.T, name string, f func(line []byte)) {
	t.Helper()
	file, err := os.Open(filepath.Join(made, name))
	if err != nil {
		t.Skip("the goldens of unigram language models are not made: make goldens")
	}
	defer func() { _ = file.Close() }() // read only
	s := bufio.NewScanner(file)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		f(s.Bytes())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestGoldensUnigram: of real text the ids are those of the libraries too.
func TestGoldensUnigram(t *testing.T) {
	var held []string
	eachLine(t, "unigram-held.txt", func(line []byte) { held = append(held, string(line)) })
	for name, read := range map[string]func([]byte) (*Tokenizer, error){"8000.model": ReadModel, "32000.model": ReadModel, "large.json": Read} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(made, "unigram-"+name))
			if err != nil {
				t.Skip("the goldens of unigram language models are not all made: make goldens")
			}
			k, err := read(data)
			if err != nil {
				t.Fatal(err)
			}
			e, i, tokens := k.Encoder(), 0, 0
			eachLine(t, "unigram-"+name[:len(name)-len(filepath.Ext(name))]+".jsonl", func(line []byte) {
				var want []int32
				if err := json.Unmarshal(line, &want); err != nil {
					t.Fatal(err)
				}
				if i < len(held) { // the last one is empty
					if got := e.Encode(nil, []byte(held[i])); !slices.Equal(got, want) {
						t.Errorf("%q: other ids", held[i])
					}
				}
				i, tokens = i+1, tokens+len(want)
			})
			t.Logf("%d lines, %d tokens", i, tokens)
			if i < 1000 {
				t.Error("too few")
			}
		})
	}
}

// TestGoldensTrain: a model of ours has at most a hundredth more tokens of held-out text than one of sentencepiece that is trained on the same.
func TestGoldensTrain(t *testing.T) {
	if os.Getenv("GOLDENS") == "" {
		t.Skip("make goldens trains on 20 MB: a minute of two processors")
	}
	var theirs map[string]struct {
		Seconds   float64
		CPU       float64 `json:"cpu_seconds"`
		Megabytes float64
		Tokens    int
		Bytes     int
	}
	eachLine(t, "unigram.json", func(line []byte) {
		if err := json.Unmarshal(line, &theirs); err != nil {
			t.Fatal(err)
		}
	})
	for size, want := range theirs {
		t.Run(size, func(t *testing.T) {
			start, before := time.Now(), cpu(t)
			n, err := strconv.Atoi(size)
			if err != nil {
				t.Fatal(err)
			}
			r, err := New(Options{Size: n, Special: []string{"<unk>", "<s>", "</s>"}, ByteFallback: true})
			if err != nil {
				t.Fatal(err)
			}
			var c Cutter
			eachLine(t, "unigram-train.txt", func(line []byte) {
				c.Cut(line, func(p []byte) {
					if err := r.Add(p, 1); err != nil {
						t.Fatal(err)
					}
				})
			})
			m, err := r.Train(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			data, _ := written(t, m, Front{})
			k, err := Read(data)
			if err != nil {
				t.Fatal(err)
			}
			tokens, bytes, e := 0, 0, k.Encoder()
			eachLine(t, "unigram-held.txt", func(line []byte) {
				tokens += len(e.Encode(nil, line))
				bytes += len(line)
			})
			ours, spm := float64(bytes)/float64(tokens), float64(want.Bytes)/float64(want.Tokens)
			t.Logf("bytes a token: %.4f, of sentencepiece %.4f; %.1f s, %.1f s of processors; of sentencepiece %.1f s, %.1f s, %.0f MB",
				ours, spm, took.Seconds(), cpu(t)-before, want.Seconds, want.CPU, want.Megabytes)
			if bytes != want.Bytes || ours < .99*spm {
				t.Errorf("%d bytes, want %d; %v bytes a token, those of sentencepiece are %v", bytes, want.Bytes, ours, spm)
			}
		})
	}
}

// cpu are the seconds of processors that the program has used.
func cpu(t *testing.T) float64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
