package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// jsonLines wants each line to be one object of JSON, and returns what they say by kind: "level kind".
func jsonLines(t *testing.T, text string) map[string][]string {
	t.Helper()
	said := map[string][]string{}
	for line := range strings.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Errorf("no JSON on stderr: %q", line)
			continue
		}
		level, _ := m["level"].(string)
		kind, _ := m[keyKind].(string)
		message, _ := m["message"].(string)
		said[strings.TrimSpace(level+" "+kind)] = append(said[strings.TrimSpace(level+" "+kind)], message)
	}
	return said
}

// TestAsides: what is said beside a result is JSON where stderr is no terminal, with level and kind.
func TestAsides(t *testing.T) {
	dir := t.TempDir()
	out, in := filepath.Join(dir, "out"), news(t, 5, 30)
	for range 2 { // the second one changes nothing
		if e := execute(t, nil, "run", in, "--out", out, "--json"); e.code != exitDone && e.code != exitRejected {
			t.Fatal(e.stderr)
		} else {
			jsonLines(t, e.stderr)
		}
	}
	writeTree(t, filepath.Join(dir, "more"), map[string]string{"a.txt": "少年不识愁滋味，爱上层楼。爱上层楼，为赋新词强说愁。\n"})
	if e := execute(t, nil, "run", filepath.Join(dir, "more"), "--out", out, "--json"); e.code != exitDone {
		t.Fatal(e.stderr)
	}
	if e := execute(t, nil, "compact", out); e.code != exitDone {
		t.Fatal(e.stderr)
	} else {
		jsonLines(t, e.stderr)
	}
	e := execute(t, nil, "gc", out, "--keep", "1")
	said := jsonLines(t, e.stderr)
	if len(said["info note"]) != 1 || !strings.HasPrefix(said["info note"][0], "after this, ") {
		t.Errorf("gc says %v", said)
	}
}

func TestWriteAside(t *testing.T) {
	for kind, want := range map[string]string{asideWarning: "warn", asideHint: "info hint", asideNote: "info note", asidePlain: "info"} {
		var b bytes.Buffer
		if err := writeAside(&b, true, kind, "so 是"); err != nil {
			t.Fatal(err)
		}
		if said := jsonLines(t, b.String()); len(said[want]) != 1 || said[want][0] != "so 是" {
			t.Errorf("%q is said as %v", kind, said)
		}
		b.Reset()
		if err := writeAside(&b, false, kind, "so 是"); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(b.String(), kind+": "); got != "so 是\n" {
			t.Errorf("%q is said as text %q", kind, b.String())
		}
	}
}
