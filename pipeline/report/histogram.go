package report

import "github.com/millrace/millrace/pipeline/columnar"

// HistogramOf is a histogram as it is reported. Missing is what it says of itself.
func HistogramOf(name, note, unit string, h *columnar.Histogram) Histogram {
	r := Histogram{
		Name: name, Note: note, Unit: unit, Values: h.Values, Missing: h.Missing, Log: h.Scale == columnar.Log, Buckets: []Bucket{}, Spread: SpreadOf(h),
		Bounds: []Bound{},
	}
	for _, b := range h.Buckets() {
		r.Buckets = append(r.Buckets, Bucket{From: b.From, To: b.To, Documents: b.Count})
	}
	return r
}

// SpreadOf says how the values of a histogram are spread.
func SpreadOf(h *columnar.Histogram) Spread {
	return Spread{Least: h.Least, P10: h.At(10), P50: h.At(50), P90: h.At(90), P99: h.At(99), Most: h.Most}
}
