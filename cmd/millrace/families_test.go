package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/stages/filter"
	signals "github.com/millrace/millrace/stages/signal"
)

// toyFamilies has a kind of either sort.
func toyFamilies() familyTable {
	type options struct {
		Name string `json:"name"`
		File string `json:"file"`
	}
	family := func(name string) signal.Family {
		return signal.Family{Name: name, Columns: []signal.Column{{Name: name + "_marks"}}}
	}
	return familyTable{
		plainKind("toy", func() signal.Family { return family("toy") }),
		kindOf("list", func(o options) error {
			if o.Name == "" {
				return errors.New("name: it has none")
			}
			return nil
		}, func(o options) (signal.Family, error) {
			if o.File == "" {
				return signal.Family{}, errors.New("file: it has none")
			}
			return family(o.Name), nil
		}),
	}
}

func TestFamilies(t *testing.T) {
	list := func(options ...string) signals.Entry {
		e := signals.Entry{Kind: "list", Options: map[string]any{}}
		for _, o := range options {
			name, value, _ := strings.Cut(o, "=")
			e.Options[name] = value
		}
		return e
	}
	for _, c := range []struct {
		list signals.List
		want string // the names, or what is wrong
	}{
		{nil, "[]"},
		{signals.List{{Kind: "toy"}, list("name=a", "file=b")}, "[toy a]"},
		{
			signals.List{{Kind: "toi"}, {Kind: "toy", Options: map[string]any{"a": 1}}, list("nam=a"), list()},
			"signals[0]: unknown family of signals \"toi\": known are toy, list\nsignals[1].toy: a: unknown key (known are none)\n" +
				"signals[2].list: nam: unknown key (known are file, name)\nsignals[3].list: name: it has none",
		},
		{
			signals.List{list("name=a"), list("name=a", "file=b"), list("name=a", "file=c"), {Kind: "toy"}, {Kind: "toy"}},
			"signals[0].list: file: it has none\nsignals[2]: a is there already, as signals[1]\nsignals[4]: toy is there already, as signals[3]",
		},
	} {
		all, err := toyFamilies().open(c.list)
		var names []string
		for _, f := range all {
			names = append(names, f.Name)
		}
		got := fmt.Sprint(names)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v:\n%s\nwant\n%s", c.list, got, c.want)
		}
	}
	if _, err := familyKinds().open(nil); err != nil {
		t.Error(err)
	}
}

// Of the families of the table no two have a name or a signal in common, and all can be listed.
func TestFamiliesDiffer(t *testing.T) {
	all, err := familyKinds().measurable(nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, f := range all {
		for _, c := range f.Columns {
			if other := seen[c.Name]; other != "" && c.Name != filter.Chars {
				t.Errorf("%s and %s both have %s", other, f.Name, c.Name)
			}
			seen[c.Name] = f.Name
			if c.Note == "" {
				t.Errorf("%s of %s has no note", c.Name, f.Name)
			}
		}
	}
}

// Every preset is made of rules over signals that need no line in the settings, and can be written out as rules.
func TestPresets(t *testing.T) {
	all, err := familyKinds().measurable(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range presets() {
		if _, err := filter.Compile(filter.List{{Rule: p.Name}}, all, presets()); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		var out bytes.Buffer
		if err := output.Preset(&out, &p); err != nil {
			t.Fatal(err)
		}
		c, err := config.LoadFilters("preset.yaml", out.Bytes())
		if err != nil || len(c.Filters) != len(p.Rules) {
			t.Errorf("%s: %d rules written out, %v", p.Name, len(c.Filters), err)
		}
		if p.Note == "" {
			t.Errorf("%s has no note", p.Name)
		}
	}
}
