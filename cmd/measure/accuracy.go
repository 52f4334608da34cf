package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

func accuracyCommand() *cobra.Command {
	var l lab
	return l.command("accuracy", "compare duplicates with greedy keep-first by exact resemblance, and with the exhaustive pairs", l.accuracy)
}

// pair is two documents of one set and their exact Jaccard similarity, at least 0.5.
type pair struct {
	j    float64
	a, b string
	min  int // shingles of the shorter one
}

func (l *lab) accuracy(ctx context.Context, w io.Writer) error {
	t := table(w, "set\tdocuments\tkept\tremoved\tpairs J>=.80\tone side removed\tshare\tremoved, in pairs\twithout kept J>=.70\tshare\t")
	for _, set := range []string{"fudan", "laws", "tvnews_items", "revisions", "tvnews"} {
		file := filepath.Join(l.data, set+".jsonl")
		kept, err := keptIDs(ctx, l.binary, file)
		if err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
		if err := compareVerdicts(ctx, w, set, file, kept); err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
		row, err := measureSet(ctx, set, file, pairsFile(l.shared, set), kept)
		if err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
		fmt.Fprintln(t, row)
	}
	if err := measureFamilies(ctx, w, l.binary); err != nil {
		return err
	}
	if err := measureRecall(ctx, w, l.binary); err != nil {
		return err
	}
	fmt.Fprintln(w, "beside the exhaustive pairs, whose key text has letters and digits alone:")
	return t.Flush()
}

// pairsFile is "" for a set without pairs: no two of its documents resemble each other.
func pairsFile(shared, set string) string {
	switch set {
	case "tvnews":
		return ""
	case "revisions":
		return filepath.Join(shared, "pairs", set+".tsv.zst")
	}
	return filepath.Join(shared, "pairs", set+".tsv")
}

// marks are what was kept of a set, beside its exhaustive pairs.
type marks struct {
	all, kept, removed int
	near, found        int // pairs from J .80 on, and those of which one side was removed
	removedListed      int // removed, and in a pair
	lost               int // of these, without a kept document of J .70
	unlisted           int // removed, in no pair though it has shingles enough to be in one, and its text is no other's
}

func measureSet(ctx context.Context, set, file, pairsName string, kept map[string]bool) (string, error) {
	m, err := marksOf(ctx, file, pairsName, kept)
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%d\t%s\t", set, m.all, m.kept, m.removed,
		m.near, m.found, share(m.found, m.near), m.removedListed, m.lost, share(m.lost, m.removedListed)), err
}

func marksOf(ctx context.Context, file, pairsName string, kept map[string]bool) (m marks, err error) {
	var pairs []pair
	if pairsName != "" {
		if pairs, err = readPairs(ctx, pairsName); err != nil {
			return m, err
		}
	}
	listed, excused := map[string]bool{}, map[string]bool{}
	for _, p := range pairs {
		if p.j >= 0.80 && p.min >= fewShingles {
			m.near++
			if !kept[p.a] || !kept[p.b] {
				m.found++
			}
		}
		listed[p.a], listed[p.b] = true, true
		if p.j >= 0.70 {
			excused[p.a] = excused[p.a] || kept[p.b]
			excused[p.b] = excused[p.b] || kept[p.a]
		}
	}
	return m, eachLine(file, func(r record) error {
		m.all++
		switch {
		case kept[r.ID]:
			m.kept++
			return nil
		case listed[r.ID]:
			m.removedListed++
			if !excused[r.ID] {
				m.lost++
			}
		case shinglesOf(r.Text) >= fewShingles:
			m.unlisted++
		}
		m.removed++ // what is shorter than the exhaustive pairs can only have lost to an equal text
		return nil
	})
}

// fewShingles is how many a document must have to be in the exhaustive pairs.
const fewShingles = 20

// shinglesOf counts the different runs of five letters and digits of a text, which the exhaustive pairs are made of.
func shinglesOf(text string) int {
	var letters []rune
	for _, c := range strings.ToLower(text) {
		if c >= 0xFF01 && c <= 0xFF5E {
			c -= 0xFEE0
		}
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			letters = append(letters, c)
		}
	}
	set := map[[5]rune]bool{}
	for i := range max(0, len(letters)-4) {
		set[[5]rune(letters[i:])] = true
	}
	return len(set)
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(of))
}

// keptIDs runs the whole job on one file, with some variables, and returns the ids of what it kept.
func keptIDs(ctx context.Context, binary, file string, variables ...string) (map[string]bool, error) {
	dir, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cmd := exec.CommandContext(ctx, binary, "run", file, "--out", dir, "--log-level", "error")
	cmd.Stderr, cmd.Env = os.Stderr, append(os.Environ(), variables...)
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	return keptIn(dir)
}

// keptIn returns the ids of the records that a corpus has.
func keptIn(dir string) (map[string]bool, error) {
	kept := map[string]bool{}
	err := eachRow(filepath.Join(dir, "data", "*", "*.parquet"), func(r *struct {
		Metadata string `parquet:"metadata"`
	},
	) error {
		var m record
		if err := json.Unmarshal([]byte(r.Metadata), &m); err != nil {
			return fmt.Errorf("metadata %q: %w", r.Metadata, err)
		}
		kept[m.ID] = true
		return nil
	})
	return kept, err
}

func readPairs(ctx context.Context, name string) (pairs []pair, err error) {
	parse := func(r io.Reader) error {
		for s := bufio.NewScanner(r); s.Scan(); {
			f := strings.Split(s.Text(), "\t")
			if len(f) != 5 {
				return fmt.Errorf("line %q has %d fields, not 5", s.Text(), len(f))
			}
			j, err := strconv.ParseFloat(f[0], 64)
			if err != nil {
				return err
			}
			a, err := strconv.Atoi(f[3])
			if err != nil {
				return err
			}
			b, err := strconv.Atoi(f[4])
			if err != nil {
				return err
			}
			pairs = append(pairs, pair{j, f[1], f[2], min(a, b)})
		}
		return nil
	}
	if strings.HasSuffix(name, ".zst") {
		return pairs, decompress(ctx, name, parse)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	return pairs, parse(f)
}
