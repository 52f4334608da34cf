package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func provenanceCommand() *cobra.Command {
	var shared, data string
	c := &cobra.Command{
		Use: "provenance", Short: "feed drafts on night one, what became of them on night two, and compare with the exhaustive pairs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return provenance(cmd.Context(), cmd.OutOrStdout(), shared, data)
		},
	}
	c.Flags().StringVar(&shared, "shared", "../shared/data", "folder of the real text and its pairs")
	c.Flags().StringVar(&data, "data", ".cache/measure", "folder of the JSONL")
	return c
}

// Roles of a record of revisions.jsonl: each group has one of each.
const (
	roleDraft = "translator"
	roleFinal = "proofread"
)

// revision is what is needed of a line of revisions.jsonl.
type revision struct {
	ID    string `json:"id"`
	Group int    `json:"group"`
	Role  string `json:"role"`
}

// fate is what became of a document of night two.
type fate struct {
	kind  string // of the duplicate; "" is kept
	ofOwn bool   // of its own draft
}

func provenance(ctx context.Context, w io.Writer, shared, data string) error {
	if err := makeData(ctx, shared, data); err != nil {
		return err
	}
	binary, clean, err := build(ctx)
	if err != nil {
		return err
	}
	defer clean()
	scratch, cleanData, err := scratchIn(data, "provenance")
	if err != nil {
		return err
	}
	defer cleanData()
	records, err := cutRoles(filepath.Join(data, "revisions.jsonl"), scratch)
	if err != nil {
		return err
	}
	out := filepath.Join(scratch, "out")
	for i, role := range []string{roleDraft, roleFinal} {
		n, err := runNight(ctx, binary, out, filepath.Join(scratch, role+".jsonl"))
		if err != nil {
			return err
		}
		d := n.Documents
		fmt.Fprintf(w, "night %d, %s: %d read, %d kept, %d exact, %d near (%d same key), %d filtered\n", i+1, role, d.Read, d.Kept,
			d.ExactDuplicates, d.NearDuplicates, d.SameKey, d.Filtered)
	}
	fates, keptDrafts, err := readFates(out)
	if err != nil {
		return err
	}
	pairs, err := readPairs(ctx, pairsFile(shared, "revisions"))
	if err != nil {
		return err
	}
	return printBins(w, records, pairs, fates, keptDrafts)
}

// cutRoles writes the records of each role to a file of their own.
func cutRoles(name, dir string) (records map[string]revision, err error) {
	in, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // read only
	records = map[string]revision{}
	files := map[string]*bufio.Writer{}
	for _, role := range []string{roleDraft, roleFinal} {
		f, createErr := os.Create(filepath.Join(dir, role+".jsonl"))
		if createErr != nil {
			return nil, createErr
		}
		b := bufio.NewWriterSize(f, 1<<20)
		defer func() { err = errors.Join(err, b.Flush(), f.Close()) }()
		files[role] = b
	}
	for dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<20)); ; {
		var line json.RawMessage
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return records, nil
		} else if err != nil {
			return nil, err
		}
		var r revision
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, err
		}
		b, ok := files[r.Role]
		if !ok {
			return nil, fmt.Errorf("record %s: unknown role %q", r.ID, r.Role)
		}
		records[r.ID] = r
		if _, err := b.Write(append(line, '\n')); err != nil {
			return nil, err
		}
	}
}

// readFates reads the ledgers of both nights: what became of each final text, by its record's id, and which drafts are kept.
func readFates(out string) (fates map[string]fate, keptDrafts map[string]bool, err error) {
	names := map[string]string{} // of documents, by their id in the corpus
	keptDrafts = map[string]bool{}
	err = eachRow(filepath.Join(out, "data", "*", "*.parquet"), func(r *struct {
		ID       string `parquet:"id"`
		Metadata string `parquet:"metadata"`
	},
	) {
		var rec revision
		if json.Unmarshal([]byte(r.Metadata), &rec) == nil {
			names[r.ID] = rec.ID
			if rec.Role == roleDraft {
				keptDrafts[rec.ID] = true
			}
		}
	})
	if err != nil {
		return nil, nil, err
	}
	lines, err := offsets(filepath.Join(filepath.Dir(out), roleFinal+".jsonl"))
	if err != nil {
		return nil, nil, err
	}
	fates = map[string]fate{}
	err = eachRow(filepath.Join(out, "ledger", "000002", "duplicates.parquet"), func(r *struct {
		Offset int64  `parquet:"offset"`
		Kind   string `parquet:"kind"`
		Winner string `parquet:"winner_id"`
	},
	) {
		rec := lines[r.Offset]
		winner := names[r.Winner]
		fates[rec.ID] = fate{r.Kind, winner == fmt.Sprintf("%d:%s", rec.Group, roleDraft)}
	})
	return fates, keptDrafts, err
}

// offsets finds where each record begins in a file.
func offsets(name string) (map[int64]revision, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	lines := map[int64]revision{}
	at := int64(0)
	for dec := json.NewDecoder(bytes.NewReader(data)); ; {
		var r revision
		if err := dec.Decode(&r); errors.Is(err, io.EOF) {
			return lines, nil
		} else if err != nil {
			return nil, err
		}
		lines[at] = r
		at = dec.InputOffset() + 1 // the line end
	}
}

// bins of the Jaccard similarity; the last holds what the exhaustive pairs do not list, and what is too short for them.
var bins = []struct {
	name string
	from float64
}{{"=1", 1}, {".95-1", .95}, {".9-.95", .9}, {".85-.9", .85}, {".8-.85", .8}, {".75-.8", .75}, {".7-.75", .7}, {".6-.7", .6}, {".5-.6", .5}, {"below .5, or too short", -1}}

func binOf(j float64) int {
	for i, b := range bins {
		if j >= b.from {
			return i
		}
	}
	return len(bins) - 1
}

// printBins prints, for the pairs of a draft and what became of it, how many final texts night two removed, by the
// similarity of the pair.
func printBins(w io.Writer, records map[string]revision, pairs []pair, fates map[string]fate, keptDrafts map[string]bool) error {
	own := map[int]float64{} // similarity of a group's two texts
	for _, p := range pairs {
		if a, b := records[p.a], records[p.b]; a.Group == b.Group && p.min >= 20 {
			own[a.Group] = p.j
		}
	}
	type row struct{ pairs, exact, sameKey, near, ofOwn, keptDraft, both int }
	rows := make([]row, len(bins))
	all := row{}
	for id, r := range records {
		if r.Role != roleFinal {
			continue
		}
		j, ok := own[r.Group]
		if !ok {
			j = -1
		}
		f, removed := fates[id]
		draft := keptDrafts[fmt.Sprintf("%d:%s", r.Group, roleDraft)]
		for _, b := range []*row{&rows[binOf(j)], &all} {
			b.pairs++
			switch {
			case !removed:
			case f.kind == "exact":
				b.exact++
			case f.kind == "same_key":
				b.sameKey++
			default:
				b.near++
			}
			if removed && f.ofOwn {
				b.ofOwn++
			}
			if draft {
				b.keptDraft++
				if removed {
					b.both++
				}
			}
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "Jaccard of draft and final\tpairs\texact\tsame key\tnear\tremoved\tshare\tof its own draft\tdraft kept\tof these removed\tshare\t")
	line := func(name string, b row) {
		removed := b.exact + b.sameKey + b.near
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%d\t%d\t%s\t\n", name, b.pairs, b.exact, b.sameKey, b.near, removed,
			share(removed, b.pairs), b.ofOwn, b.keptDraft, b.both, share(b.both, b.keptDraft))
	}
	for i, b := range rows {
		line(bins[i].name, b)
	}
	line("all", all)
	return t.Flush()
}
