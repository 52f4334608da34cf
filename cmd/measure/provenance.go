package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func provenanceCommand() *cobra.Command {
	var l lab
	return l.command("provenance", "feed drafts on night one, what became of them on night two, and compare with the exhaustive pairs", l.provenance)
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

func (l *lab) provenance(ctx context.Context, w io.Writer) error {
	records, finals, err := l.cutRoles()
	if err != nil {
		return err
	}
	out := filepath.Join(l.scratch, "out")
	for i, role := range []string{roleDraft, roleFinal} {
		n, err := runNight(ctx, l.binary, out, filepath.Join(l.scratch, role+".jsonl"))
		if err != nil {
			return err
		}
		d := n.Documents
		fmt.Fprintf(w, "night %d, %s: %d read, %d kept, %d exact, %d near (%d same key), %d filtered\n", i+1, role, d.Read, d.Kept,
			d.ExactDuplicates, d.NearDuplicates, d.SameKey, d.Filtered)
	}
	fates, keptDrafts, err := readFates(out, finals)
	if err != nil {
		return err
	}
	pairs, err := readPairs(ctx, pairsFile(l.shared, "revisions"))
	if err != nil {
		return err
	}
	return printBins(w, records, pairs, fates, keptDrafts)
}

// cutRoles writes the records of each role to a file of their own. It returns them by id, and the final ones by where they begin.
func (l *lab) cutRoles() (records map[string]revision, finals map[int64]revision, err error) {
	records, finals = map[string]revision{}, map[int64]revision{}
	files := map[string]*bufio.Writer{}
	for _, role := range []string{roleDraft, roleFinal} {
		f, createErr := os.Create(filepath.Join(l.scratch, role+".jsonl"))
		if createErr != nil {
			return nil, nil, createErr
		}
		b := bufio.NewWriterSize(f, 1<<20)
		defer func() { err = errors.Join(err, b.Flush(), f.Close()) }()
		files[role] = b
	}
	at := int64(0)
	err = eachLine(filepath.Join(l.data, "revisions.jsonl"), func(line json.RawMessage) error {
		var r revision
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		b, ok := files[r.Role]
		if !ok {
			return fmt.Errorf("record %s: unknown role %q", r.ID, r.Role)
		}
		records[r.ID] = r
		n, err := b.Write(append(line, '\n'))
		if r.Role == roleFinal {
			finals[at] = r
			at += int64(n)
		}
		return err
	})
	return records, finals, err
}

// readFates reads the ledgers of both nights: what became of each final text, by its record's id, and which drafts are kept.
func readFates(out string, finals map[int64]revision) (fates map[string]fate, keptDrafts map[string]bool, err error) {
	names := map[string]string{} // of documents, by their id in the corpus
	keptDrafts = map[string]bool{}
	err = eachRow(filepath.Join(out, "data", "*", "*.parquet"), func(r *struct {
		ID       string `parquet:"id"`
		Metadata string `parquet:"metadata"`
	},
	) error {
		var rec revision
		if json.Unmarshal([]byte(r.Metadata), &rec) == nil {
			names[r.ID] = rec.ID
			if rec.Role == roleDraft {
				keptDrafts[rec.ID] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	fates = map[string]fate{}
	err = eachRow(filepath.Join(out, "ledger", "000002", "duplicates.parquet"), func(r *struct {
		Offset int64  `parquet:"offset"`
		Kind   string `parquet:"kind"`
		Winner string `parquet:"winner_id"`
	},
	) error {
		rec := finals[r.Offset]
		winner := names[r.Winner]
		fates[rec.ID] = fate{r.Kind, winner == fmt.Sprintf("%d:%s", rec.Group, roleDraft)}
		return nil
	})
	return fates, keptDrafts, err
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
	t := table(w, "Jaccard of draft and final\tpairs\texact\tsame key\tnear\tremoved\tshare\tof its own draft\tdraft kept\tof these removed\tshare\t")
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
