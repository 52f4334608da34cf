package chart

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func plain(v int64) string { return strconv.FormatInt(v, 10) }

type box struct{ x, y, width, height float64 }

var rects = regexp.MustCompile(`<rect(?: class="([^"]*)")? x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"`)

// boxes are the rectangles of a class.
func boxes(t *testing.T, svg []byte, class string) (list []box) {
	t.Helper()
	for _, m := range rects.FindAllStringSubmatch(string(svg), -1) {
		if m[1] != class {
			continue
		}
		var b box
		for i, to := range []*float64{&b.x, &b.y, &b.width, &b.height} {
			v, err := strconv.ParseFloat(m[i+2], 64)
			if err != nil {
				t.Fatal(err)
			}
			*to = v
		}
		list = append(list, b)
	}
	return list
}

// inside holds all numbers of a picture to its edges.
func inside(t *testing.T, svg []byte) {
	t.Helper()
	m := regexp.MustCompile(`viewBox="0 0 ([0-9.]+) ([0-9.]+)"`).FindSubmatch(svg)
	if m == nil {
		t.Fatalf("no picture: %.80s", svg)
	}
	width, _ := strconv.ParseFloat(string(m[1]), 64)
	height, _ := strconv.ParseFloat(string(m[2]), 64)
	for _, b := range append(boxes(t, svg, ""), boxes(t, svg, "hit")...) {
		if b.x < 0 || b.y < 0 || b.x+b.width > width+1 || b.y+b.height > height+0.2 {
			t.Errorf("%+v is outside of %v × %v", b, width, height)
		}
	}
	if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") || strings.Contains(string(svg), "e+") {
		t.Errorf("no coordinates: %s", svg)
	}
	if _, err := html.Parse(strings.NewReader(string(svg))); err != nil {
		t.Error(err)
	}
}

func TestHistogramOfEvenBars(t *testing.T) {
	h := Histogram{Label: "l", Axis: plain, Bars: []Bar{{0, 10, 100, "a"}, {10, 20, 50, "b"}, {30, 40, 25, "c"}}}
	svg := h.SVG()
	inside(t, svg)
	b := boxes(t, svg, "")
	if len(b) != 3 || math.Abs(b[0].height-2*b[1].height) > 0.2 || math.Abs(b[1].height-2*b[2].height) > 0.2 {
		t.Errorf("heights are not as counts: %+v", b)
	}
	if gap := b[2].x - b[1].x; math.Abs(gap-2*(b[1].x-b[0].x)) > 0.2 {
		t.Errorf("the bucket without documents has no place: %+v", b)
	}
}

// A bucket that is wider holds more for the same count, so it is drawn lower.
func TestHistogramOfUnevenBars(t *testing.T) {
	h := Histogram{Label: "l", Axis: plain, Bars: []Bar{{0, 10, 100, ""}, {10, 50, 400, ""}, {50, 60, 50, ""}}}
	b := boxes(t, h.SVG(), "")
	if math.Abs(b[0].height-b[1].height) > 0.2 || math.Abs(b[0].height-2*b[2].height) > 0.2 {
		t.Errorf("areas are not as counts: %+v", b)
	}
}

func TestLogAxis(t *testing.T) {
	a := newAxis(0, 1_000_000, true, 0, 100)
	last := -1.0
	for _, v := range []float64{0, 1, 10, 100, 1e4, 1e6} {
		if at := a.at(v); at <= last || at > 100 {
			t.Errorf("%v is at %v, the one before at %v", v, at, last)
		} else {
			last = at
		}
	}
	if diff := cmp.Diff([]int64{0, 1, 100, 10_000, 1_000_000}, a.ticks(4)); diff != "" {
		t.Error(diff)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		least, most int64
		unit        float64
		n           int
		want        []int64
	}{
		{0, 100, 0, 5, []int64{0, 20, 40, 60, 80, 100}},
		{0, 3, 0, 4, []int64{0, 1, 2, 3}},
		{0, 1, 0, 4, []int64{0, 1}},
		{13, 94, 0, 4, []int64{20, 40, 60, 80}},
		{-50, 50, 0, 5, []int64{-40, -20, 0, 20, 40}},
		{0, 3_720_000, 60_000, 4, []int64{0, 1_200_000, 2_400_000, 3_600_000}},
		{5, 5, 0, 4, []int64{5, 6}},
	} {
		a := newAxis(c.least, c.most, false, 0, 100)
		a.unit = c.unit
		if diff := cmp.Diff(c.want, a.ticks(c.n)); diff != "" {
			t.Errorf("%d to %d: %s", c.least, c.most, diff)
		}
	}
	for _, most := range []int64{1, 7, 999, 12_345, math.MaxInt64} {
		for _, log := range []bool{false, true} {
			if n := len(newAxis(math.MinInt64, most, log, 0, 1).ticks(5)); n > 12 {
				t.Errorf("%d ticks", n)
			}
		}
	}
}

// Marks stand where they belong, and their labels not on each other.
func TestMarks(t *testing.T) {
	h := Histogram{Label: "l", Axis: plain, Bars: []Bar{{0, 50, 1, ""}, {50, 100, 1, ""}}}
	for i := range 9 {
		h.Marks = append(h.Marks, Mark{At: int64(90 - 2*i), Label: fmt.Sprintf("zh:rule_%d ≥ %d", i, 90-2*i)})
	}
	svg := h.SVG()
	inside(t, svg)
	if n := strings.Count(string(svg), `<line class="mark"`); n != 9 {
		t.Errorf("%d of 9 marks are drawn", n)
	}
	if n := strings.Count(string(svg), `<text class="mark"`); n != mostMarkRows {
		t.Errorf("%d labels in %d rows, where none goes beside another", n, mostMarkRows)
	}
	rows, labels := h.place(newAxis(0, 100, false, 0, smallWidth))
	type span struct{ y, begin, end float64 }
	var spans []span
	for i, l := range labels {
		x, width := float64(h.Marks[i].At)/100*smallWidth, wide(h.Marks[i].Label)
		switch l.anchor {
		case "start":
			spans = append(spans, span{l.y, x + l.shift, x + l.shift + width})
		case "end":
			spans = append(spans, span{l.y, x + l.shift - width, x + l.shift})
		}
	}
	for i, a := range spans {
		for _, b := range spans[:i] {
			if a.y == b.y && a.begin < b.end && b.begin < a.end {
				t.Errorf("%+v is on %+v", a, b)
			}
		}
		if a.begin < 0 || a.end > smallWidth {
			t.Errorf("%+v is outside", a)
		}
	}
	if rows != mostMarkRows {
		t.Errorf("%d rows", rows)
	}
}

func TestColumns(t *testing.T) {
	c := Columns{
		Label: "l", Axis: plain, Names: []string{"1", "2", "3"}, Titles: []string{"a", "b", "c"},
		Series: []Series{{"s0", []int64{10, 0, 5}}, {"s1", []int64{10, -3, 5, 99}}},
	}
	for _, over := range []bool{false, true} {
		c.Wide = over
		svg := c.SVG()
		inside(t, svg)
		paths := regexp.MustCompile(`<path class="(s\d)" d="([^"]*)"/>`).FindAllStringSubmatch(string(svg), -1)
		if len(paths) != 2 || strings.Count(paths[0][2], "M") != 2 || strings.Count(paths[1][2], "M") != 2 {
			t.Errorf("columns are drawn that have nothing: %v", paths)
		}
		if n := len(boxes(t, svg, "hit")); n != 3 {
			t.Errorf("%d columns can be pointed at", n)
		}
	}
}

func TestCurve(t *testing.T) {
	c := Curve{Label: "l", Class: "s0", AxisX: plain, AxisY: plain, Log: true, Points: []Point{{1, 10}, {10, 20}, {100, 30}}, Titles: []string{"a", "b", "c"}}
	svg := c.SVG()
	inside(t, svg)
	d := regexp.MustCompile(`class="plot s0" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"`).FindStringSubmatch(string(svg))
	if d == nil {
		t.Fatalf("no curve in %s", svg)
	}
	at := make([]float64, 6)
	for i := range at {
		at[i], _ = strconv.ParseFloat(d[i+1], 64)
	}
	if !(at[0] < at[2] && at[2] < at[4] && at[1] > at[3] && at[3] > at[5]) {
		t.Errorf("the curve goes %v", at)
	}
}

// Figures that no corpus has make pictures, too.
func TestWhateverThereIs(t *testing.T) {
	extremes := []int64{math.MinInt64, -1, 0, 1, math.MaxInt64}
	for _, log := range []bool{false, true} {
		for _, a := range extremes {
			for _, b := range extremes {
				h := Histogram{Label: "l", Axis: plain, Log: log, Bars: []Bar{{a, b, a, ""}, {b, a, b, ""}}, Marks: []Mark{{a, "x"}, {b, "y"}}}
				inside(t, h.SVG())
				c := Curve{Label: "l", Class: "s0", AxisX: plain, AxisY: plain, Log: log, Most: a, Points: []Point{{a, b}, {b, a}}, Titles: []string{"", "x"}}
				inside(t, c.SVG())
				inside(t, (&Columns{Label: "l", Axis: plain, Step: b, Names: []string{"", "x"}, Series: []Series{{"s0", []int64{a, b}}, {"s1", []int64{b, b}}}}).SVG())
			}
		}
	}
	if (&Histogram{}).SVG() != nil || (&Columns{}).SVG() != nil || (&Curve{}).SVG() != nil {
		t.Error("nothing has a picture")
	}
}

func TestTextsAreEscaped(t *testing.T) {
	const bad = `"><script>alert('1')</script>`
	axis := func(int64) string { return bad }
	h := Histogram{Label: bad, Axis: axis, Bars: []Bar{{0, 1, 1, bad}}, Marks: []Mark{{0, bad}}}
	c := Curve{Label: bad, Class: "s0", AxisX: axis, AxisY: axis, Points: []Point{{1, 1}, {2, 2}}, Titles: []string{bad, bad}}
	s := Columns{Label: bad, Axis: axis, Names: []string{bad}, Titles: []string{bad}, Series: []Series{{"s0", []int64{1}}}}
	for _, svg := range [][]byte{h.SVG(), c.SVG(), s.SVG()} {
		if strings.Contains(string(svg), "<script") || strings.Contains(string(svg), `""`) {
			t.Errorf("not escaped: %s", svg)
		}
		inside(t, svg)
	}
}

// A mark that is beyond the bars widens the axis, unless it would leave them no room: then an arrow says where it is.
func TestMarksBeyondTheBars(t *testing.T) {
	h := Histogram{Label: "l", Axis: plain, Bars: []Bar{{0, 10, 5, ""}, {10, 20, 5, ""}}, Marks: []Mark{{100, "near ≤ 100"}, {100_000, "far ≤ 100000"}}}
	svg := string(h.SVG())
	b := boxes(t, []byte(svg), "")
	if end := b[1].x + b[1].width; end > smallWidth/4 {
		t.Errorf("the bars end at %v, as if 100 were 20", end)
	}
	if n := strings.Count(svg, `<line class="mark"`); n != 1 {
		t.Errorf("%d marks are drawn, of which one is on the axis", n)
	}
	if !strings.Contains(svg, ">near ≤ 100<") || !strings.Contains(svg, ">far ≤ 100000 →<") {
		t.Errorf("labels are missing: %s", svg)
	}
}

// A bucket for 0 alone does not hide the others.
func TestNarrowBar(t *testing.T) {
	h := Histogram{Label: "l", Axis: plain, Bars: []Bar{{0, 1, 100, ""}, {1, 10_000, 50, ""}, {10_000, 20_000, 25, ""}, {20_000, 30_000, 10, ""}}}
	b := boxes(t, h.SVG(), "")
	if math.Abs(b[0].height-2*b[1].height) > 0.2 || b[0].width < 2 {
		t.Errorf("heights are not as counts: %+v", b)
	}
}

func TestLogAxisOfFewPowers(t *testing.T) {
	if diff := cmp.Diff([]int64{100, 200, 500}, newAxis(77, 597, true, 0, 100).ticks(5)); diff != "" {
		t.Error(diff)
	}
}
