package monitor

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/millrace/millrace/pipeline"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

const (
	barScale = 1000
	barWidth = 24
)

// newBars starts to draw a bar for every stage and a line of totals. The bars read the tracker themselves each time they
// are drawn. The caller aborts every bar and waits for the screen, which ends all its goroutines.
func newBars(w io.Writer, t *Tracker, options ...mpb.ContainerOption) (*mpb.Progress, []*mpb.Bar) {
	screen := mpb.New(append(options, mpb.WithConsoleWriter(newConsole(w)))...)
	var bars []*mpb.Bar
	for i, name := range t.names {
		stage := func() Stage { return t.stages[i].read(name, t.now(), t.input.Load()) }
		bars = append(bars, screen.New(0,
			mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("─"),
			mpb.BarWidth(barWidth), mpb.BarFillerTrim(),
			mpb.BarFillerMiddleware(func(next mpb.BarFiller) mpb.BarFiller {
				return mpb.BarFillerFunc(func(w io.Writer, st decor.Statistics) error {
					st.Total = barScale
					st.Current = int64(math.Round(stage().Fraction() * barScale))
					return next.Fill(w, st)
				})
			}),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return name },
				decor.WC{W: 10, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return stageText(stage()) })),
		))
	}
	return screen, append(bars, screen.New(0, mpb.NopStyle(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return totalsText(t.Snapshot()) }))))
}

// stageText is what stands right of a bar.
func stageText(s Stage) string {
	if !s.Begun {
		return ""
	}
	parts := []string{fmt.Sprintf(" %3.0f%%", math.Floor(s.Fraction()*100))}
	if r := s.BytesPerSecond(); r > 0 {
		parts = append(parts, fmt.Sprintf("%6.1f MB/s", r/1e6))
	}
	if r := s.DocumentsPerSecond(); r > 0 {
		parts = append(parts, fmt.Sprintf("%7s doc/s", pipeline.Thousands(int64(r))))
	}
	if left, known := s.ETA(); known {
		parts = append(parts, "eta "+clock(left))
	} else if s.Over() {
		parts = append(parts, clock(s.Elapsed))
	}
	return strings.Join(parts, "  ")
}

// totalsText is the line below the bars. Most kinds of job have no such outcomes of documents.
func totalsText(s Snapshot) string {
	if s.Kept+s.Duplicates+s.Filtered+s.Rejected == 0 {
		return clock(s.Elapsed)
	}
	return fmt.Sprintf("%s  kept %s  duplicates %s  filtered %s  rejected %s",
		clock(s.Elapsed), pipeline.Thousands(s.Kept), pipeline.Thousands(s.Duplicates), pipeline.Thousands(s.Filtered), pipeline.Thousands(s.Rejected))
}

// clock writes a duration to the second: 12s, 3m05s, 2h07m.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
}
