package page

import (
	"fmt"

	"github.com/millrace/millrace/pipeline/report"
)

// mostReasons is how many reasons of a step are shown.
const mostReasons = 24

// funnel shows what is left of the documents behind each step, and why the others are out.
func funnel(c *canvas, r *report.Report) {
	first := r.Funnel[0].Documents
	for _, s := range r.Funnel {
		first = max(first, s.Documents)
	}
	c.table(table{
		name: "Funnel", columns: columns("step", "", "#documents", "#of the first", "#taken out", "why"), items: len(r.Funnel), noun: "step",
		rows: func(i int) []row {
			s := &r.Funnel[i]
			path := fmt.Sprintf("funnel.%d", i)
			out := cell{Class: "n"}
			if s.Out != 0 {
				out = count(path+".out", s.Out)
			}
			list := []row{{Cells: []cell{
				head(name(s.Name)), bar(first, s.Documents), count(path+".documents", s.Documents), derived(percent(s.Documents, first)), out, {},
			}}}
			for j, reason := range s.Reasons[:min(mostReasons, len(s.Reasons))] {
				if !c.room() {
					break
				}
				list = append(list, row{Class: "sub", Cells: []cell{
					head(oneLine(reason.Name, 80)), {}, {}, {}, count(fmt.Sprintf("%s.reasons.%d.documents", path, j), reason.Documents), word(oneLine(reason.Note, mostName)),
				}})
			}
			if n := len(s.Reasons) - (len(list) - 1); n > 0 {
				var sum int64
				for _, reason := range s.Reasons[len(list)-1:] {
					sum += reason.Documents
				}
				list = append(list, row{Class: "sub", Cells: []cell{
					head(andMore(n, "reason")), {}, {}, {}, sumOf(fmt.Sprintf("%s.reasons.%d-%d.documents", path, len(list)-1, len(s.Reasons)-1), sum, report.Count), {},
				}})
			}
			return list
		},
	})
}
