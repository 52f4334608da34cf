package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/stages/filter"
)

// filtersOptions are the flags of filters.
type filtersOptions struct {
	try      string
	by       string
	sample   int
	examples int
}

func newFilters(a *app) *cobra.Command {
	o := &filtersOptions{}
	cmd := &cobra.Command{
		Use:   "filters [NAME | OUT | PATH...]",
		Short: "List presets of filters, or try filters before anything is decided",
		Long: `Without arguments it lists the presets of filters with their bounds, and the signals that rules may ask for. With the name of a
preset it prints that as rules, as a config has them under filter.

With --try it says of each rule of a list how many documents it would drop, alone and in order, what is kept after all, and shows
documents that are just inside and just outside: of the corpus in OUT, or of files below PATH, which are read as a run would read
them. Nothing is written. FILE is a YAML list of rules, a config with filter, or the name of a preset. It looks at all documents of a
corpus if the signals of the rules were measured, or they ask for chars, source, path and metadata alone; else at a sample of the
documents, at all of them if there are no more.`,
		Example: "  millrace filters\n  millrace filters zh\n  millrace filters ~/news --try zh\n  millrace filters corpus --try rules.yaml --by source",
		Args:    wantArgs(0, -1, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := notNegative(map[string]int{"examples": o.examples}); err != nil {
				return err
			}
			switch {
			case o.sample < 1:
				return usageError("", "--sample %d is less than 1", o.sample)
			case o.by != "" && o.by != "source":
				return usageError("", "--by %s: documents are told apart by source", o.by)
			case o.try == "" && len(args) == 0:
				return a.listFilters()
			case o.try == "" && len(args) == 1 && !there(args[0]):
				return a.showPreset(args[0])
			case o.try == "":
				return usageError("name a file of rules, a config, or a preset: --try zh", "--try is missing")
			case len(args) == 0:
				return usageError("name a corpus, or files or folders", "OUT or PATH is missing")
			}
			return a.tryFilters(cmd.Context(), args, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.try, "try", "", "`FILE` of rules, a config with filter, or the name of a preset")
	f.StringVar(&o.by, "by", "", "`WHAT` to tell documents apart by: source")
	f.IntVar(&o.sample, "sample", 5000, "how many documents are looked at")
	f.IntVar(&o.examples, "examples", 2, "how many documents are shown on either side of a bound")
	return cmd
}

// there says whether something lies in a place that an argument may name.
func there(name string) bool {
	_, err := os.Stat(name)
	return err == nil || strings.Contains(name, "://")
}

// listFilters prints all presets and signals.
func (a *app) listFilters() error {
	c, err := a.load()
	if err != nil {
		return err
	}
	families, err := familyKinds().measurable(c.Signals)
	if err != nil {
		return userError(c, err)
	}
	list := output.Filters{Presets: presets()}
	for _, f := range families {
		of := output.Family{Name: f.Name}
		for _, s := range f.Columns {
			of.Signals = append(of.Signals, output.Signal{Name: s.Name, Unit: s.Unit.String(), Note: s.Note, Words: len(s.Labels)})
		}
		list.Families = append(list.Families, of)
	}
	return a.tell(list, func(w io.Writer) error { return list.WriteText(w, a.outColumns) })
}

// showPreset prints a preset as rules.
func (a *app) showPreset(name string) error {
	all := presets()
	i := slices.IndexFunc(all, func(p rule.Preset) bool { return p.Name == name })
	if i < 0 {
		var names []string
		for _, p := range all {
			names = append(names, p.Name)
		}
		return usageError("", "%s is neither a preset nor a place: presets are %s", name, strings.Join(names, ", "))
	}
	return a.tell(all[i], func(w io.Writer) error { return output.Preset(w, &all[i]) })
}

// tried are the rules of a file, or of a preset by its name, in the config that they are tried by, and the file that they stand in.
func (a *app) tried(name string) (c config.Config, rules config.File, err error) {
	data, err := os.ReadFile(name)
	if err != nil && !slices.ContainsFunc(presets(), func(p rule.Preset) bool { return p.Name == name }) {
		return c, rules, usageError("name a file of rules, a config, or a preset; millrace filters lists these", "%w", err)
	}
	if err != nil {
		if c, err = a.load(); err == nil {
			c.Filters = filter.List{{Rule: name}}
		}
		return c, rules, err
	}
	rules = config.File{Name: name, Data: data}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return c, rules, usageError("", "%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.SequenceNode {
		c, err = a.read(rules, new(copiesFigure).family())
	} else if c, err = a.load(); err == nil {
		var list config.Config
		list, err = config.LoadFilters(name, data)
		c.Filters = list.Filters
		_, err = configError(within(c, rules), err, new(copiesFigure).family())
	}
	if err == nil && len(c.Filters) == 0 {
		err = usageError("", "%s has no filters", name)
	}
	return c, rules, err
}

// within is a config whose problems have the lines of another file.
func within(c config.Config, f config.File) config.Config {
	c.File = f
	return c
}

func (a *app) tryFilters(ctx context.Context, args []string, o *filtersOptions) error {
	c, file, err := a.tried(o.try)
	if err != nil {
		return err
	}
	kinds := familyKinds()
	families, err := kinds.measurable(c.Signals)
	if err != nil {
		return userError(c, err)
	}
	copies := &copiesFigure{}
	rules, err := filter.Compile(c.Filters.AsRules(), append(families, filter.TableFamily(), copies.family()), presets())
	if err != nil {
		return userError(within(c, file), err)
	}
	trial := rules.Trial(o.examples, o.by != "")
	figures, err := a.figuresOf(ctx, c, args, o.sample, copies)
	if err != nil {
		return err
	}
	looked, err := figures(ctx, rules, trial)
	if err != nil {
		return err
	}
	t := trialOf(c.Filters, rules, trial, looked)
	return a.tell(t, func(w io.Writer) error { return t.WriteText(w, a.outColumns) })
}
