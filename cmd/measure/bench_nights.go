package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
)

// maxGrowth is how much more CPU the last nights may cost than the first ones.
const maxGrowth = 1.3

func benchNightsCommand() *cobra.Command {
	var b nightBench
	c := b.command("bench-nights", "feed nights of one size, and print what each costs; takes 7 GB", b.run)
	c.Flags().IntVar(&b.nights, "nights", 30, "how many")
	c.Flags().IntVar(&b.files, "files", 200, "files of a night")
	c.Flags().IntVar(&b.corpora, "corpora", 3, "how many are fed in turn; each night's figures are those of its median")
	c.Flags().BoolVar(&b.keep, "keep", false, "keep input and corpus")
	return c
}

type nightBench struct {
	lab
	nights, files int
	corpora       int
}

// run feeds the items of tvnews, every night with other characters in the place of the Han ones, so that every night has
// the same size and shape and brings nothing that is there already. The folder is watched: it keeps the files of all nights.
func (b *nightBench) run(ctx context.Context, w io.Writer) (err error) {
	if b.corpora < 1 {
		return errors.New("--corpora: at least one is fed")
	}
	fmt.Fprintf(w, "%s; nights of %d files; medians of %d corpora fed in turn\n", machine(), b.files, b.corpora)
	t := table(w, "night\tinput MB\tfiles known\tdocuments\tkept\tof earlier\tindex runs\tCPU s\talone CPU s\twall s\tpeak MB\t")
	var runs, control []night
	for n := range b.nights {
		if err := b.write(b.nightFolder(n), n); err != nil {
			return err
		}
		r, alone, err := b.feed(ctx, n)
		if err != nil {
			return err
		}
		runs, control = append(runs, r), append(control, alone)
		list, err := manifests(ctx, b.fedFolder(0))
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%d\t%.1f\t%d\t%d\t%d\t%d\t%d\t%.2f\t%.2f\t%.1f\t%.0f\t", n+1, float64(r.InputBytes)/1e6, r.Files.Skipped, r.Documents.Read,
			r.Documents.Kept, list[n].Totals.Documents.OfEarlier, len(list[n].Index), r.cpu.Seconds(), alone.cpu.Seconds(), r.wall.Seconds(), peakMB(r.usage))
		fmt.Fprintln(t, line)
		fmt.Fprintln(os.Stderr, line)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return printGrowth(w, runs, control)
}

// fedFolder is a corpus that is fed.
func (b *nightBench) fedFolder(corpus int) string {
	return filepath.Join(b.scratch, fmt.Sprintf("out-%d", corpus))
}

// newsFolder has the files of all nights.
func (b *nightBench) newsFolder() string { return filepath.Join(b.scratch, "news") }

func (b *nightBench) nightFolder(n int) string {
	return filepath.Join(b.newsFolder(), fmt.Sprintf("night-%03d", n+1))
}

// feed feeds a night to each of the corpora, and right behind each time the same files to a corpus of their own, so that what
// else the machine does shows. It returns the medians by CPU time.
func (b *nightBench) feed(ctx context.Context, n int) (_, _ night, err error) {
	var runs, control []night
	for c := range b.corpora {
		r, err := b.night(ctx, b.fedFolder(c), b.newsFolder())
		if err != nil {
			return night{}, night{}, err
		}
		if r.Version != n+1 {
			return night{}, night{}, fmt.Errorf("night %d made version %d", n+1, r.Version)
		}
		own := filepath.Join(b.scratch, "alone")
		alone, err := b.night(ctx, own, b.nightFolder(n))
		if err == nil {
			err = os.RemoveAll(own)
		}
		if err != nil {
			return night{}, night{}, err
		}
		runs, control = append(runs, r), append(control, alone)
	}
	for _, list := range [][]night{runs, control} {
		slices.SortFunc(list, func(a, b night) int { return cmp.Compare(a.cpu, b.cpu) })
	}
	return runs[len(runs)/2], control[len(control)/2], nil
}

// night is one run, in memory as warm as that of any other: the corpus keeps the memory of the files that it got, those that are removed give
// theirs to whoever comes next.
func (b *nightBench) night(ctx context.Context, out, in string) (night, error) {
	if err := warm(b.scratch, warmNight); err != nil {
		return night{}, err
	}
	return runNight(ctx, b.binary, out, in)
}

// printGrowth compares the last four nights with the first four.
func printGrowth(w io.Writer, runs, control []night) error {
	const some = 4
	if len(runs) < 2*some {
		return nil
	}
	first, last := runs[:some], runs[len(runs)-some:]
	cpu := meanOf(last, cpuOf) / meanOf(first, cpuOf)
	before, behind := meanOf(control[:some], cpuOf), meanOf(control[len(runs)-some:], cpuOf)
	fmt.Fprintf(w, "the same nights alone: %.2f and %.2f; beside them the ratio is %.2f\n", before, behind, cpu*before/behind)
	fmt.Fprintf(w, "mean CPU s of nights 1-%d: %.2f, of nights %d-%d: %.2f, a ratio of %.2f (at most %.1f)\n", some, meanOf(first, cpuOf),
		len(runs)-some+1, len(runs), meanOf(last, cpuOf), cpu, maxGrowth)
	fmt.Fprintf(w, "mean peak MB: %.0f, %.0f, a ratio of %.2f\n", meanOf(first, peakMB), meanOf(last, peakMB), meanOf(last, peakMB)/meanOf(first, peakMB))
	if cpu > maxGrowth {
		return fmt.Errorf("the last nights cost %.2f times the first ones", cpu)
	}
	return nil
}

func meanOf(runs []night, of func(usage) float64) (mean float64) {
	for _, r := range runs {
		mean += of(r.usage) / float64(len(runs))
	}
	return mean
}

// write writes the items of one night, in turn to its files.
func (b *nightBench) write(dir string, night int) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	writers := make([]*json.Encoder, b.files)
	for i := range writers {
		f, createErr := os.Create(filepath.Join(dir, fmt.Sprintf("%04d.jsonl", i)))
		if createErr != nil {
			return createErr
		}
		buffer := bufio.NewWriter(f)
		defer func() { err = errors.Join(err, buffer.Flush(), f.Close()) }()
		writers[i] = encoder(buffer)
	}
	i := 0
	return eachLine(filepath.Join(b.data, "tvnews_items.jsonl"), func(r record) error {
		i++
		return writers[(i-1)%len(writers)].Encode(record{r.ID, moved(r.Text, night)})
	})
}
