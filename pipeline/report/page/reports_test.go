package page

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/millrace/millrace/pipeline/report"
)

// small is a report of a corpus as one that a person tries out has it.
func small() *report.Report {
	return &report.Report{
		Of: report.OfCorpus, Name: "news", Digest: "sha256:6e1f0c", Tool: "millrace 0.9", When: "2025-11-30T02:14:05Z",
		Facts: []report.Fact{
			{Label: "documents", Value: 12_345, Unit: report.Count},
			{Label: "characters", Value: 9_876_543_210, Unit: report.Chars, Note: "code points of the normalised text"},
			{Label: "on the disk", Value: 4_321_987, Unit: report.Bytes},
			{Label: "unchanged", Value: 11_000, Unit: report.Percent},
			{Label: "mean length", Value: 801_234_567, Unit: report.Mean},
			{Label: "format", Unit: report.Text, Text: "Parquet and JSON Lines"},
		},
		Funnel: []report.Step{
			{Name: "read", Documents: 20_000},
			{Name: "parse", Documents: 19_990, Out: 10, Reasons: []report.Reason{{Name: "empty_text", Documents: 7, Note: "nothing is left of the text"}, {Name: "too_long", Documents: 3}}},
			{Name: "dedupe", Documents: 13_000, Out: 6_990, Reasons: []report.Reason{{Name: "near_duplicate", Documents: 4_990}, {Name: "exact_duplicate", Documents: 2_000}}},
			{Name: "filter", Documents: 12_345, Out: 655, Reasons: []report.Reason{{Name: "zh:too_short", Documents: 655}}},
		},
		Sources: []report.Source{
			{
				Name: "weibo", Files: 3, Read: 5_000, Live: 2_345, Exact: 1_000, Near: 1_500, Filtered: 155, Chars: 1_234_567, Bytes: 3_703_701,
				Lengths: report.Spread{Least: 1, P10: 12, P50: 60, P90: 140, P99: 512, Most: 1_999},
			},
			{
				Name: "news", Files: 12, Refused: 1, Read: 15_000, Live: 10_000, Exact: 1_000, SameKey: 12, Near: 3_490, Filtered: 488, Rejected: 10, Gone: 3,
				Chars: 8_641_976, Bytes: 25_925_928, Lengths: report.Spread{Least: 3, P10: 200, P50: 800, P90: 2_048, P99: 8_192, Most: 65_000},
			},
		},
		Nights: []report.Night{
			{Version: 1, Kind: "ingest", When: "2025-11-28T02:00:00Z", Live: false, Read: 9_000, Kept: 6_000, Duplicates: 2_700, Filtered: 295, Rejected: 5, Chars: 4_000_000, InputBytes: 30_000_000, Disk: 2_000_000, Millis: 61_234, NewChars: 4_000, Alarms: []string{}},
			{Version: 2, Kind: "compact", When: "2025-11-29T02:00:00Z", Live: true, Disk: 1_900_000, Millis: 812, Alarms: []string{}},
			{Version: 3, Kind: "ingest", When: "2025-11-30T02:14:05Z", Live: true, Read: 11_000, Kept: 6_345, Duplicates: 4_290, Filtered: 360, Rejected: 5, Withdrawn: 3, Chars: 5_000_000, InputBytes: 40_000_000, Disk: 2_421_987, Millis: 3_723_004, NewChars: 67, Alarms: []string{"documents: 6,345 are less than half of 14,000"}},
		},
		Histograms: []report.Histogram{
			{
				Name: "chars", Note: "code points of a document", Unit: report.Chars, Values: 12_345, Log: true,
				Buckets: []report.Bucket{bucket(1, 2, 5), bucket(16, 18, 340), bucket(64, 72, 3_000), bucket(128, 144, 4_000), bucket(512, 576, 3_500), bucket(2_048, 2_304, 1_400), bucket(61_440, 65_536, 100)},
				Spread:  report.Spread{Least: 1, P10: 16, P50: 128, P90: 2_048, P99: 2_048, Most: 65_000},
				Bounds:  []report.Bound{{At: 50, Rule: "zh:too_short", Keep: ">="}, {At: 20_000, Rule: "gopher:too_long", Keep: "<="}},
			},
			{
				Name: "digits", Note: "share of digits", Unit: report.Share, Values: 12_000, Missing: 345,
				Buckets: []report.Bucket{bucket(0, 10_000, 9_000), bucket(10_000, 20_000, 2_000), bucket(250_000, 260_000, 1_000)},
				Spread:  report.Spread{Least: 0, P10: 0, P50: 0, P90: 10_000, P99: 250_000, Most: 254_321},
				Bounds:  []report.Bound{{At: 200_000, Rule: "zh:digits", Keep: "<="}},
			},
			{
				Name: "language", Note: "of the model", Unit: report.Count, Values: 12_345, Labels: []string{"zh", "en"},
				Buckets: []report.Bucket{bucket(0, 1, 12_000), bucket(1, 2, 345)}, Bounds: []report.Bound{},
			},
		},
		Duplicates: report.Duplicates{
			Kinds: []report.Reason{{Name: "near", Documents: 4_990, Note: "about the same text"}, {Name: "exact", Documents: 2_000}}, Sources: []string{"weibo", "news"},
			Between: [][]int64{{900, 1_600}, {40, 4_450}}, Unknown: 12,
			Sizes:  []report.Bucket{bucket(2, 3, 2_000), bucket(3, 4, 500), bucket(4, 6, 120), bucket(256, 288, 1)},
			Groups: []report.Group{{ID: "9f0c4c", Source: "news", Path: "news/2025/11/28.jsonl.gz", Lost: 270, Excerpt: "本报讯 记者从有关部门获悉，"}},
		},
		Vocabulary: report.Vocabulary{
			Chars: 4_067, Total: 9_876_543, Growth: []report.Point{point(1, 4_000), point(2, 4_000), point(3, 4_067)},
			Coverage: []report.Point{point(1, 400_000), point(10, 2_000_000), point(100, 5_000_000), point(1_000, 9_000_000), point(4_067, 9_876_543)},
			New:      []report.Char{{Char: "龘", Count: 3, Documents: 2}, {Char: "U+200B", Count: 1, Documents: 1}}, Top: []report.Char{{Char: "的", Count: 400_000, Documents: 12_000}},
		},
		Shares: []report.Shares{
			{Name: "scripts", Note: "of characters", Unit: report.Chars, Total: 9_876_543, Parts: []report.Named{named("Han", 9_000_000), named("Latin", 800_000), named("Common", 76_543)}},
			{Name: "days", Note: "that documents are of", Unit: report.Count, Total: 12_345, Over: true, Parts: []report.Named{named("2025-11-28", 6_000), named("2025-11-29", 0), named("2025-11-30", 6_345)}},
		},
		Lines: []report.Line{{Site: "example.cn", Text: "版权所有 未经许可不得转载", Documents: 812}},
		Sites: []report.Site{{Name: "example.cn", Documents: 900, Boilerplate: 240_000}},
		Samples: []report.Samples{{Name: "random", Note: "chosen by id", List: []report.Sample{
			{ID: "00a1f2", Version: 3, Source: "news", Path: "news/2025/11/30.jsonl.gz", Offset: 1_048_576, Chars: 812, Text: "第一段。\n\n第二段 <b>&amp;</b>"},
		}}},
		Parts: []report.Part{{Split: "train", Name: "news", Weight: 700_000, Documents: 9_000, Copies: 18_000, Chars: 15_000_000, Tokens: 8_000_000}, {Split: "valid", Name: "news", Weight: -1, Documents: 90, Copies: 90, Chars: 70_000, Tokens: -1}, {Split: "test", Name: "news", Weight: -1, Documents: 9, Copies: 9, Chars: -1, Tokens: -1}},
		Cost:  []report.Fact{{Label: "time of workers", Value: 3_784_238, Unit: report.Millis}, {Label: "read", Value: 70_000_000, Unit: report.Bytes}},
		Notes: []string{"Lines are not counted: millrace signals OUT --add lines does that."},
	}
}

// large is as much as a collector may give: 1 000 nights, 200 sources, 60 histograms, and lists longer than a page shows.
func large(text func(int) string) *report.Report {
	rnd := rand.New(rand.NewPCG(1, 2))
	r := small()
	for range 60 {
		r.Facts = append(r.Facts, report.Fact{Label: text(60), Value: rnd.Int64N(1e15), Unit: report.Bytes, Note: text(200)})
		r.Notes = append(r.Notes, text(400))
	}
	r.Name, r.Digest, r.Tool = text(300), text(80), text(60)
	for i := range r.Funnel {
		for range 60 {
			r.Funnel[i].Reasons = append(r.Funnel[i].Reasons, report.Reason{Name: text(40), Documents: rnd.Int64N(1e9), Note: text(100)})
		}
	}
	r.Sources = nil
	for range 200 {
		n := func() int64 { return rnd.Int64N(1e12) }
		r.Sources = append(r.Sources, report.Source{
			Name: text(80), Files: n(), Refused: n(), Read: 6 * n(), Live: n(), Exact: n(), SameKey: n(), Near: n(), Filtered: n(), Rejected: n(), Gone: n(), Chars: n(), Bytes: n(),
			Lengths: report.Spread{Least: 1, P10: n(), P50: n(), P90: n(), P99: n(), Most: n()},
		})
	}
	r.Nights = nil
	begin := time.Date(2023, 1, 1, 2, 0, 0, 0, time.UTC)
	for i := range 1000 {
		n := func() int64 { return 500_000 + rnd.Int64N(500_000) }
		night := report.Night{
			Version: i + 1, Kind: "ingest", When: begin.AddDate(0, 0, i).Format(time.RFC3339), Live: i > 700, Read: 4 * n(), Kept: n(), Duplicates: n(), Filtered: n() / 10, Rejected: n() / 100,
			Withdrawn: n() / 50, Chars: 1000 * n(), InputBytes: 5000 * n(), Disk: 900 * n(), Millis: 10 * n(), NewChars: int64(4000 / (i + 1)), Alarms: []string{},
		}
		if i%97 == 0 {
			for range 12 {
				night.Alarms = append(night.Alarms, text(120))
			}
		}
		r.Nights = append(r.Nights, night)
	}
	for i := range 57 {
		h := report.Histogram{
			Name: fmt.Sprintf("signal_%d", i) + text(4), Note: text(60), Unit: []string{report.Count, report.Share, report.Mean, report.Chars}[i%4], Values: 1e9, Missing: 12, Log: i%2 == 0,
			Spread: report.Spread{Least: 1, P10: 20, P50: 400, P90: 10_000, P99: 200_000, Most: 900_000},
		}
		for from := int64(0); from < 1_000_000; {
			width := max(from/8, 1)
			if !h.Log {
				width = 10_000
			}
			x := float64(from)
			if h.Log {
				x = 1e6 * math.Log1p(x) / math.Log1p(1e6)
			}
			h.Buckets = append(h.Buckets, report.Bucket{From: from, To: from + width, Documents: int64(1e7 * math.Exp(-(x-4e5)*(x-4e5)/4e10))})
			from += width
		}
		for k := range 3 {
			h.Bounds = append(h.Bounds, report.Bound{At: rnd.Int64N(1_000_000), Rule: fmt.Sprintf("zh:r%d", k) + text(30), Keep: ">="})
		}
		r.Histograms = append(r.Histograms, h)
	}
	d := &r.Duplicates
	d.Sources, d.Between = nil, nil
	for i := range 200 {
		d.Sources = append(d.Sources, text(80))
		d.Between = append(d.Between, nil)
		for range 200 {
			d.Between[i] = append(d.Between[i], int64(math.Exp(20*rnd.Float64())))
		}
		d.Groups = append(d.Groups, report.Group{ID: text(32), Source: text(80), Path: text(400), Lost: rnd.Int64N(1e6), Excerpt: text(400)})
		d.Sizes = append(d.Sizes, report.Bucket{From: int64(i + 5), To: int64(i + 6), Documents: rnd.Int64N(1e6)})
	}
	v := &r.Vocabulary
	v.Growth, v.Coverage, v.New, v.Top = nil, nil, nil, nil
	for i := range 1000 {
		v.Growth = append(v.Growth, report.Point{At: int64(i + 1), Value: int64(20_000 * (1 - 1/math.Sqrt(float64(i+2))))})
		v.New = append(v.New, report.Char{Char: string(rune(0x20000 + i)), Count: rnd.Int64N(1e6), Documents: rnd.Int64N(1e6)})
	}
	for at := int64(1); at < 20_000; at += max(at/4, 1) {
		v.Coverage = append(v.Coverage, report.Point{At: at, Value: int64(float64(v.Total) * math.Log1p(float64(at)) / math.Log1p(20_000))})
	}
	v.Top = v.New
	for range 6 {
		s := report.Shares{Name: text(40), Note: text(100), Unit: report.Chars, Total: 1e12}
		over := report.Shares{Name: text(40), Unit: report.Count, Total: 1e9, Over: true}
		for i := range 1000 {
			s.Parts = append(s.Parts, report.Named{Name: text(60), Value: int64(1e11) / int64(i+1)})
			over.Parts = append(over.Parts, report.Named{Name: begin.AddDate(0, 0, i).Format(time.DateOnly), Value: rnd.Int64N(1e6)})
		}
		r.Shares = append(r.Shares, s, over)
	}
	for range 200 {
		r.Lines = append(r.Lines, report.Line{Site: text(80), Text: text(500), Documents: rnd.Int64N(1e9)})
		r.Sites = append(r.Sites, report.Site{Name: text(80), Documents: rnd.Int64N(1e9), Boilerplate: rnd.Int64N(1e9)})
		r.Parts = append(r.Parts, report.Part{Split: text(20), Name: text(40), Weight: rnd.Int64N(1e6), Documents: 1, Copies: 2, Chars: rnd.Int64N(1e12), Tokens: rnd.Int64N(1e12)})
	}
	for range 42 {
		s := report.Samples{Name: text(60), Note: text(100)}
		for range 4 {
			s.List = append(s.List, report.Sample{ID: text(32), Version: 3, Source: text(80), Path: text(300), Chars: 10_000, Figure: text(40), Text: text(300)})
		}
		r.Samples = append(r.Samples, s)
	}
	return r
}

func bucket(from, to, n int64) report.Bucket { return report.Bucket{From: from, To: to, Documents: n} }

func point(at, value int64) report.Point { return report.Point{At: at, Value: value} }

func named(name string, value int64) report.Named { return report.Named{Name: name, Value: value} }

// chinese is a text of n characters without anything to escape.
func chinese(n int) string {
	const words = "记者从有关部门获悉今年以来全国各地的经济运行总体平稳稳中有进"
	list := []rune(words)
	out := make([]rune, n)
	for i := range out {
		out[i] = list[(i*7+n)%len(list)]
	}
	return string(out)
}
