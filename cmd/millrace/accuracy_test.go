package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// resemblance is two documents and their exact Jaccard similarity.
type resemblance struct {
	a, b string
	j    float64
}

// checkAccuracy: of pairs with J >= 0.80 at least 99 % have lost one side; of the removed at most 1 % have no kept document
// with J >= 0.70. Every document that was removed and is in listed must be in pairs with all it resembles.
func checkAccuracy(t *testing.T, all []string, listed, kept map[string]bool, pairs []resemblance) {
	t.Helper()
	near, found, removed, lost := 0, 0, 0, 0
	excused := map[string]bool{}
	for _, p := range pairs {
		if p.j >= 0.80 {
			near++
			if !kept[p.a] || !kept[p.b] {
				found++
			}
		}
		if p.j >= 0.70 {
			excused[p.a] = excused[p.a] || kept[p.b]
			excused[p.b] = excused[p.b] || kept[p.a]
		}
	}
	for _, id := range all {
		if listed[id] && !kept[id] {
			removed++
			if !excused[id] {
				lost++
			}
		}
	}
	t.Logf("%d of %d pairs with J >= 0.80 lost a side; %d of %d removed have no kept document with J >= 0.70", found, near, lost, removed)
	if near < 50 || removed < 50 {
		t.Fatal("too few pairs to say anything")
	}
	if found*100 < near*99 {
		t.Errorf("%d of %d pairs with J >= 0.80 were found, less than 99 %%", found, near)
	}
	if lost*100 > removed {
		t.Errorf("%d of %d removed documents resemble no kept one, more than 1 %%", lost, removed)
	}
}

// TestAccuracy: families of drifting revisions, compared with all their pairs.
func TestAccuracy(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(8, 0))
	var lines, ids []string
	var pairs []resemblance
	listed := map[string]bool{}
	for family := range 120 {
		text := []rune(article(random, 300+random.IntN(600)))
		var sets []map[string]bool
		for version := range 6 {
			id := fmt.Sprintf("%d-%d", family, version)
			lines = append(lines, fmt.Sprintf(`{"id":%q,"text":%q}`, id, string(text)))
			ids = append(ids, id)
			set := fiveGrams(string(text))
			for older, s := range sets {
				if j := jaccard(s, set); j >= 0.5 {
					pairs = append(pairs, resemblance{fmt.Sprintf("%d-%d", family, older), id, j})
					listed[id], listed[fmt.Sprintf("%d-%d", family, older)] = true, true
				}
			}
			sets = append(sets, set)
			for range len(text) / 60 {
				text[random.IntN(len(text))] = rune(0x4E00 + random.IntN(3000))
			}
		}
	}
	name := filepath.Join(t.TempDir(), "families.jsonl")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, name))
	kept := map[string]bool{}
	for _, r := range readRows[struct {
		Metadata string `parquet:"metadata"`
	}](t, filepath.Join(out, "data", "*", "*.parquet")) {
		var m struct{ ID string }
		if err := json.Unmarshal([]byte(r.Metadata), &m); err != nil {
			t.Fatal(err)
		}
		kept[m.ID] = true
	}
	checkAccuracy(t, ids, listed, kept, pairs)
}

// TestAccuracyOfLaws: versions of laws, compared with the exhaustive pairs.
func TestAccuracyOfLaws(t *testing.T) {
	t.Parallel()
	folder := shared(t, "laws.tar.zst")
	out := filepath.Join(t.TempDir(), "out")
	if e := execute(t, nil, "run", folder, "--out", out, "--json"); e.code != 0 {
		t.Fatalf("exit code %d\n%s", e.code, e.stderr)
	}
	kept, listed := map[string]bool{}, map[string]bool{}
	for _, r := range readRows[row](t, filepath.Join(out, "data", "*", "*.parquet")) {
		kept[r.Path] = true
	}
	f, err := os.Open(pipelinetest.Shared(t, "pairs/laws.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	var all []string
	var pairs []resemblance
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Split(s.Text(), "\t")
		j, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, resemblance{fields[1], fields[2], j})
		for _, id := range fields[1:3] {
			if !listed[id] {
				listed[id] = true
				all = append(all, id)
			}
		}
	}
	checkAccuracy(t, all, listed, kept, pairs)
}

// fiveGrams is the set of character 5-grams of the letters and digits of a text.
func fiveGrams(text string) map[string]bool {
	var key []rune
	for _, c := range strings.ToLower(text) {
		if c >= '０' && c <= '９' {
			c -= 0xFEE0
		}
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			key = append(key, c)
		}
	}
	set := map[string]bool{}
	for i := range len(key) - 4 {
		set[string(key[i:i+5])] = true
	}
	return set
}

func jaccard(a, b map[string]bool) float64 {
	both := 0
	for g := range a {
		if b[g] {
			both++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}
