package order

import (
	"cmp"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handlesOf returns the handles of a store with one file.
func handlesOf(t testing.TB, name string, data []byte) *sorted.Handles {
	t.Helper()
	store := pipelinetest.NewMemory()
	if err := pipeline.WriteAll(t.Context(), store, name, slices.Clone(data)); err != nil {
		t.Fatal(err)
	}
	return sorted.NewHandles(t.Context(), store)
}

// Runs of ranks that end anywhere make the same order, and it is that of the ranks.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(92, 93))
	const documents = 2000
	plan := &ingest.Plan{}
	b := &columnar.Batch{}
	for i := range documents {
		plan.Files = append(plan.Files, ingest.File{Found: ingest.Found{ModTime: int64(r.IntN(50))}})
		b.File = append(b.File, int32(i))
		b.Text.Append(nil)
		b.Meta.Append(nil)
	}
	want := make([]uint32, documents)
	for i := range want {
		want[i] = uint32(i)
	}
	slices.SortStableFunc(want, func(a, b uint32) int { return cmp.Compare(plan.Files[b].ModTime, plan.Files[a].ModTime) })
	for _, most := range []int{1, 7, 300, 1 << 20} {
		var file strings.Builder
		w := NewWriter(&file, Newest, plan)
		w.most = most
		if err := w.Batch(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		files := handlesOf(t, ingest.RanksName(1), []byte(file.String()))
		o, err := Read(Newest, files, plan, []int64{0, 0, documents})
		if err != nil || !slices.Equal(o.documents, want) {
			t.Errorf("runs of %d: another order, %v", most, err)
		}
	}
}

// A file of ranks that is not of these documents, or damaged, is an error.
func TestDamagedRanks(t *testing.T) {
	var b columnar.Batch
	for range 600 {
		b.File = append(b.File, 0)
		b.Text.Append([]byte("text"))
	}
	var file strings.Builder
	w := NewWriter(&file, Longest, &ingest.Plan{})
	if err := w.Batch(&b); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	read := func(data []byte, rows int64) error {
		_, err := Read(Longest, handlesOf(t, ingest.RanksName(0), data), &ingest.Plan{}, []int64{0, rows})
		return err
	}
	data := []byte(file.String())
	if err := read(data, 600); err != nil {
		t.Fatal(err)
	}
	if read(data, 599) == nil || read(data, 601) == nil || read(data[:len(data)-1], 600) == nil {
		t.Error("a file of other documents, or a part of it, is read")
	}
	for at := len(w.runs.Kind().Magic); at < len(data); at += 97 { // the head is not read
		data[at] ^= 4
		if read(data, 600) == nil {
			t.Errorf("a flipped bit at %d of %d is not found", at, len(data))
		}
		data[at] ^= 4
	}
}

// Any two JSON numbers have ranks in their order.
func TestNumberRanks(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		pad := func(s string) string {
			r := appendNumber(nil, []byte(s))
			return string(append(r, make([]byte, fieldRank-len(r))...))
		}
		if got, want := cmp.Compare(pad(a), pad(b)), x.Cmp(y); got != want {
			t.Fatalf("%s and %s compare as %d, not %d", a, b, got, want)
		}
	})
}

// A Cache makes the order of a run once, and that of another run anew.
func TestCache(t *testing.T) {
	var file strings.Builder
	plan := &ingest.Plan{Files: []ingest.File{{Found: ingest.Found{ModTime: 1}}, {Found: ingest.Found{ModTime: 2}}}}
	b := columnar.Batch{File: []int32{0, 1}}
	b.Text.Append(nil)
	b.Meta.Append(nil)
	b.Text.Append(nil)
	b.Meta.Append(nil)
	w := NewWriter(&file, Newest, plan)
	if err := w.Batch(&b); err != nil || w.Rows() != 2 {
		t.Fatal(err)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	files := handlesOf(t, ingest.RanksName(0), []byte(file.String()))
	var c Cache
	get := func(winner string, plan *ingest.Plan) *Order {
		o, err := c.Get(winner, files, plan, []int64{0, 2})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	first := get(Newest, plan)
	if first.Place(0) != 1 || first.Document(0) != 1 || first.Missing() != 0 {
		t.Errorf("%+v", first)
	}
	if get(Newest, plan) != first || get(Newest, &ingest.Plan{}) == first {
		t.Error("the order of another run is given, or that of a run made twice")
	}
	if o := get(First, plan); o != nil || o.Place(7) != 7 || o.Document(7) != 7 {
		t.Errorf("first has an order: %+v", o)
	}
}
