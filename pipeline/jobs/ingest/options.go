package ingest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/store"
)

// Options say what a run is to do. Only what those of the intake name has a part in its result.
type Options struct {
	// Options of the intake: which files, and how they are cut. Exclude and Begun are filled in.
	intake.Options
	// These are as in engine.Options.
	Out, Work, Tool string
	Slots           int
	Wait            bool
	Observer        engine.Observer
	AckWait         time.Duration
	Workers         [][]string
	Isolate         engine.Isolate
	Hook            func(point string)

	// ID and Date are what the run is for: see manifest.RunInfo. If a version was made for the ID already, there is nothing to do.
	ID, Date string
	// Restart throws the stored plan of an unfinished run away.
	Restart bool

	// Effective says what the Settings of any plan mean: those that they leave out, being as the defaults, too. With nil they leave
	// nothing out.
	Effective func(stored json.RawMessage) (map[string]any, error)
	Fixed     []string              // settings, or sections of them, that the first version fixes
	Chain     pipeline.Chain        // how the work is done
	Tables    pipeline.TableFormats // that documents may be in
	Others    []engine.Kind         // kinds of job that may have been left unfinished by others
	Alarms    *corpus.Alarms        // nil: none
	Force     bool                  // commit beyond the alarms
	About     *manifest.About       // what the card says, of any run that is committed; nil: nothing
}

// intake are the options of the intake, which never takes the corpus for its own input.
func (o *Options) intake() intake.Options {
	i := o.Options
	i.Exclude = o.Out
	return i
}

// asked is what a run is asked to read: its paths, or its sources, in some order that is always the same.
func (o *Options) asked() (asked []string) {
	for _, n := range o.Named {
		if abs, err := store.Absolute(n.Path); err == nil {
			n.Path = abs
		}
		asked = append(asked, n.Name+" ("+n.Path+")")
	}
	for _, p := range o.Paths {
		if abs, err := store.Absolute(p); err == nil {
			p = abs
		}
		asked = append(asked, p)
	}
	for _, r := range o.Roots {
		asked = append(asked, r.Name+" ("+r.Root+")")
	}
	slices.Sort(asked)
	return asked
}

// open is the corpus in a store.
func (o *Options) open(s pipeline.Store) *corpus.Corpus {
	return corpus.Open(s, o.Tables, o.Chain.Folders()...)
}

// Engine are the options of what does the work.
func (o *Options) Engine() engine.Options {
	return engine.Options{
		Out: o.Out, Work: o.Work, Kinds: append([]engine.Kind{New(*o)}, o.Others...), Slots: o.Slots, Wait: o.Wait, Access: o.Access, Log: o.Log,
		Observer: o.Observer, Tool: o.Tool, AckWait: o.AckWait, Workers: o.Workers, Isolate: o.Isolate, Hook: o.Hook,
	}
}

// alarms are those that the run is held to.
func (o *Options) alarms(force bool) *corpus.Alarms {
	if force {
		return nil
	}
	return o.Alarms
}
