package views

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/monitor"
)

// TestBoard: the board for Grafana asks for metrics that are shown, by labels that they have; and it shows all of them.
func TestBoard(t *testing.T) {
	data, err := os.ReadFile("../../../docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Name, Type string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	stages := []string{"parse"}
	tracked := monitor.NewTracker(pipeline.Chain{{Tracks: []pipeline.Track{{Stages: []pipeline.StageSpec{{Name: "parse"}}}}}}).Snapshot()
	s := cluster.Status{}
	labels := map[string][]string{"millrace_leader": nil} // by metric
	for _, m := range append(clusterMetrics(&s, Commit{}, stages), trackerMetrics(&tracked)...) {
		labels[m.Name] = nil
		for i := 0; i < len(m.Samples[0].Labels); i += 2 {
			labels[m.Name] = append(labels[m.Name], m.Samples[0].Labels[i])
		}
	}
	metric := regexp.MustCompile(`(max|sum)?(?: by \(([a-z, ]+)\))? ?\(?(?:rate\()?(millrace_[a-z_]+)\{([^}]*)\}`)
	label := regexp.MustCompile(`[a-z_]+`)
	matched := regexp.MustCompile(`([a-z_]+)=~?"`)
	name := regexp.MustCompile(`millrace_[a-z_]+`)
	asked := map[string]bool{}
	for _, p := range board.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			found := metric.FindAllStringSubmatch(target.Expr, -1)
			if len(found) != len(name.FindAllString(target.Expr, -1)) {
				t.Errorf("%s: %s: only %d are understood", p.Title, target.Expr, len(found))
			}
			for _, m := range found {
				asked[m[3]] = true
				has, ok := labels[m[3]]
				if !ok {
					t.Errorf("%s: there is no %s", p.Title, m[3])
				}
				has = append([]string{"job", "instance"}, has...) // of Prometheus
				used := label.FindAllString(m[2], -1)
				for _, l := range matched.FindAllStringSubmatch(m[4], -1) {
					used = append(used, l[1])
				}
				for _, l := range used {
					if !slices.Contains(has, l) {
						t.Errorf("%s: %s has no label %s", p.Title, m[3], l)
					}
				}
			}
		}
	}
	for m := range labels {
		if !asked[m] {
			t.Errorf("no panel shows %s", m)
		}
	}
	if !slices.ContainsFunc(board.Templating.List, func(v struct{ Name, Type string }) bool { return v.Type == "datasource" }) {
		t.Error("the source of data cannot be chosen")
	}
}
