package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/lines"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/stages/filter"
	signals "github.com/millrace/millrace/stages/signal"
	"github.com/millrace/millrace/stages/signal/datatrove"
	"github.com/millrace/millrace/stages/signal/fasttext"
	"github.com/millrace/millrace/stages/signal/language"
	"github.com/millrace/millrace/stages/signal/lists"
	"github.com/millrace/millrace/stages/signal/pii"
	"github.com/millrace/millrace/stages/signal/repetition"
	"github.com/millrace/millrace/stages/signal/script"
	"github.com/millrace/millrace/stages/signal/segmented"
	"github.com/millrace/millrace/stages/signal/textual"
	"github.com/millrace/millrace/stages/signal/tokens"
)

// familyKind is a kind of family of signals, as the setting signals names it.
type familyKind struct {
	name string
	// implied are entries that need no line in signals for rules to ask for their signals: those that no file of the user's is needed for.
	implied []signals.Entry
	// check says what is wrong with an entry without opening what it names.
	check func(e signals.Entry) error
	// files are the options that name files which its signals are made by.
	files []string
	// open makes the family.
	open func(e signals.Entry) (signal.Family, error)
}

// familyTable is all kinds.
type familyTable []familyKind

// familyKinds is the table of them. A new one is a line here.
func familyKinds() familyTable {
	return familyTable{
		plainKind("text", textual.Family),
		plainKind("repetition", repetition.Family),
		plainKind("script", script.Family),
		kindOf("language", language.Config.Validate, language.New).alone().reads("model"),
		kindOf("segmented", nil, segmented.New).alone().reads("dictionary"),
		kindOf("datatrove", nil, datatrove.New).alone(map[string]any{"language": datatrove.Chinese}),
		plainKind("pii", pii.Family),
		plainKind(lines.FamilyName, lines.Family),
		kindOf("fasttext", fasttext.Config.Validate, fasttext.New).reads("model", "tokenizer"),
		kindOf("tokens", tokens.Config.Validate, tokens.New).reads("tokenizer"),
		kindOf("words", lists.Words.Validate, lists.NewWords).reads("list", "allow"),
		kindOf("urls", lists.URLs.Validate, lists.NewURLs).reads("list"),
	}
}

// names says whether a list, with commas, is one of kinds.
func (t familyTable) names(list string) bool {
	for name := range strings.SplitSeq(list, ",") {
		if !slices.ContainsFunc(t, func(k familyKind) bool { return k.name == strings.TrimSpace(name) }) {
			return false
		}
	}
	return true
}

// plainKind is a kind that has no options.
func plainKind(name string, family func() signal.Family) familyKind {
	return kindOf(name, nil, func(struct{}) (signal.Family, error) { return family(), nil }).alone()
}

// kindOf is a kind whose options are a C. validate may be nil.
func kindOf[C any](name string, validate func(C) error, open func(C) (signal.Family, error)) familyKind {
	read := func(e signals.Entry) (c C, err error) {
		if err = e.Decode(&c); err == nil && validate != nil {
			err = validate(c)
		}
		return c, err
	}
	return familyKind{
		name: name,
		check: func(e signals.Entry) error {
			_, err := read(e)
			return err
		},
		open: func(e signals.Entry) (f signal.Family, err error) {
			c, err := read(e)
			if err != nil {
				return f, err
			}
			return open(c)
		},
	}
}

// alone is a kind that stands without options, too; more are options with which it needs no line in signals either.
func (k familyKind) alone(more ...map[string]any) familyKind {
	k.implied = []signals.Entry{{Kind: k.name}}
	for _, options := range more {
		k.implied = append(k.implied, signals.Entry{Kind: k.name, Options: options})
	}
	return k
}

// check returns every problem of the setting that shows without opening a model or a list, joined, each with its path.
func (t familyTable) check(list signals.List) error {
	var problems []error
	for i, e := range list {
		kind, err := t.kind(e.Kind)
		if err != nil {
			problems = append(problems, fmt.Errorf("signals[%d]: %w", i, err))
			continue
		}
		problems = append(problems, under(fmt.Sprintf("signals[%d].%s", i, e.Kind), kind.check(e))...)
	}
	return errors.Join(problems...)
}

// under puts a path in front of every problem that was joined.
func under(path string, err error) (list []error) {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			list = append(list, under(path, e)...)
		}
		return list
	}
	if path == "" {
		return []error{err}
	}
	return []error{fmt.Errorf("%s: %w", path, err)}
}

func (t familyTable) kind(name string) (familyKind, error) {
	if i := slices.IndexFunc(t, func(k familyKind) bool { return k.name == name }); i >= 0 {
		return t[i], nil
	}
	var names []string
	for _, k := range t {
		names = append(names, k.name)
	}
	return familyKind{}, fmt.Errorf("unknown family of signals %q: known are %s", name, strings.Join(names, ", "))
}

// open makes the families that the setting asks for, in its order. All that is wrong is in the error, each with its path.
func (t familyTable) open(list signals.List) (all []signal.Family, err error) {
	if err := t.check(list); err != nil {
		return nil, err
	}
	var problems []error
	names, columns := map[string]int{}, map[string]string{}
	for i, e := range list {
		kind, err := t.kind(e.Kind)
		if err != nil {
			return nil, err // checked above
		}
		f, err := kind.open(e)
		if err != nil {
			problems = append(problems, under(fmt.Sprintf("signals[%d].%s", i, e.Kind), err)...)
			continue
		}
		if first, twice := names[f.Name]; twice {
			problems = append(problems, fmt.Errorf("signals[%d]: %s is there already, as signals[%d]", i, f.Name, first))
			continue
		}
		names[f.Name] = i
		for _, c := range f.Columns {
			if other, twice := columns[c.Name]; twice {
				problems = append(problems, fmt.Errorf("signals[%d]: %s and %s both have a signal %s: give one of them another name", i, other, f.Name, c.Name))
			}
			columns[c.Name] = f.Name
		}
		all = append(all, f)
	}
	return all, errors.Join(problems...)
}

// measurable are the families that rules may ask for: those of the setting, and behind them all that need no line there.
func (t familyTable) measurable(list signals.List) ([]signal.Family, error) {
	all, err := t.open(list)
	if err != nil {
		return all, err
	}
	return t.withImplied(all)
}

// withImplied are families of the setting that are open, and behind them all that need no line there.
func (t familyTable) withImplied(opened []signal.Family) ([]signal.Family, error) {
	all := slices.Clone(opened)
	for _, kind := range t {
		for _, e := range kind.implied {
			f, err := kind.open(e)
			if err != nil {
				return all, err
			}
			if !slices.ContainsFunc(all, func(o signal.Family) bool { return o.Name == f.Name }) {
				all = append(all, f)
			}
		}
	}
	return all, nil
}

// checkRules returns every problem of the rules that shows without opening a model or a list, joined, each with its path. Rules that may ask for the
// signals of more are none of a run, and may ask for such as follow from a whole corpus, too.
func (t familyTable) checkRules(c config.Config, more ...signal.Family) error {
	opened := func(e signals.Entry) bool { return e.Options != nil }
	all, err := t.measurable(nil)
	if err != nil {
		return err
	}
	var problems []error
	rules, err := filter.Compile(c.Filters, append(all, more...), presets())
	if len(more) == 0 {
		err = errors.Join(err, rules.CheckDocuments())
	}
	for _, problem := range under("", err) {
		if _, unknown := errors.AsType[*rule.UnknownSignalError](problem); !unknown || !slices.ContainsFunc(c.Signals, opened) {
			problems = append(problems, problem)
		}
	}
	return errors.Join(problems...)
}
