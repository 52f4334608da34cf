package page

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline/report"
)

func TestShown(t *testing.T) {
	for _, c := range []struct {
		v    int64
		unit string
		want string
	}{
		{1_234_567, report.Count, "1,234,567"},
		{-1, report.Chars, "-1"},
		{999, report.Bytes, "999 B"},
		{1_234_567, report.Bytes, "1.2 MB"},
		{-5, report.Bytes, "-5 B"},
		{0, report.Millis, "0 ms"},
		{59_999, report.Millis, "59.9 s"},
		{61_234, report.Millis, "1 min 01 s"},
		{3_723_004, report.Millis, "1 h 02 min"},
		{190_000_000, report.Millis, "2 d 4 h"},
		{123_456, report.Share, "12.34 %"},
		{1_000_000, report.Share, "100.00 %"},
		{1_500_000, report.Mean, "1.500"},
		{-1_500_000, report.Mean, "-1.500"},
		{1_234_567_890_123, report.Mean, "1,234,567.890"},
		{math.MinInt64, report.Mean, "-9,223,372,036,854.775"},
		{math.MinInt64, report.Count, "-9,223,372,036,854,775,808"},
	} {
		if got := shown(c.v, c.unit); got != c.want {
			t.Errorf("%d in %s is shown as %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestCompact(t *testing.T) {
	for _, c := range []struct {
		v    int64
		unit string
		want string
	}{
		{950, report.Count, "950"},
		{12_000, report.Count, "12k"},
		{3_400_000, report.Chars, "3.4M"},
		{2_000_000, report.Bytes, "2 MB"},
		{2_500_000, report.Bytes, "2.5 MB"},
		{250_000, report.Share, "25 %"},
		{500, report.Share, "0.05 %"},
		{1_500_000, report.Mean, "1.5"},
		{0, report.Millis, "0"},
		{7_200_000, report.Millis, "2 h"},
		{1_200_000, report.Millis, "20 min"},
		{30_000, report.Millis, "30 s"},
	} {
		if got := compact(c.v, c.unit); got != c.want {
			t.Errorf("%d in %s is %q on an axis, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		part, all int64
		want      string
	}{
		{0, 10, "0 %"}, {10, 10, "100.0 %"}, {1, 3, "33.3 %"}, {1, 1_000_000, "<0.01 %"}, {999_999, 1_000_000, ">99.99 %"}, {3, 400, "0.75 %"}, {5, 0, ""}, {-1, 5, ""},
	} {
		if got := percent(c.part, c.all); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.part, c.all, got, c.want)
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\x1b[0m": "a␀b␛[0m", "\x7f\u0085": "␡⟨U+0085⟩", "a\u202eb\u2066c": "a⟨U+202E⟩b⟨U+2066⟩c", "行\n二\t三": "行\n二\t三", "\xffx": "\ufffdx", "\ufdd0": "⟨U+FDD0⟩",
	} {
		if got := visible(in, 1000); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := visible("一二三四五", 3); got != "一二三…" {
		t.Errorf("cut to %q", got)
	}
	if got := oneLine("data/2025/11/30/very/long/part-000123.jsonl.gz", 24); got != "data/202…00123.jsonl.gz" && utf8.RuneCountInString(got) > 24 {
		t.Errorf("cut to %q", got)
	}
	if got := oneLine("a\nb\tc", 24); got != "a␊b␉c" {
		t.Errorf("on one line it is %q", got)
	}
}

func TestVisibleIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 60).Draw(t, "most")
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		for name, got := range map[string]string{"visible": visible(s, most), "oneLine": oneLine(s, most)} {
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) > most+8 {
				t.Errorf("%s of %q to %d is %q", name, s, most, got)
			}
		}
		if got := oneLine(s, most); utf8.RuneCountInString(got) > most || strings.ContainsAny(got, "\n\t") {
			t.Errorf("%q to %d on one line is %q", s, most, got)
		}
	})
}

func TestRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, most := rapid.IntRange(0, 2000).Draw(t, "n"), rapid.IntRange(1, 400).Draw(t, "most")
		list := runs(n, most)
		if len(list) > most {
			t.Fatalf("%d runs of at most %d", len(list), most)
		}
		allOnce(t, list, n)
		for _, r := range list[:max(len(list)-1, 0)] {
			if r.to-r.from != list[0].to-list[0].from {
				t.Fatalf("runs are not equal: %v", list)
			}
		}
	})
}

// allOnce holds runs to being n things, each once.
func allOnce(t *rapid.T, list []run, n int) {
	next := 0
	for _, r := range list {
		if r.from != next || r.to < r.from {
			t.Fatalf("%v follows %d", r, next)
		}
		next = r.to + 1
	}
	if next != n {
		t.Fatalf("%d of %d", next, n)
	}
}

func TestJoinedBucketsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 48).Draw(t, "most")
		log := rapid.Bool().Draw(t, "log")
		var list []report.Bucket
		from := rapid.Int64Range(-1000, 1000).Draw(t, "least")
		for range rapid.IntRange(0, 200).Draw(t, "buckets") {
			to := from + rapid.Int64Range(1, 1000).Draw(t, "width")
			list = append(list, bucket(from, to, 1))
			from = to + rapid.Int64Range(0, 1000).Draw(t, "gap")
		}
		over := joined(list, log, most)
		if len(over) > most {
			t.Fatalf("%d bars of at most %d", len(over), most)
		}
		allOnce(t, over, len(list))
	})
}

func TestChosen(t *testing.T) {
	for n := range 300 {
		for _, most := range []int{1, 2, 7, 100} {
			list := chosen(n, most)
			if len(list) != min(n, most) {
				t.Fatalf("%d of %d", len(list), n)
			}
			for i := range list {
				if i > 0 && list[i] <= list[i-1] || list[i] >= n {
					t.Fatalf("%v of %d", list, n)
				}
			}
			if n > 0 && (list[0] != 0 || most > 1 && list[len(list)-1] != n-1) {
				t.Fatalf("%v of %d has not both ends", list, n)
			}
		}
	}
}

// Parts of a bar are never wider than the bar, and what is there is seen.
func TestBar(t *testing.T) {
	for _, c := range []struct {
		whole  int64
		values []int64
		want   string
	}{
		{100, []int64{50, 50}, "[{s0 50} {s1 50}]"},
		{3, []int64{1, 1, 1}, "[{s0 33} {s1 33} {s2 33}]"},
		{1000, []int64{999, 1}, "[{s0 100} {s1 0}]"},
		{1_000_000, []int64{1, 0, 2}, "[{s0 1} {s2 1}]"},
		{0, []int64{5}, "[{s0 0}]"},
		{10, []int64{-5, 20}, "[{s1 100}]"},
	} {
		if got := fmt.Sprint(bar(c.whole, c.values...).Parts); got != c.want {
			t.Errorf("%v of %d: %s, want %s", c.values, c.whole, got, c.want)
		}
	}
}
