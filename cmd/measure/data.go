package main

import (
	"archive/tar"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// record is one line of the JSONL that is measured.
type record struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// sets are the corpora of the shared folder, and how each becomes records.
var sets = []struct {
	name, archive string
	records       func(path string, data []byte) ([]record, error)
}{
	{"fudan", "fudan.tar.zst", fudanRecords},
	{"laws", "laws.tar.zst", pathRecords},
	{"tvnews", "tvnews.tar.zst", stemRecords},
	{"tvnews_items", "tvnews.tar.zst", itemRecords},
}

func dataCommand() *cobra.Command {
	var shared, out string
	var small bool
	c := &cobra.Command{
		Use: "data", Short: "unpack the real text to JSONL, one file a corpus", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return makeAllData(cmd.Context(), shared, out, small) },
	}
	c.Flags().BoolVar(&small, "small", false, "make folders of small files too: 450 MB in 120 000 files")
	c.Flags().StringVar(&shared, "shared", "../shared/data", "folder of the real text")
	c.Flags().StringVar(&out, "out", ".cache/measure", "folder to write to")
	return c
}

// makeAllData is makeData, and makeSmall if asked for.
func makeAllData(ctx context.Context, shared, out string, small bool) error {
	if err := makeData(ctx, shared, out); err != nil || !small {
		return err
	}
	return makeSmall(ctx, shared, out)
}

// makeData writes every set that is not there yet, and revisions, which is JSONL already.
func makeData(ctx context.Context, shared, out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, s := range sets {
		err := whole(filepath.Join(out, s.name+".jsonl"), func(w io.Writer) error {
			return unpack(ctx, filepath.Join(shared, s.archive), w, s.records)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return whole(filepath.Join(out, "revisions.jsonl"), func(w io.Writer) error {
		return decompress(ctx, filepath.Join(shared, "revisions.jsonl.zst"), func(r io.Reader) error {
			_, err := io.Copy(w, r)
			return err
		})
	})
}

// whole writes a file unless it exists, under a temporary name until it is complete.
func whole(name string, fill func(io.Writer) error) (err error) {
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	f, err := os.Create(name + ".part")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(fill(w), w.Flush(), f.Close()); err != nil {
		return err
	}
	return os.Rename(name+".part", name)
}

// encoder writes lines of JSONL.
func encoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

// eachLine reads the lines of a JSONL file.
func eachLine[T any](name string, use func(line T) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	for dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<20)); ; {
		var line T
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := use(line); err != nil {
			return err
		}
	}
}

// moved moves every Han character of a text by n code points.
func moved(text string, n int) string {
	return strings.Map(func(c rune) rune {
		if c >= 0x4E00 && c < 0x9F00 {
			return 0x4E00 + (c-0x4E00+rune(n))%(0x9F00-0x4E00)
		}
		return c
	}, text)
}

func decompress(ctx context.Context, name string, use func(io.Reader) error) error {
	if _, err := os.Stat(name); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "zstd", "-dc", name)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	return errors.Join(use(pipe), cmd.Wait())
}

// unpackFiles hands the files of an archive to use, in its order.
func unpackFiles(ctx context.Context, archive string, use func(path string, data []byte) error) error {
	return decompress(ctx, archive, func(r io.Reader) error {
		for t := tar.NewReader(r); ; {
			h, err := t.Next()
			if errors.Is(err, io.EOF) {
				_, err = io.Copy(io.Discard, r)
				return err
			} else if err != nil {
				return err
			}
			if h.Typeflag != tar.TypeReg {
				continue
			}
			data, err := io.ReadAll(t)
			if err != nil {
				return err
			}
			if err := use(strings.TrimPrefix(h.Name, "./"), data); err != nil {
				return err
			}
		}
	})
}

func unpack(ctx context.Context, archive string, w io.Writer, records func(string, []byte) ([]record, error)) error {
	type file struct {
		path string
		data []byte
	}
	var files []file
	err := unpackFiles(ctx, archive, func(path string, data []byte) error {
		files = append(files, file{path, data})
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	enc := encoder(w)
	for _, f := range files {
		list, err := records(f.path, f.data)
		if err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		for _, r := range list {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func stem(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// fudanRecords decodes GB18030; what cannot be decoded becomes U+FFFD.
func fudanRecords(path string, data []byte) ([]record, error) {
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	return []record{{stem(path), string(text)}}, err
}

func pathRecords(path string, data []byte) ([]record, error) {
	return []record{{path, strings.ToValidUTF8(string(data), "\uFFFD")}}, nil
}

func stemRecords(path string, data []byte) ([]record, error) {
	return []record{{stem(path), string(data)}}, nil
}

// itemRecords cuts a day of TV news into its items.
func itemRecords(path string, data []byte) ([]record, error) {
	_, items, found := strings.Cut(string(data), "## 详细新闻")
	if !found {
		return nil, nil
	}
	var list []record
	for i, item := range strings.Split(items, "\n### ") {
		if i > 0 {
			list = append(list, record{stem(path) + "#" + strconv.Itoa(i), item})
		}
	}
	return list, nil
}
