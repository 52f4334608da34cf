package main

import (
	"errors"
	"slices"
	"sync"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/stages/filter"
)

// opening is a config with what signals and filter name in it: models and lists are read when something first asks for them, once a process, and
// the stage that measures has the same as the rules. Safe for concurrent use.
type opening struct {
	// config is the config, with the digests of the files that signals names.
	config config.Config
	// families are those of signals. A file that was changed since the config was pinned is refused.
	families func() ([]signal.Family, error)
	// rules are those of filter, over these families and all that need no line in signals.
	rules func() (*filter.Rules, error)
}

// openingOf pins what the config says of signals: see familyTable.opening.
func openingOf(c config.Config) (*opening, error) { return familyKinds().opening(c) }

// opening takes the digests of the files that signals names, and opens nothing. What is wrong, here and later, is the user's error, with the
// lines of the config.
func (t familyTable) opening(c config.Config) (*opening, error) {
	pinned, err := t.pin(c.Signals)
	if err != nil {
		return nil, userError(c, err)
	}
	c.Signals = pinned
	// What counts words wants those that documents came in.
	c.Parse.KeepWords = slices.Contains(c.Vocab.Kinds(), ingest.KindWords)
	c.Normalize.KeepWords = c.Parse.KeepWords
	o := &opening{config: c}
	o.families = sync.OnceValues(func() ([]signal.Family, error) {
		families, err := t.openPinned(pinned)
		return families, userError(c, err)
	})
	o.rules = sync.OnceValues(func() (*filter.Rules, error) {
		var families []signal.Family
		if slices.ContainsFunc(c.Filters, func(e filter.Entry) bool { return e.Rule != "" }) {
			opened, err := o.families()
			if err != nil {
				return nil, err
			}
			if families, err = t.withImplied(opened); err != nil {
				return nil, err
			}
		}
		rules, err := filter.Compile(c.Filters, families, presets())
		err = errors.Join(err, rules.CheckDocuments())
		return rules, userError(c, err)
	})
	return o, nil
}

// check opens what these stages need, so that what is wrong with it is told before anything is done. A stage that goes by filter tries the
// rules; one that goes by signals without them measures.
func (open *opening) check(stages ...string) error {
	var tries, measures bool
	for _, chain := range chains() {
		for _, spec := range chain.All() {
			if slices.Contains(stages, spec.Name) {
				filters := slices.Contains(spec.Settings, "filter")
				tries = tries || filters
				measures = measures || !filters && slices.Contains(spec.Settings, "signals")
			}
		}
	}
	if measures {
		if _, err := open.families(); err != nil {
			return err // the rules are over what could not be opened
		}
	}
	if tries {
		_, err := open.rules()
		return err
	}
	return nil
}
