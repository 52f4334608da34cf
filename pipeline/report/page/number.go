package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/report"
)

// shown is a figure for people, in its unit.
func shown(v int64, unit string) string {
	switch unit {
	case report.Bytes:
		if v < 0 {
			return pipeline.Thousands(v) + " B"
		}
		return pipeline.ByteSize(v)
	case report.Millis:
		return duration(v)
	case report.Share:
		return decimal(v/100, 2) + " %"
	case report.Mean:
		return decimal(v/1000, 3)
	}
	return pipeline.Thousands(v)
}

// exact is a figure whose shown form is rounded, in full; empty where it is not.
func exact(v int64, unit string) string {
	switch unit {
	case report.Bytes:
		return pipeline.Thousands(v) + " bytes"
	case report.Millis:
		return pipeline.Thousands(v) + " ms"
	}
	return ""
}

// compact is a figure for an axis.
func compact(v int64, unit string) string {
	switch unit {
	case report.Bytes:
		return strings.Replace(shown(v, unit), ".0 ", " ", 1)
	case report.Share:
		return strconv.FormatFloat(float64(v)/1e4, 'g', 4, 64) + " %"
	case report.Mean:
		return scaled(float64(v) / 1e6)
	case report.Millis:
		return axisTime(v)
	}
	return scaled(float64(v))
}

// axisTime is a time that is a round one of the unit that step gives an axis.
func axisTime(ms int64) string {
	switch {
	case ms == 0:
		return "0"
	case ms%3_600_000 == 0:
		return pipeline.Thousands(ms/3_600_000) + " h"
	case ms%60_000 == 0:
		return pipeline.Thousands(ms/60_000) + " min"
	case ms%1000 == 0:
		return pipeline.Thousands(ms/1000) + " s"
	}
	return duration(ms)
}

// step is of what the numbers of an axis for values are round multiples: times are no decimal numbers.
func step(values []int64, unit string) int64 {
	if unit != report.Millis || len(values) == 0 {
		return 1
	}
	switch most := slices.Max(values); {
	case most > 4*3_600_000:
		return 3_600_000
	case most > 4*60_000:
		return 60_000
	case most > 4000:
		return 1000
	}
	return 1
}

// scaled writes a number with at most four digits: 950, 12k, 3.4M.
func scaled(v float64) string {
	unit := ""
	for _, next := range []string{"k", "M", "G", "T", "P", "E"} {
		if math.Abs(v) < 1000 {
			break
		}
		v, unit = v/1000, next
	}
	return strconv.FormatFloat(v, 'g', 4, 64) + unit
}

// decimal writes v, in units of the last of its places digits behind the point, with separators.
func decimal(v int64, places int) string {
	sign := ""
	if v < 0 {
		sign = "-"
		v = -max(v, -math.MaxInt64)
	}
	one := int64(math.Pow10(places))
	return fmt.Sprintf("%s%s.%0*d", sign, pipeline.Thousands(v/one), places, v%one)
}

// duration writes milliseconds: 450 ms, 12.3 s, 4 min 05 s, 3 h 20 min, 5 d 3 h.
func duration(ms int64) string {
	switch {
	case ms < 1000:
		return pipeline.Thousands(ms) + " ms"
	case ms < 60_000:
		return decimal(ms/100, 1) + " s"
	case ms < 3_600_000:
		return fmt.Sprintf("%d min %02d s", ms/60_000, ms/1000%60)
	case ms < 48*3_600_000:
		return fmt.Sprintf("%d h %02d min", ms/3_600_000, ms/60_000%60)
	}
	return fmt.Sprintf("%s d %d h", pipeline.Thousands(ms/86_400_000), ms/3_600_000%24)
}

// percent is the share of part in all; empty if there is none.
func percent(part, all int64) string {
	if all <= 0 || part < 0 {
		return ""
	}
	share := 100 * float64(part) / float64(all)
	switch {
	case part == 0:
		return "0 %"
	case share < 0.01:
		return "<0.01 %"
	case share > 99.99 && part < all:
		return ">99.99 %"
	case share < 1 || share > 99 && part < all:
		return fmt.Sprintf("%.2f %%", share)
	}
	return fmt.Sprintf("%.1f %%", share)
}

// A figure is a number of the report as a page shows it, with where it comes from.
type figure struct {
	Label, Text, More        string
	Value, Figure, Sum, Rest string
	Title                    string
}

func newFigure(label, path string, v int64, unit string) figure {
	return figure{Label: label, Text: shown(v, unit), Value: strconv.FormatInt(v, 10), Figure: path, Title: exact(v, unit)}
}

// spread are the figures of a Spread.
func spread(path string, s *report.Spread, unit string) []figure {
	return []figure{
		newFigure("least", path+".least", s.Least, unit), newFigure("p10", path+".p10", s.P10, unit), newFigure("median", path+".p50", s.P50, unit),
		newFigure("p90", path+".p90", s.P90, unit), newFigure("p99", path+".p99", s.P99, unit), newFigure("most", path+".most", s.Most, unit),
	}
}
