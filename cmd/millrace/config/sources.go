package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/stages/parse"
)

// Source says what is special about the files of one source. A source is named for its folder; single files are the
// source "files".
type Source struct {
	Name string `yaml:"name" json:"name"`
	// Priority orders the sources: of two documents that resemble each other, the one of the higher priority is kept.
	Priority int `yaml:"priority" json:"priority"`
	// Order of the paths: path, or path_desc for the last one first, so that the newest of dated files is kept.
	Order string `yaml:"order" json:"order"`
	// Path is where its files lie on this host: a folder, or a place in an object store. serve and worker read it there, as
	// run reads what it is given. Scan says that a run takes every file there, not only those that were published.
	Path string `yaml:"path" json:"-"`
	Scan bool   `yaml:"scan" json:"-"`
	// Include and Exclude say what of it a scan takes: see intake.Root.
	Include include `yaml:"include" json:"-"`
	Exclude exclude `yaml:"exclude" json:"-"`
	// License and Homepage are for the card of the corpus: see Card.
	License  string `yaml:"license" json:"-"`
	Homepage string `yaml:"homepage" json:"-"`
	// Override is how the files are read, where that differs from what Parse says of all.
	parse.Override `yaml:",inline"`
}

// include and exclude are lists of patterns, of which each is checked where it stands.
type (
	include []string
	exclude []string
)

// CheckItem implements strict.ItemChecker.
func (include) CheckItem(pattern string) error { return intake.CheckPattern(pattern, true) }

// CheckItem implements strict.ItemChecker.
func (exclude) CheckItem(pattern string) error { return intake.CheckPattern(pattern, false) }

// Orders of the paths in a source.
const (
	OrderPath           = "path"
	OrderPathDescending = "path_desc"
)

func validateSources(list []Source) error {
	var errs []error
	seen := map[string]bool{}
	for i, s := range list {
		problem := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("sources[%d].%w", i, fmt.Errorf(format, args...)))
		}
		switch {
		case s.Name == "":
			problem("name: must be the name of a folder, or files")
		case seen[s.Name]:
			problem("name: %q is there twice", s.Name)
		}
		seen[s.Name] = true
		if s.Order != "" && s.Order != OrderPath && s.Order != OrderPathDescending {
			problem("order: unknown order %q: known are %s, %s", s.Order, OrderPath, OrderPathDescending)
		}
		if err := checkPlace(s.Path); err != nil {
			problem("path: %w", err)
		}
		for _, err := range flatten(s.Validate()) {
			problem("%w", err)
		}
		if err := checkLicense("license", s.License); err != nil {
			problem("%w", err)
		}
		if s.Homepage != "" && !croissant.IsAddress(s.Homepage) {
			problem("homepage: %q is no address that begins with https:// or http://", s.Homepage)
		}
		for k, p := range s.Include {
			if err := s.Include.CheckItem(p); err != nil {
				problem("include[%d]: %w", k, err)
			}
		}
		for k, p := range s.Exclude {
			if err := s.Exclude.CheckItem(p); err != nil {
				problem("exclude[%d]: %w", k, err)
			}
		}
	}
	return errors.Join(errs...)
}

// SourceOrders is what the planner needs of the sources.
func (c Config) SourceOrders() map[string]intake.SourceOrder {
	orders := map[string]intake.SourceOrder{}
	for _, s := range c.Sources {
		orders[s.Name] = intake.SourceOrder{Priority: s.Priority, Descending: s.Order == OrderPathDescending}
	}
	return orders
}

// Roots are the sources whose place is known.
func (c Config) Roots() []intake.Root {
	roots := []intake.Root{}
	for _, s := range c.Sources {
		if s.Path != "" {
			roots = append(roots, intake.Root{Name: s.Name, Root: s.Path, Scan: s.Scan, Include: s.Include, Exclude: s.Exclude})
		}
	}
	return roots
}

// sourceOverrides is what parse needs of the sources, nil if there are none.
func (c Config) sourceOverrides() map[string]parse.Override {
	if len(c.Sources) == 0 {
		return nil
	}
	overrides := map[string]parse.Override{}
	for _, s := range c.Sources {
		overrides[s.Name] = s.Override
	}
	return overrides
}

// WithSources is the config with the sources that a command line names, each as NAME=PATH: PATH takes the place of the path of a source of
// this name; one that the config does not name is scanned.
func (c Config) WithSources(flags []string) (Config, error) {
	c.Sources = slices.Clone(c.Sources)
	given := map[string]string{}
	for _, flag := range flags {
		n, err := intake.ParseNamed(flag)
		if err != nil {
			return c, err
		}
		if was, again := given[n.Name]; again && was != n.Path {
			return c, fmt.Errorf("%w: source %s is given twice: %s and %s", pipeline.ErrUsage, n.Name, was, n.Path)
		}
		given[n.Name] = n.Path
		i := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Name == n.Name })
		if i < 0 {
			i, c.Sources = len(c.Sources), append(c.Sources, Source{Name: n.Name, Scan: true})
		}
		c.Sources[i].Path = n.Path
	}
	return c, nil
}
