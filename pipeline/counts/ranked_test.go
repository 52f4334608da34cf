package counts

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// TestRanker: rows of several parts, in several files each, come in the order of tables.
func TestRanker(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		store := pipelinetest.NewMemory()
		var want []Row
		var outputs []pipeline.Output
		count := rapid.OneOf(rapid.Int64Range(1, 5), rapid.Int64Range(smallCounts-1, smallCounts+2), rapid.Int64Range(1<<31, math.MaxInt64))
		for part := range rapid.IntRange(1, 3).Draw(r, "parts") {
			k := NewRanker(t.Context(), job(store), "ranked/", part)
			k.most = rapid.IntRange(0, 2000).Draw(r, "most")
			for i := range rapid.IntRange(0, 60).Draw(r, "rows") {
				row := Row{Token: fmt.Append(nil, rapid.StringMatching(`[a-c]?(long prefix)?`).Draw(r, "token"), part, "-", i), Count: count.Draw(r, "count")}
				row.Documents, row.NewCount, row.NewDocuments = row.Count, 1<<40, 1
				want = append(want, row)
				must(t, k.Add(row))
			}
			o, err := k.Commit()
			must(t, err)
			outputs = append(outputs, o...)
		}
		slices.SortFunc(want, func(a, b Row) int { return a.compare(&b) })
		files := sorted.NewHandles(t.Context(), store)
		n := 0
		must(t, EachRow(files, names(outputs), func(row *Row) error {
			if n == len(want) || row.compare(&want[n]) != 0 || row.Documents != row.Count || row.NewCount != 1<<40 || row.NewDocuments != 1 {
				t.Fatalf("row %d is %s %+v", n, row.Token, row)
			}
			n++
			return nil
		}))
		if n != len(want) {
			t.Fatalf("%d rows of %d", n, len(want))
		}
		must(t, files.Close())
	})
}

// TestGroups: a merge says what each group has, of what is taken away too.
func TestGroups(t *testing.T) {
	store := pipelinetest.NewMemory()
	item := func(token string, count, documents int64) Item {
		return Item{Token: []byte(token), Count: count, Documents: documents}
	}
	write(t, store, "a", item("x", 3, 1), item("y", 1, 1))
	write(t, store, "b", item("x", 10, 4), item("z", 7, 2))
	write(t, store, "c", item("x", 4, 2), item("z", 7, 2))
	files := sorted.NewHandles(t.Context(), store)
	open := func(name string) Source {
		f, err := Open(files, name, 0, 1)
		must(t, err)
		return f
	}
	m := NewMerge([]Source{open("a")}, []Source{&Taken{Source: open("c")}}, []Source{open("b")})
	got := map[string]string{}
	for m.Next() {
		got[string(bytes.Clone(m.Item().Token))] = fmt.Sprint(m.Item().Count, m.Item().Documents, m.Of(0), m.Of(1), m.Of(2))
	}
	must(t, m.Err())
	for token, want := range map[string]string{"x": "9 3 {3 1} {-4 -2} {10 4}", "y": "1 1 {1 1} {0 0} {0 0}", "z": "0 0 {0 0} {-7 -2} {7 2}"} {
		if got[token] != want {
			t.Errorf("%s: %s, not %s", token, got[token], want)
		}
	}
	must(t, files.Close())
}

// FuzzRows: any bytes are read or refused.
func FuzzRows(f *testing.F) {
	store := pipelinetest.NewMemory()
	k := NewRanker(f.Context(), job(store), "ranked/", 0)
	for i := range 5000 {
		must(f, k.Add(Row{Token: fmt.Append(nil, i), Count: int64(i % 10), Documents: 1}))
	}
	outputs, err := k.Commit()
	must(f, err)
	sound := store.Get(outputs[0].Name)
	f.Add(sound)
	f.Add(sound[:len(sound)-1])
	f.Add([]byte("MRRANKD1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		store := pipelinetest.NewMemory()
		must(t, store.PutNew(t.Context(), "f", data))
		_ = EachRow(sorted.NewHandles(t.Context(), store), []string{"f"}, func(*Row) error { return nil }) // whatever it is
	})
}
