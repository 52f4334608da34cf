package monitor

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// Metric is one family of figures in the text format of Prometheus (version 0.0.4).
type Metric struct {
	Name, Help string
	Counter    bool // it only grows; otherwise it is a gauge
	Samples    []Sample
}

// Sample is one figure. Labels are names and values in turn.
type Sample struct {
	Value  float64
	Labels []string
}

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// writeMetrics writes the families in the order given.
func writeMetrics(out io.Writer, list []Metric) error {
	w := bufio.NewWriter(out) // keeps the first error
	for _, m := range list {
		kind := "gauge"
		if m.Counter {
			kind = "counter"
		}
		_, _ = w.WriteString("# HELP " + m.Name + " " + escapeHelp.Replace(m.Help) + "\n# TYPE " + m.Name + " " + kind + "\n")
		for _, s := range m.Samples {
			_, _ = w.WriteString(m.Name)
			for i := 0; i+1 < len(s.Labels); i += 2 {
				sep := ","
				if i == 0 {
					sep = "{"
				}
				_, _ = w.WriteString(sep + s.Labels[i] + `="` + escapeLabel.Replace(s.Labels[i+1]) + `"`)
			}
			if len(s.Labels) > 1 {
				_ = w.WriteByte('}')
			}
			_, _ = w.WriteString(" " + strconv.FormatFloat(s.Value, 'g', -1, 64) + "\n")
		}
	}
	return w.Flush()
}
