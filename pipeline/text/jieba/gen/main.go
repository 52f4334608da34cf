// Gen makes the embedded dictionary of jieba out of the package that PyPI has: the words of dict.txt, and the tables of its HMM.
//
//	go run ./gen FOLDER
//
// FOLDER is that of the installed package, or a pattern of it; make goldens installs it. The same files give the same bytes.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: gen FOLDER")
	}
	folders, err := filepath.Glob(args[0])
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return fmt.Errorf("there is no %s: make goldens installs it", args[0])
	}
	folder := folders[len(folders)-1] // each has the version that is pinned
	words, total, err := readWords(filepath.Join(folder, "dict.txt"))
	if err != nil {
		return err
	}
	var tables [3]table
	for i, name := range []string{"start", "trans", "emit"} {
		if tables[i], err = readTable(filepath.Join(folder, "finalseg", "prob_"+name+".py")); err != nil {
			return err
		}
	}
	out := encode(words, total, tables[0], tables[1], tables[2])
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(4<<20))
	if err != nil {
		return err
	}
	packed := z.EncodeAll(out, nil)
	fmt.Printf("%d words, %d bytes, %d packed\n", len(words), len(out), len(packed))
	return os.WriteFile("jieba.bin.zst", packed, 0o644)
}

// readWords reads lines of a word, its frequency and its tag. Of a word that stands there twice the later frequency counts, but the sum is of
// both, as in jieba.
func readWords(file string) (words map[string]uint64, total uint64, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	words = map[string]uint64{}
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		fields := strings.Split(strings.TrimSpace(line), " ")
		if len(fields) < 2 {
			return nil, 0, fmt.Errorf("%s:%d: no word with a frequency", file, n+1)
		}
		freq, err := strconv.ParseUint(fields[1], 10, 31)
		if err != nil {
			return nil, 0, fmt.Errorf("%s:%d: %w", file, n+1, err)
		}
		words[fields[0]] = freq
		total += freq
	}
	return words, total, nil
}

// table is a Python literal of numbers: by state and, in a table of two levels, by state or character within.
type table struct {
	flat   map[string]float64
	nested map[string]map[string]float64
}

// readTable reads P={…} of a Python file that has one key a line, which is how jieba's are written.
func readTable(file string) (table, error) {
	t := table{map[string]float64{}, map[string]map[string]float64{}}
	data, err := os.ReadFile(file)
	if err != nil {
		return t, err
	}
	var outer string
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "from ") || line == "" {
			continue
		}
		for pair := range strings.SplitSeq(strings.TrimPrefix(line, "P="), ",") {
			key, value, found := strings.Cut(strings.TrimLeft(strings.TrimSpace(pair), "{"), ": ")
			if !found {
				continue
			}
			inner := strings.TrimPrefix(value, "{")
			name, err := unquote(key)
			if err != nil {
				return t, fmt.Errorf("%s:%d: %w", file, n, err)
			}
			if inner != value {
				outer = name
				t.nested[outer] = map[string]float64{}
				key, value, _ = strings.Cut(inner, ": ")
				if name, err = unquote(key); err != nil {
					return t, fmt.Errorf("%s:%d: %w", file, n, err)
				}
			}
			number, err := strconv.ParseFloat(strings.TrimRight(value, "}"), 64)
			if err != nil {
				return t, fmt.Errorf("%s:%d: %w", file, n, err)
			}
			if outer == "" {
				t.flat[name] = number
			} else {
				t.nested[outer][name] = number
			}
		}
	}
	return t, lines.Err()
}

func unquote(key string) (string, error) {
	s, err := strconv.Unquote(`"` + strings.Trim(key, "'") + `"`)
	if err != nil {
		return "", fmt.Errorf("%s is no key", key)
	}
	return s, nil
}
