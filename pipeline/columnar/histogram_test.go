package columnar

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// figures are values as columns have them: many small ones, shares, and some of any size.
var figures = rapid.OneOf(rapid.Int64Range(-1, 100), rapid.Int64Range(0, million+2), rapid.Int64Range(0, math.MaxInt64))

func TestBucketHoldsItsValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(0, 200), rapid.Int64Range(0, math.MaxInt64), rapid.SampledFrom([]int64{0, 1, million - 1, million, million + 1, math.MaxInt64})).Draw(t, "n")
		for _, s := range []Scale{Exact, Log, Cents} {
			from, to := s.Bucket(n)
			if n < from || n >= to && to != math.MaxInt64 {
				t.Fatalf("%s: %d is not in the bucket from %d to %d", s, n, from, to)
			}
			if again, _ := s.Bucket(from); again != from {
				t.Fatalf("%s: the bucket of %d begins at %d, and that of this value at %d", s, n, from, again)
			}
			if s == Log && from > 0 && to != math.MaxInt64 && (to-from)*16 > max(from, 16) {
				t.Fatalf("the bucket of %d is from %d to %d: wider than a sixteenth", n, from, to)
			}
		}
	})
}

func TestBucketsFollowEachOther(t *testing.T) {
	for _, c := range []struct {
		scale   Scale
		buckets int
	}{{Log, logBuckets}, {Cents, centsBuckets}} {
		next := int64(0)
		for i := range c.buckets {
			from, to := c.scale.bounds(i)
			if from != next || c.scale.index(from) != i || c.scale.index(to-1) != i {
				t.Fatalf("%s: bucket %d is from %d to %d, the one before ended at %d", c.scale, i, from, to, next)
			}
			next = to
		}
		if next != math.MaxInt64 {
			t.Errorf("%s: the last bucket ends at %d", c.scale, next)
		}
	}
}

// histogramSchema has a column on each scale.
var histogramSchema = []Column{
	{Name: "name", Type: String},
	{Name: "by", Type: Int64, Histogram: Log, By: "name"},
	{Name: "log", Type: Int32, Histogram: Log},
	{Name: "cents", Type: Int64, Histogram: Cents},
	{Name: "exact", Type: Int64, Histogram: Exact},
	{Name: "none", Type: Int64},
}

// What the footer says is what counting the rows says, however they came and however many files they are spread over.
func TestHistogramsOfFooter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]*Histogram{}
		add := func(key string, s Scale, n int64) {
			if want[key] == nil {
				want[key] = NewHistogram(s)
			}
			want[key].Add(n)
		}
		got := map[string]*Histogram{}
		for range rapid.IntRange(1, 3).Draw(t, "files") {
			var b bytes.Buffer
			w, err := NewParquetWriter(&b, histogramSchema, TableOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for range rapid.IntRange(1, 3).Draw(t, "writes") {
				names, ints, narrow := &Strings{}, make([][]int64, 4), []int32{}
				for range rapid.IntRange(0, 20).Draw(t, "rows") {
					name, exact := rapid.SampledFrom([]string{"", "news", "laws"}).Draw(t, "name"), rapid.Int64Range(-1, 5).Draw(t, "exact")
					a, b, c := figures.Draw(t, "by"), rapid.Int32Range(-1, math.MaxInt32).Draw(t, "log"), figures.Draw(t, "cents")
					names.Append([]byte(name))
					narrow = append(narrow, b)
					for i, n := range []int64{a, c, exact, 7} {
						ints[i] = append(ints[i], n)
					}
					add("by "+name, Log, a)
					add("log ", Log, int64(b))
					add("cents ", Cents, c)
					add("exact ", Exact, exact)
				}
				if len(narrow) == 0 {
					continue
				}
				if err := w.Write(names, ints[0], narrow, ints[1], ints[2], ints[3]); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.Finish(); err != nil {
				t.Fatal(err)
			}
			mergeFooter(t, b.Bytes(), got)
		}
		options := cmp.AllowUnexported(Histogram{})
		if diff := cmp.Diff(want, got, options); diff != "" {
			t.Fatalf("counting the rows (-), the footers (+):\n%s", diff)
		}
	})
}

func mergeFooter(t *rapid.T, data []byte, into map[string]*Histogram) {
	f, err := ReadFooter(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := f.Histograms()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		for _, p := range c.Parts {
			key := c.Column + " " + p.Name
			if into[key] == nil {
				into[key] = NewHistogram(p.Scale)
			}
			if err := into[key].Merge(p.Histogram); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestHistogramAt(t *testing.T) {
	h := NewHistogram(Exact)
	if got := h.At(50); got != 0 {
		t.Errorf("of no values: %d", got)
	}
	for n := range int64(1000) {
		h.Add(n)
	}
	for _, percent := range []int64{0, 1, 10, 50, 99, 100} {
		if got, want := h.At(percent), 999*percent/100; got != want {
			t.Errorf("%d %%: %d, not %d", percent, got, want)
		}
	}
}

// A file of too many names, or of too many values, is whole without a histogram.
func TestTooManyForAHistogram(t *testing.T) {
	var b bytes.Buffer
	w, err := NewParquetWriter(&b, histogramSchema, TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	names, zeros, narrow, exact := &Strings{}, []int64{}, []int32{}, []int64{}
	for i := range mostExact + 2 {
		names.Append(fmt.Appendf(nil, "%d", i%(mostParts+1)))
		zeros, narrow, exact = append(zeros, 0), append(narrow, 0), append(exact, int64(i))
	}
	if err := w.Write(names, zeros, narrow, zeros, exact, zeros); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	f, err := ReadFooter(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	list, err := f.Histograms()
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range list {
		columns = append(columns, c.Column)
	}
	if want := []string{"log", "cents"}; !slices.Equal(columns, want) {
		t.Errorf("histograms of %q, not of %q", columns, want)
	}
}

func TestDamagedHistograms(t *testing.T) {
	for _, text := range []string{
		`{`, `[{"column":"a","scale":"odd","parts":[]}]`, `[{"column":"a","scale":"log","parts":[{"values":1,"buckets":[]}]}]`,
		`[{"column":"a","scale":"log","parts":[{"values":2,"sum":66,"least":33,"most":33,"buckets":[[33,2]]}]}]`,
		`[{"column":"a","scale":"log","parts":[{"values":2,"sum":1,"least":0,"most":1,"buckets":[[0,3]]}]}]`,
		`[{"column":"a","scale":"log","parts":[{"values":2,"sum":1,"least":0,"most":1,"buckets":[[-4,2]]}]}]`,
		`[{"column":"a","scale":"log","parts":[{"values":1,"sum":1,"least":1,"most":1,"buckets":[[1,1]]}]}]`,
	} {
		f := Footer{Rows: 2, Metadata: map[string]string{HistogramsKey: text}}
		if list, err := f.Histograms(); err == nil {
			t.Errorf("%s is taken for %v", text, list)
		}
	}
}

func FuzzHistograms(f *testing.F) {
	f.Add(`[{"column":"a","by":"b","scale":"log","parts":[{"name":"x","values":2,"sum":3,"least":1,"most":2,"buckets":[[1,1],[2,1]]}]}]`, int64(2))
	f.Fuzz(func(t *testing.T, text string, rows int64) {
		footer := Footer{Rows: rows, Metadata: map[string]string{HistogramsKey: text}}
		list, err := footer.Histograms()
		if err != nil {
			return
		}
		for _, c := range list {
			for _, p := range c.Parts {
				if at := p.At(50); at < 0 {
					t.Errorf("half of the values of %q are below %d", c.Column, at)
				}
			}
		}
	})
}

func TestColumnsThatHaveNoHistogram(t *testing.T) {
	for _, schema := range [][]Column{
		{{Name: "a", Type: String, Histogram: Log}},
		{{Name: "a", Type: Int64, Histogram: "odd"}},
		{{Name: "a", Type: Int64, Histogram: Log, By: "b"}},
		{{Name: "a", Type: Int64, By: "a"}},
	} {
		if _, err := NewParquetWriter(&bytes.Buffer{}, schema, TableOptions{}); err == nil || !strings.Contains(err.Error(), "histogram") {
			t.Errorf("%+v: %v", schema, err)
		}
	}
}
