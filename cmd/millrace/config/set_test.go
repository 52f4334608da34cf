package config

import (
	"strings"
	"testing"
)

// TestSet: single settings come over the file and the environment, the last of several counts, and what is wrong with them is told.
func TestSet(t *testing.T) {
	c, err := Load("c.yaml", []byte("dedupe: {threshold: 0.7, min_shingles: 5}"), []string{"MILLRACE_DEDUPE_THRESHOLD=0.8"},
		"dedupe.threshold=0.85", "sinks.use=arrow, jsonl", "dedupe.threshold=0.9", "schedule.time_zone=UTC")
	if err != nil || c.Dedupe.Threshold != 0.9 || c.Dedupe.MinShingles != 5 || strings.Join(c.Sinks.Use, " ") != "arrow jsonl" {
		t.Errorf("%+v, %+v, %v", c.Dedupe, c.Sinks.Use, err)
	}
	for set, want := range map[string]string{
		"dedupe.treshold=1":    "--set dedupe.treshold: unknown setting (did you mean dedupe.threshold?)",
		"dedupe=1":             "--set dedupe: unknown setting",
		"":                     "--set : unknown setting",
		"dedupe.threshold":     "it has no value: dedupe.threshold=VALUE",
		"dedupe.threshold=":    "it has no value",
		"dedupe.threshold=x":   "--set",
		"dedupe.threshold=0.1": "0.1 is not from 0.5 to 1",
	} {
		if _, err := Load("", nil, nil, set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", set, err, want)
		}
	}
}
