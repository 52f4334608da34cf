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

func measureSet(ctx context.Context, set, file, pairsName string, kept map[string]bool) (string, error) {
	var pairs []pair
	if pairsName != "" {
		var err error
		if pairs, err = readPairs(ctx, pairsName); err != nil {
			return "", err
		}
	}
	near, found := 0, 0
	listed, excused := map[string]bool{}, map[string]bool{}
	for _, p := range pairs {
		if p.j >= 0.80 && p.min >= 20 {
			near++
			if !kept[p.a] || !kept[p.b] {
				found++
			}
		}
		listed[p.a], listed[p.b] = true, true
		if p.j >= 0.70 {
			excused[p.a] = excused[p.a] || kept[p.b]
			excused[p.b] = excused[p.b] || kept[p.a]
		}
	}
	all, removed, removedListed, lost := 0, 0, 0, 0
	err := eachLine(file, func(r record) error {
		all++
		if kept[r.ID] {
			return nil
		}
		removed++
		if listed[r.ID] { // else too short for the exhaustive pairs: only equal text can have removed it
			removedListed++
			if !excused[r.ID] {
				lost++
			}
		}
		return nil
	})
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%d\t%s\t", set, all, len(kept), removed,
		near, found, share(found, near), removedListed, lost, share(lost, removedListed)), err
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
	kept := map[string]bool{}
	err = eachRow(filepath.Join(dir, "data", "*", "*.parquet"), func(r *struct {
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
