package order

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// Times compare as what they are, whatever their zones; what stands before another one here is earlier.
func TestInstants(t *testing.T) {
	r := newRanker(Field+"date", nil)
	var last []byte
	for _, step := range []string{
		"2026-11-29T23:59:59Z 2026-11-30T07:59:59+08:00 2026-11-29T18:59:59-05:00",
		"2026-11-30",
		"2026-11-30T00:00:00 2026-11-30T00:00:00Z 2026-11-30T08:00:00+08:00 2026-11-30T00:00:00.000Z 2026-11-30t00:00:00Z",
		"2026-11-30T00:00:00.25Z 2026-11-30T08:00:00.250+08:00",
		"2026-11-30T00:00:01Z",
		"2026-12",
		"2027-01-01T03:00:00+14:00",
		"2026-12-31T23:00:00-12:00",
		"9999-12-31T23:59:59-01:00", // in UTC it has no such form
		"hello",
	} {
		first := true
		for s := range strings.FieldsSeq(step) {
			rank := bytes.Clone(r.appendField(nil, []byte(`{"date":"`+s+`"}`)))
			if n := bytes.Compare(last, rank); last != nil && n > 0 || last != nil && n == 0 && first {
				t.Errorf("%s: %q behind %q", s, rank, last)
			}
			if !first && !bytes.Equal(last, rank) {
				t.Errorf("%s: %q, not %q", s, rank, last)
			}
			last, first = rank, false
		}
	}
}

func FuzzInstant(f *testing.F) {
	f.Add("2026-11-30T08:00:00.5+08:00", "2026-11-30T00:00:00Z")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, err := time.Parse(time.RFC3339Nano, a)
		y, err2 := time.Parse(time.RFC3339Nano, b)
		r, s := appendInstant(nil, a), appendInstant(nil, b)
		if err != nil || err2 != nil || a[13] != ':' || b[13] != ':' { // package time takes 8:00 too
			return
		}
		for _, at := range []time.Time{x.UTC(), y.UTC()} {
			if at.Year() < 0 || at.Year() > 9999 {
				return
			}
		}
		if got, want := bytes.Compare(append(r, make([]byte, 64-len(r))...), append(s, make([]byte, 64-len(s))...)), x.Compare(y); got != want {
			t.Fatalf("%s and %s compare as %d, not %d", a, b, got, want)
		}
	})
}

// TestNewest: what states a time comes before what states none, whatever the times of the files; the later one first, modified before
// published; what states none by its file.
func TestNewest(t *testing.T) {
	r := newRanker(Newest, nil)
	var last uint64
	for i, c := range []struct {
		meta string
		file int64
	}{
		{`{"published":"soon"}`, -5},
		{``, 7},
		{`{"published":1}`, 1 << 60},
		{`{"published":"1969-01-01"}`, 0},
		{`{"published":"2019-11-18"}`, 1 << 60},
		{`{"published":"2019-11-18T09:00:00+08:00"}`, 0},
		{`{"published":"2019-11-18T02:00:00"}`, 0},
		{`{"published":"2019-01-01","modified":"2019-11-18T02:00:00.5Z"}`, 0},
		{`{"published":"2020-01-01","modified":"never"}`, 0},
	} {
		rank := r.time([]byte(c.meta), c.file)
		if i > 0 && rank <= last {
			t.Errorf("%d, %s: rank %x is not above %x", i, c.meta, rank, last)
		}
		last = rank
	}
}
