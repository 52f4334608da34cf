package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline"
)

func nightsCommand() *cobra.Command {
	var f feeding
	c := f.command("nights", "feed one corpus in several nights and compare it with that of one night", f.run)
	c.Flags().IntSliceVar(&f.nights, "nights", []int{1, 7, 30}, "in how many nights; the first is what the others are compared with")
	return c
}

type feeding struct {
	lab
	nights []int
}

// fedCorpus is a corpus that was fed in some nights.
type fedCorpus struct {
	nights   int
	runs     []night
	overflow int64                      // documents that could not be compared with all of their group
	index    int64                      // bytes of index files that are there
	texts    map[[sha256.Size]byte]bool // that are kept
	vocab    map[string][2]int64        // characters: count and documents, cumulative
	tokens   map[string]int64           // rows of the tables of words and n-grams, by their names and the sha256 of token, count and documents of all
}

// run feeds tvnews and laws, in consecutive ranges of the plan order.
func (f *feeding) run(ctx context.Context, w io.Writer) error {
	files, err := f.unpack(ctx, "laws", "tvnews")
	if err != nil {
		return err
	}
	t := table(w, "nights\tfiles\tdocuments\tkept\texact\tnear\tof these same key\toverflow\ttexts that one night has not\tthat only one night has\tcharacters\tdiffering\ttables of tokens\tdiffering\tindex MB\tCPU s\tpeak MB\t")
	var first *fedCorpus
	differ := 0
	for _, n := range f.nights {
		c, err := f.feed(ctx, files, n)
		if err != nil {
			return fmt.Errorf("%d nights: %w", n, err)
		}
		if first == nil {
			first = c
		}
		more, fewer := lacking(first.texts, c.texts), lacking(c.texts, first.texts)
		counts, tokens := differing(first.vocab, c.vocab), lacking(first.tokens, c.tokens)
		if more+fewer+counts+tokens > 0 && c.overflow == first.overflow {
			differ++
		}
		fmt.Fprintln(t, c.line(len(files), more, fewer, counts, tokens))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if differ > 0 {
		return fmt.Errorf("%d corpora differ from that of %d nights, and no overflow explains it", differ, first.nights)
	}
	return nil
}

func (c *fedCorpus) line(files, more, fewer, counts, tokens int) string {
	var d struct{ read, kept, exact, near, sameKey int64 }
	var cpu float64
	var peak int64
	for _, r := range c.runs {
		d.read += r.Documents.Read
		d.kept += r.Documents.Kept
		d.exact += r.Documents.ExactDuplicates
		d.near += r.Documents.NearDuplicates
		d.sameKey += r.Documents.SameKey
		cpu += r.cpu.Seconds()
		peak = max(peak, r.peak)
	}
	return fmt.Sprintf("%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.0f\t", c.nights, files, d.read, d.kept, d.exact, d.near,
		d.sameKey, c.overflow, more, fewer, len(c.vocab), counts, len(c.tokens), tokens, float64(c.index)/1e6, cpu, float64(peak)/1e6)
}

// differing counts the characters whose counts are not the same in both.
func differing(a, b map[string][2]int64) (n int) {
	for char, counts := range a {
		if b[char] != counts {
			n++
		}
	}
	return n + lacking(a, b)
}

// lacking counts the keys of b that a has not.
func lacking[K comparable, V any](a, b map[K]V) (n int) {
	for key := range b {
		if _, ok := a[key]; !ok {
			n++
		}
	}
	return n
}

// feed gives a corpus the files in consecutive ranges, which come into its folder one after the other.
func (f *feeding) feed(ctx context.Context, files []string, nights int) (*fedCorpus, error) {
	dir := filepath.Join(f.scratch, strconv.Itoa(nights))
	out := filepath.Join(dir, "out")
	c := &fedCorpus{nights: nights, texts: map[[sha256.Size]byte]bool{}, vocab: map[string][2]int64{}, tokens: map[string]int64{}}
	in, roots := filepath.Join(dir, "in"), map[string]bool{}
	for n := range nights {
		for _, name := range files[n*len(files)/nights : (n+1)*len(files)/nights] {
			source, _, _ := strings.Cut(name, "/")
			roots[filepath.Join(in, source)] = true
			to := filepath.Join(in, name)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return nil, err
			}
			if err := os.Link(filepath.Join(f.all(), name), to); err != nil {
				return nil, err
			}
		}
		r, err := runNight(ctx, f.binary, out, slices.Sorted(maps.Keys(roots))...)
		if err != nil {
			return nil, err
		}
		if r.Version != n+1 {
			return nil, fmt.Errorf("night %d made version %d", n+1, r.Version)
		}
		c.runs = append(c.runs, r)
	}
	return c, c.read(ctx, out)
}

// read reads what the corpus holds.
func (c *fedCorpus) read(ctx context.Context, out string) error {
	list, err := manifests(ctx, out)
	if err != nil {
		return err
	}
	for _, m := range list {
		c.overflow += m.Counters["candidate_overflow"]
		for _, f := range m.Below(pipeline.IndexFolder) {
			c.index += f.Bytes
		}
	}
	err = eachRow(filepath.Join(out, pipeline.DataFolder, "*", "*.parquet"), func(r *struct {
		Text string `parquet:"text"`
	},
	) error {
		c.texts[sha256.Sum256([]byte(r.Text))] = true
		return nil
	})
	if err != nil {
		return err
	}
	newest := fmt.Sprintf("%06d", list[len(list)-1].Version)
	if err := c.readTokens(filepath.Join(out, pipeline.VocabFolder, newest)); err != nil {
		return err
	}
	return eachRow(filepath.Join(out, pipeline.VocabFolder, newest, "chars.parquet"), func(r *struct {
		Token     string `parquet:"token"`
		Type      string `parquet:"type"`
		Count     int64  `parquet:"count"`
		Documents int64  `parquet:"documents"`
	},
	) error {
		if r.Type != "special" {
			c.vocab[r.Token] = [2]int64{r.Count, r.Documents}
		}
		return nil
	})
}

// readTokens reads the tables of words and n-grams in a folder.
func (c *fedCorpus) readTokens(folder string) error {
	for _, pattern := range []string{"words", "ngrams-*"} {
		tables, err := filepath.Glob(filepath.Join(folder, pattern+".parquet"))
		if err != nil {
			return err
		}
		for _, table := range tables {
			sum, rows := sha256.New(), int64(0)
			err := eachRow(table, func(r *struct {
				Token     string `parquet:"token"`
				Count     int64  `parquet:"count"`
				Documents int64  `parquet:"documents"`
			},
			) error {
				rows++
				_, err := fmt.Fprintf(sum, "%q %d %d\n", r.Token, r.Count, r.Documents)
				return err
			})
			if err != nil {
				return err
			}
			c.tokens[fmt.Sprintf("%s %x", filepath.Base(table), sum.Sum(nil))] = rows
		}
	}
	return nil
}

// all is the folder of all files.
func (f *feeding) all() string { return filepath.Join(f.scratch, "all") }

// unpack unpacks archives, each to a folder of its name, and lists the files in the order of a plan: by folder, then by path.
func (f *feeding) unpack(ctx context.Context, names ...string) (files []string, err error) {
	for _, name := range names {
		folder := filepath.Join(f.all(), name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		archive := filepath.Join(f.shared, name+".tar.zst")
		err := decompress(ctx, archive, func(r io.Reader) error {
			cmd := exec.CommandContext(ctx, "tar", "-x", "-C", folder)
			cmd.Stdin, cmd.Stderr = r, os.Stderr
			return cmd.Run()
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", archive, err)
		}
		var list []string
		err = fs.WalkDir(os.DirFS(f.all()), name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				list = append(list, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, errors.New(archive + " is empty")
		}
		slices.Sort(list)
		files = append(files, list...)
	}
	return files, nil
}
