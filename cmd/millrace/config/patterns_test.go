package config

import (
	"strings"
	"testing"
)

// TestPatternLines: each pattern that is none is named with its line.
func TestPatternLines(t *testing.T) {
	data := `out: x
sources:
  - name: a
    path: /srv/a
    scan: true
    include: ['[', ok,
      /absolute]
    exclude:
      - ../up
      - fine/
      - ''
      - [nested]
`
	_, err := Load("c.yaml", []byte(data), nil)
	if err == nil {
		t.Fatal("loaded")
	}
	for _, want := range []string{
		"c.yaml:6: sources[0].include[0]: ", "c.yaml:7: sources[0].include[2]: ", "c.yaml:9: sources[0].exclude[0]: ", "c.yaml:11: sources[0].exclude[2]: ",
		"c.yaml:12: sources[0].exclude[3]: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told: %v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "sources[0]."); n != 5 {
		t.Errorf("%d problems: %v", n, err)
	}
	c, err := Load("c.yaml", []byte("sources: [{name: a, path: /srv/a, scan: true, exclude: [private, './x', '**/y']}]"), nil)
	if err != nil || len(c.Roots()[0].Exclude) != 3 || c.Validate() != nil {
		t.Errorf("%v, %v", c.Sources, err)
	}
	c.Sources[0].Include = []string{"/x"}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "sources[0].include[0]: ") {
		t.Errorf("validated: %v", err)
	}
}
