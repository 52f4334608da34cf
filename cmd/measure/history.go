package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/stages/dedupe"
)

// What a night of 100 000 documents may cost more, in CPU and in memory, where 30 million documents came before it.
const (
	historyCPU  = 60 // seconds
	historyPeak = 256 << 20
)

func historyCommand() *cobra.Command {
	var h madeHistory
	c := h.command("history", "settle a night against an index of millions of made-up documents, of which 30 take 19 GB", h.run)
	c.Flags().IntVar(&h.versions, "versions", 30, "earlier nights")
	c.Flags().Int64Var(&h.documents, "documents", 1_000_000, "documents of each")
	c.Flags().IntVar(&h.copies, "copies", 5, "how many times the 19 876 items of tvnews, each time with other characters, make tonight")
	return c
}

type madeHistory struct {
	lab
	versions  int
	documents int64
	copies    int
}

func (h *madeHistory) run(ctx context.Context, w io.Writer) error {
	made, alone := filepath.Join(h.scratch, "made"), filepath.Join(h.scratch, "alone")
	size, runs, err := h.make(ctx, made)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s; %d nights of %d made-up documents before: %.1f GB of index, keys in %d runs\n", machine(),
		h.versions, h.documents, float64(size)/1e9, runs)
	t := table(w, "night\thistory\tdocuments\tkept\texact\tnear\tCPU s\twall s\tpeak MB\tmore CPU s\tmore MB\t")
	over := false
	for n := range 2 {
		in := filepath.Join(h.scratch, fmt.Sprintf("night-%d.jsonl", n+1))
		if err := h.night(in, n); err != nil {
			return err
		}
		without, err := runNight(ctx, h.binary, alone, in)
		if err != nil {
			return err
		}
		with, err := runNight(ctx, h.binary, made, in)
		if err != nil {
			return err
		}
		a, b := without.Documents, with.Documents
		if a.Kept != b.Kept || a.ExactDuplicates != b.ExactDuplicates || a.NearDuplicates != b.NearDuplicates {
			return fmt.Errorf("night %d: with the history it keeps %d documents, without %d", n+1, b.Kept, a.Kept)
		}
		line := func(name string, r *night, cpu, peak string) {
			d := r.Documents
			fmt.Fprintf(t, "%d\t%s\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.0f\t%s\t%s\t\n", n+1, name, d.Read, d.Kept, d.ExactDuplicates, d.NearDuplicates,
				r.cpu.Seconds(), r.wall.Seconds(), peakMB(r.usage), cpu, peak)
		}
		cpu, peak := with.cpu.Seconds()-without.cpu.Seconds(), with.peak-without.peak
		line("none", &without, "", "")
		line("made-up", &with, fmt.Sprintf("%.1f", cpu), fmt.Sprintf("%.0f", float64(peak)/1e6))
		over = over || cpu > historyCPU || peak > historyPeak
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "bound: %d s of CPU and %d MiB more than without a history\n", historyCPU, historyPeak>>20)
	if over {
		return errors.New("a night against the history costs more than the bound")
	}
	return nil
}

// make makes a corpus of nights of one document, and puts an index of as many as were asked for in the place of theirs.
func (h *madeHistory) make(ctx context.Context, out string) (size int64, runs int, err error) {
	for v := range h.versions {
		name := filepath.Join(h.scratch, "tiny", fmt.Sprintf("%d.txt", v))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return 0, 0, err
		}
		if err := os.WriteFile(name, []byte(moved("这一夜只有一篇文章。", v)), 0o644); err != nil {
			return 0, 0, err
		}
		if _, err := runNight(ctx, h.binary, out, name); err != nil {
			return 0, 0, err
		}
	}
	list, err := manifests(ctx, out)
	if err != nil {
		return 0, 0, err
	}
	for _, m := range list {
		m.Files = slices.DeleteFunc(m.Files, func(f dataset.File) bool { return filepath.Dir(filepath.Dir(f.Path)) == pipeline.IndexFolder })
		m.Totals.Documents.Kept = h.documents
		name := fmt.Sprintf("index/%s/signatures-00000-of-00001.sig", pipeline.VersionName(m.Version))
		random := rand.NewPCG(uint64(m.Version), 1)
		f, err := writeFile(out, name, func(w io.Writer) (int64, error) {
			return h.documents, dedupe.WriteIndexSignatures(w, h.documents, random.Uint64)
		})
		if err != nil {
			return 0, 0, err
		}
		m.Files = append(m.Files, f)
	}
	newest := list[len(list)-1]
	newest.Index = h.tiers()
	for _, r := range newest.Index {
		if err := h.keys(out, list[r.Made-1], r); err != nil {
			return 0, 0, err
		}
	}
	for _, m := range list {
		slices.SortFunc(m.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
		for _, f := range m.Below(pipeline.IndexFolder) {
			size += f.Bytes
		}
		data, err := m.Encode()
		if err != nil {
			return 0, 0, err
		}
		if err := os.WriteFile(filepath.Join(out, manifest.Name(m.Version)), data, 0o644); err != nil {
			return 0, 0, err
		}
	}
	return size, len(newest.Index), nil
}

// tiers are the runs that nights of one size leave.
func (h *madeHistory) tiers() []manifest.IndexRun {
	var runs []ingest.IndexRun
	for v := 1; v <= h.versions+1; v++ { // the night behind the last merges what it finds
		if n := ingest.TierMerge(runs); n > 0 {
			merged := ingest.IndexRun{Made: v}
			for _, r := range runs[len(runs)-n:] {
				merged.Versions = append(merged.Versions, r.Versions...)
				merged.Entries += r.Entries
			}
			runs = append(runs[:len(runs)-n], merged)
		}
		if v <= h.versions {
			runs = append(runs, ingest.IndexRun{Versions: []int{v}, Made: v, Entries: h.documents * int64(dedupe.Default().KeysOfDocument())})
		}
	}
	var index []manifest.IndexRun
	for _, r := range runs {
		index = append(index, manifest.IndexRun{Versions: r.Versions, Made: min(r.Made, h.versions)})
	}
	return index
}

// keys writes a run of random keys.
func (h *madeHistory) keys(out string, m *manifest.Manifest, r manifest.IndexRun) error {
	const each = 32 << 20 // entries of a file, as merges write them
	documents := h.documents * int64(len(r.Versions))
	entries := documents * int64(dedupe.Default().KeysOfDocument())
	files := int(max(1, (entries+each-1)/each))
	kind := "merged"
	if slices.Contains(r.Versions, r.Made) {
		kind = "keys"
	}
	random := rand.New(rand.NewPCG(uint64(r.Made), 2))
	gap := float64(1<<63) * 2 / float64(entries)
	for p := range files {
		least, most := sorted.KeyRange(p, files)
		name := fmt.Sprintf("index/%s/%s-%05d-of-%05d.idx", pipeline.VersionName(r.Made), kind, p, files)
		f, err := writeFile(out, name, func(w io.Writer) (int64, error) {
			x := sorted.NewIndexWriter(w)
			for key := least; ; {
				step := uint64(random.ExpFloat64() * gap) // the gaps of sorted random numbers
				if step > most-key {
					break
				}
				key += step
				x.Add(key, random.Uint64N(uint64(documents)))
			}
			return x.Entries(), x.Finish(p, files)
		})
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	return nil
}

// writeFile writes a file of a corpus and says what a manifest says of it.
func writeFile(out, name string, fill func(io.Writer) (rows int64, err error)) (f dataset.File, err error) {
	at := filepath.Join(out, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return f, err
	}
	o, err := os.Create(at)
	if err != nil {
		return f, err
	}
	sum := sha256.New()
	b := bufio.NewWriterSize(io.MultiWriter(o, sum), 1<<20)
	rows, err := fill(b)
	if err := errors.Join(err, b.Flush()); err != nil {
		return f, errors.Join(err, o.Close())
	}
	info, err := o.Stat()
	if err := errors.Join(err, o.Close()); err != nil {
		return f, err
	}
	return dataset.File{Path: name, Bytes: info.Size(), Rows: rows, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

// night writes the items of one night. Every fifth of the second is one of the first, with a word more.
func (h *madeHistory) night(name string, night int) error {
	return whole(name, func(w io.Writer) error {
		enc := encoder(w)
		for c := range h.copies {
			i := 0
			err := eachLine(filepath.Join(h.data, "tvnews_items.jsonl"), func(r record) error {
				if night == 1 && i%5 == 0 {
					r.Text = moved(r.Text, 37*c) + "（更正）"
				} else {
					r.Text = moved(r.Text, 37*(c+night*h.copies))
				}
				i++
				return enc.Encode(r)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
