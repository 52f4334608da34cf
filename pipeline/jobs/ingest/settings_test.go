package ingest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

func TestChanged(t *testing.T) {
	for _, tt := range []struct {
		was, now string
		want     []string
	}{
		{`{}`, `{}`, nil},
		{`{"a":{"b":1,"c":[1]}}`, `{"a":{"b":1,"c":[1]}}`, nil},
		{`{"a":{"b":1,"c":"x"},"d":0.75}`, `{"d":0.8,"a":{"c":"y"}}`, []string{`a.b: 1, now not set`, `a.c: "x", now "y"`, `d: 0.75, now 0.8`}},
		{`{"list":[1,2]}`, `{"list":[2,1]}`, []string{`list: [1,2], now [2,1]`}},
		{`{"a":{"b":1}}`, `{"a":3}`, []string{`a: {"b":1}, now 3`}},
	} {
		var o Options
		o.Settings = json.RawMessage(tt.now)
		if got, err := o.Changed(json.RawMessage(tt.was)); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s to %s: %q, %v, want %q", tt.was, tt.now, got, err, tt.want)
		}
	}
}

// Of a setting that is not stored the default counts, on both sides.
func TestChangedOverDefaults(t *testing.T) {
	var o Options
	o.Effective = func(stored json.RawMessage) (map[string]any, error) {
		all := map[string]any{"a": 1.0, "b": "x"}
		err := json.Unmarshal(stored, &all)
		return all, err
	}
	o.Settings = json.RawMessage(`{"a":2}`)
	got, err := o.Changed(json.RawMessage(`{"b":"x"}`))
	if want := []string{"a: 1, now 2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if _, err := o.Changed(json.RawMessage(`{`)); err == nil || !strings.HasPrefix(err.Error(), "decode stored settings: ") {
		t.Errorf("damaged: %v", err)
	}
}

func TestCheckFixed(t *testing.T) {
	r := &run{}
	r.Fixed, r.Settings = []string{"key", "section"}, json.RawMessage(`{"key":1,"keys":2,"section":{"x":1},"free":3}`)
	for was, want := range map[string]string{
		`{"key":1,"keys":9,"section":{"x":1}}`: "",
		`{"key":2,"section":{"x":1}}`:          "key: 2, now 1",
		`{"key":1,"section":{"x":5}}`:          "section.x: 5, now 1",
	} {
		err := r.checkFixed(json.RawMessage(was))
		if want == "" && err != nil || want != "" && (!errors.Is(err, pipeline.ErrUsage) || !strings.HasSuffix(err.Error(), ":\n  "+want)) {
			t.Errorf("%s: %v, want %s", was, err, want)
		}
	}
	if err := r.checkFixed(nil); err != nil {
		t.Errorf("an empty corpus: %v", err)
	}
}
