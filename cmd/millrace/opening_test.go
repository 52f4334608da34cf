package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/stages/filter"
	signals "github.com/millrace/millrace/stages/signal"
)

// countedFamilies are those of toyFamilies; the file of list is one that is read. opened counts how often an entry with options is opened.
func countedFamilies(opened *int) familyTable {
	table := toyFamilies()
	list := &table[1]
	open := list.open
	list.open = func(e signals.Entry) (signal.Family, error) {
		*opened++
		return open(e)
	}
	table[1] = list.reads("file")
	return table
}

// configOfList is a config that names a list, and a rule over its signal.
func configOfList(t *testing.T) (c config.Config, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(file, []byte("一"), 0o644); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("signals:\n  - toy\n  - list: {name: a, file: %s}\nfilter:\n  - a_marks < 3\n", file)
	c, err := config.Load("night.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.File = config.File{Name: "night.yaml", Data: []byte(text)}
	return c, file
}

// TestOpening: what signals names is opened once, by the first that needs it, for rules and for the stage that measures; building chains opens
// nothing.
func TestOpening(t *testing.T) {
	opened := 0
	c, _ := configOfList(t)
	o, err := countedFamilies(&opened).opening(c)
	if err != nil {
		t.Fatal(err)
	}
	if o.config.Signals[1].Digests["file"] == "" || c.Signals[1].Digests != nil {
		t.Errorf("pinned %+v, of %+v", o.config.Signals, c.Signals)
	}
	if _, err := o.options(); err != nil {
		t.Fatal(err)
	}
	if err := o.check("parse", "sink"); err != nil || opened != 0 {
		t.Errorf("stages that need none open %d, %v", opened, err)
	}
	rules, err := o.rules()
	if err != nil {
		t.Fatal(err)
	}
	if err := o.check(stageNames()...); err != nil {
		t.Fatal(err)
	}
	families, err := o.families()
	if err != nil {
		t.Fatal(err)
	}
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
	if of := func(list []signal.Family) (columns []*signal.Column) {
		for _, f := range list {
			columns = append(columns, &f.Columns[0])
		}
		return columns
	}; !reflect.DeepEqual(of(families), of(rules.Families)) || of(families)[1] != of(rules.Families)[1] {
		t.Errorf("the rules have %+v, the stage %+v", rules.Families, families)
	}
}

// TestOpeningMeasures: a worker of the stages that measure opens what signals names, whatever the rules are.
func TestOpeningMeasures(t *testing.T) {
	for _, stage := range []string{"signal", "measure"} {
		opened := 0
		c, _ := configOfList(t)
		c.Filters = filter.List{}
		o, err := countedFamilies(&opened).opening(c)
		if err == nil {
			err = o.check(stage)
		}
		if err != nil || opened != 1 {
			t.Errorf("%s: opened %d times, %v", stage, opened, err)
		}
	}
}

// TestOpeningChanged: a file that is another one than when the settings were pinned is refused, by rules too, with its line.
func TestOpeningChanged(t *testing.T) {
	opened := 0
	c, file := configOfList(t)
	o, err := countedFamilies(&opened).opening(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("二"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = o.rules()
	if want := "night.yaml:3: signals[1].list: [file] has changed since this process began: start it again"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	if code := exitCode(t.Context(), err); code != exitUsage {
		t.Errorf("exit %d", code)
	}
	c.Signals = slices.Clone(c.Signals)
	c.Signals[1].Options = map[string]any{"name": "a", "file": file + ".gone"}
	_, err = countedFamilies(&opened).opening(c)
	if want := "night.yaml:3: signals[1].list: file: open "; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}
