package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"
)

// Files that are small: many of them, as they are found.
const (
	tinyFiles  = 100_000
	tinyBytes  = 2000
	tinyFolder = 1000 // files in one folder
)

// smallInputs are the folders of small files, and what is in them.
var smallInputs = []struct {
	folder, about string
	fill          func(ctx context.Context, shared, data, to string) error
}{
	{"gb18030", "news as found, raw GB18030", fillFudan(func(raw []byte) ([]byte, error) { return raw, nil })},
	{"utf-8", "the same in UTF-8", fillFudan(func(raw []byte) ([]byte, error) {
		records, err := fudanRecords("", raw)
		if err != nil {
			return nil, err
		}
		return []byte(records[0].Text), nil
	})},
	{"tiny", "pieces of 2 kB", fillTiny},
}

// smallFolder is where the folders of small files are.
func smallFolder(data string) string { return filepath.Join(data, "small") }

// makeSmall makes the folders of small files that are not there yet, of the real text in shared and its JSONL in data.
func makeSmall(ctx context.Context, shared, data string) error {
	for _, in := range smallInputs {
		to := filepath.Join(smallFolder(data), in.folder)
		if _, err := os.Stat(to); err == nil {
			continue
		}
		part := to + ".part"
		if err := os.RemoveAll(part); err != nil {
			return err
		}
		if err := in.fill(ctx, shared, data, part); err != nil {
			return fmt.Errorf("%s: %w", in.folder, err)
		}
		if err := os.Rename(part, to); err != nil {
			return err
		}
	}
	return nil
}

// fillFudan writes the files of the Fudan corpus.
func fillFudan(change func(raw []byte) ([]byte, error)) func(ctx context.Context, shared, _, to string) error {
	return func(ctx context.Context, shared, _, to string) error {
		return unpackFiles(ctx, filepath.Join(shared, "fudan.tar.zst"), func(path string, raw []byte) error {
			text, err := change(raw)
			if err != nil {
				return err
			}
			return writeBelow(to, path, text)
		})
	}
}

// errEnough ends what has written what it was to write.
var errEnough = errors.New("enough")

// fillTiny writes pieces of texts, cut between characters.
func fillTiny(_ context.Context, _, data, to string) error {
	n := 0
	for _, set := range []string{"fudan", "laws", "tvnews"} {
		err := eachLine(filepath.Join(data, set+".jsonl"), func(r record) error {
			for text := r.Text; len(text) > tinyBytes; {
				end := tinyBytes
				for !utf8.RuneStart(text[end]) {
					end--
				}
				if err := writeBelow(to, fmt.Sprintf("%03d/%03d.txt", n/tinyFolder, n%tinyFolder), []byte(text[:end])); err != nil {
					return err
				}
				text = text[end:]
				if n++; n == tinyFiles {
					return errEnough
				}
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("the texts are too short for more than %d pieces", n)
}

func writeBelow(folder, path string, text []byte) error {
	name := filepath.Join(folder, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// sizeBelow counts the files below a folder, and their bytes.
func sizeBelow(folder string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		bytes += info.Size()
		return nil
	})
	return files, bytes, err
}

// small measures whole runs over folders of small files, in turn, on one core and on two. What they take a byte is also told in what zstd -1 takes
// over a byte of the same text as JSONL, in the same turns: this can be compared between machines.
func (b *bench) small(ctx context.Context, w io.Writer, pin string) error {
	if err := makeSmall(ctx, b.shared, b.data); err != nil {
		return err
	}
	inputs, jsonl, err := b.inputs()
	if err != nil {
		return err
	}
	subjects := []*subject{zstdOf(inputs)} // and of each folder that on one core, then that on two
	for _, in := range smallInputs {
		for _, cores := range []string{"0", "0,1"} {
			subjects = append(subjects, &subject{name: in.about, command: func(s string) []string {
				return []string{pin, "-c", cores, b.binary, "run", filepath.Join(smallFolder(b.data), in.folder), "--out", filepath.Join(s, "out"), "--log-level", "error"}
			}})
		}
	}
	if err := inTurn(ctx, subjects, b.runs); err != nil {
		return err
	}
	zstd := median(subjects[0].runs, cpuOf) * 1e9 / float64(jsonl)
	fmt.Fprintf(w, "small files; medians of %d runs in turn; zstd -1 -T1 takes %.2f ns/byte of JSONL\n", b.runs, zstd)
	t := table(w, "input\tfiles\tMB\tCPU s\tCPU ns/byte\tof zstd's\tCPU µs/file\twall s, 1 core\t2 cores\t1 / 2\tpeak MB\t")
	for i, in := range smallInputs {
		one, two := subjects[2*i+1].runs, subjects[2*i+2].runs
		files, bytes, err := sizeBelow(filepath.Join(smallFolder(b.data), in.folder))
		if err != nil {
			return err
		}
		cpu := median(slices.Concat(one, two), cpuOf)
		each := cpu * 1e9 / float64(bytes)
		fmt.Fprintf(t, "%s\t%d\t%.1f\t%.2f\t%.1f\t%.2f\t%.1f\t%.2f\t%.2f\t%.2f\t%.0f\t\n", in.about, files, float64(bytes)/1e6, cpu, each, each/zstd,
			cpu*1e6/float64(files), median(one, wallOf), median(two, wallOf), ratio(one, two, wallOf), median(two, peakMB))
	}
	return t.Flush()
}
