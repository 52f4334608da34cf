package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/pipeline/jobs/compact"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// copiesOf reads how many documents each of a shard stands for, by version and id; nil if the shard does not say it.
func copiesOf(t testing.TB, name string) map[string]int64 {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was read
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := file.Schema().Lookup("copies"); !ok {
		return nil
	}
	copies := map[string]int64{}
	for _, r := range readRows[struct {
		ID      string `parquet:"id"`
		Version int32  `parquet:"version"`
		Copies  int32  `parquet:"copies"`
	}](t, name) {
		copies[fmt.Sprint(r.Version, " ", r.ID)] = int64(r.Copies)
	}
	return copies
}

// checkCopies counts for every document of a corpus in a folder how many documents of its version it stands for, by the ledgers alone, and
// compares that with what the shards say, where they do. It returns how many documents stand for several.
func checkCopies(t testing.TB, out string) (several int) {
	t.Helper()
	if store.IsRemote(out) {
		return 0
	}
	want, got, gone := map[string]int64{}, map[string]int64{}, map[string]bool{}
	silent := false
	for _, f := range liveFiles(t, out) {
		name := filepath.Join(out, filepath.FromSlash(f.Path))
		version := 0
		if n, _ := fmt.Sscanf(f.Path, "ledger/%d/duplicates.parquet", &version); n == 1 && strings.HasSuffix(f.Path, "/duplicates.parquet") {
			for _, d := range readRows[struct {
				Winner  string `parquet:"winner_id"`
				Version int32  `parquet:"winner_version"`
			}](t, name) {
				if int(d.Version) == version {
					want[fmt.Sprint(d.Version, " ", d.Winner)]++
				}
			}
		}
		if strings.HasPrefix(f.Path, "ledger/") && strings.HasSuffix(f.Path, "/withdrawn.parquet") {
			for _, d := range readRows[struct {
				ID      string `parquet:"id"`
				Version int32  `parquet:"version"`
			}](t, name) {
				gone[fmt.Sprint(d.Version, " ", d.ID)] = true
			}
		}
		if strings.HasPrefix(f.Path, "data/") {
			copies := copiesOf(t, name)
			silent = silent || copies == nil
			maps.Copy(got, copies)
		}
	}
	for document, copies := range got {
		if copies != want[document]+1 {
			t.Errorf("document %s says that it stands for %d, in the ledger %d lost to it", document, copies, want[document])
		}
		if copies > 1 {
			several++
		}
		delete(want, document)
	}
	for document, n := range want {
		if !silent && len(got) > 0 && !gone[document] { // which others had lost to
			t.Errorf("%d lost to document %s, which is not there", n, document)
		}
	}
	return several
}

// twistedNight writes a file of texts: new ones, some of them several times, with other punctuation and nearly alike, and of each kind
// some of the nights before.
func twistedNight(t *testing.T, folder string, night int) {
	t.Helper()
	var lines []string
	for n := range night + 1 {
		random := newRandom(uint64(900 + n))
		for i := range 30 {
			text := article(random, 120)
			if n < night && i%5 > 0 {
				continue
			}
			lines = append(lines, text)
			runes := []rune(text)
			for range i % 4 {
				lines = append(lines, text)
			}
			if i%3 == 0 {
				lines = append(lines, strings.Join([]string{string(runes[:60]), string(runes[60:])}, "，——"))
			}
			if i%6 == 0 {
				lines = append(lines, string(runes[:118])+"末尾")
			}
		}
	}
	newRandom(uint64(night)).Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for part, some := range slices.Collect(slices.Chunk(lines, len(lines)/3+1)) {
		var data []byte
		for _, text := range some {
			line, err := json.Marshal(map[string]string{"text": text})
			if err != nil {
				t.Fatal(err)
			}
			data = append(append(data, line...), '\n')
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d-%d.jsonl", night, part)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCopies: over nights that bring duplicates of every kind, of themselves and of the nights before, each document says how many of its
// own night it stands for, whatever decides who stays, and goes on saying it when it is compacted. Many workers say the same.
func TestCopies(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in := filepath.Join(t.TempDir(), "news")
	const nights = 3
	for _, winner := range []string{"first", "longest"} {
		var digests []string
		for _, slots := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%s, %d workers", winner, slots), func(t *testing.T) {
				out := filepath.Join(t.TempDir(), "out")
				options := func() ingest.Options {
					o := winnerOptions(t, winner, out, in)
					o.Slots, o.SplitBytes, o.PartitionBytes, o.ShardBytes = slots, 8<<10, 32<<10, 10<<10
					return o
				}
				if err := os.RemoveAll(in); err != nil {
					t.Fatal(err)
				}
				var said []string
				for night := range nights {
					twistedNight(t, in, night)
					r := job(t, options())
					d := newest(t, out).Totals.Documents
					if d.ExactDuplicates == 0 || d.SameKeyDuplicates == 0 || d.NearDuplicates == 0 || r.Shards < 2 || night > 0 && d.OfEarlier == 0 {
						t.Fatalf("night %d is too plain to show anything: %+v", night, r)
					}
					said = append(said, r.Digest)
					verified(t, out)
				}
				before := checkCopies(t, out)
				if before < 20*nights {
					t.Errorf("only %d documents stand for several", before)
				}
				o := options()
				r, err := compact.Run(t.Context(), o.Engine())
				if err != nil || len(r.Compacts) != nights {
					t.Fatalf("compacted are %v, %v", r.Compacts, err)
				}
				verified(t, out)
				if after := checkCopies(t, out); after != before {
					t.Errorf("%d documents stand for several, %d before they were compacted", after, before)
				}
				digests = append(digests, strings.Join(append(said, r.Digest), " "))
			})
		}
		if len(slices.Compact(digests)) > 1 {
			t.Errorf("%s: digests differ: %v", winner, digests)
		}
	}
}
