package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/stages/parse"
)

// access says how stores beyond this machine are reached.
func access(c config.Config) store.Access { return store.Access{S3: c.Store.S3.Options()} }

// engineOptions are the options of a run that follow from the config.
func engineOptions(c config.Config) (o ingest.Options, err error) {
	open, err := openingOf(c)
	if err != nil {
		return o, err
	}
	return open.options()
}

// options are those of engineOptions.
func (open *opening) options() (o ingest.Options, err error) {
	c := &open.config
	stages, err := ingestStages(open)
	if err != nil {
		return o, err
	}
	limits := &ingest.Limits{Rejects: c.Limits.MaxRejectRatio, FileRejects: c.Limits.MaxFileRejectRatio}
	stages.Gate = limits.Check
	settings, err := c.Settings()
	if err != nil {
		return o, err
	}
	o = ingest.Options{
		Options: intake.Options{
			Settings: settings, ShardBytes: c.Plan.ShardBytes, SplitBytes: c.Plan.SplitBytes, MaxDocumentBytes: c.Parse.MaxDocumentBytes,
			Sources: c.SourceOrders(), ByContent: c.Plan.KnownBy == config.KnownByDigest, ByTime: c.Dedupe.ByTime(),
			Replace: c.Plan.ChangedFiles == config.ChangedReplace, Withdraw: c.Plan.VanishedFiles == config.VanishedWithdraw,
			Count: c.Vocab.Kinds(), TableGrowth: c.Vocab.Growth, Formats: parse.NewFormats(c.Parse), Text: text(stages), Access: access(*c),
		},
		Effective: config.Effective, Fixed: config.Fixed(), Chain: ingest.Chain(stages), Others: otherKinds(open), Tables: tables(),
		Alarms: c.Alarms.Limits(), About: c.About(), Slots: c.Slots(), Tool: thisVersion().tool(),
	}
	var chains []pipeline.Chain
	for _, k := range o.Engine().Kinds {
		chains = append(chains, k.Chain())
	}
	return o, errors.Join(pipeline.Check(chains...), o.Tables.Check(), checkSections(config.Sections(), chains))
}

// plannedBy are the sections of the settings that kinds of job go by when they plan, and no stage.
var plannedBy = []string{"sources", "plan"}

// checkSections says which sections of the settings nothing goes by: what they say would be read, stored with every version, and come to
// nothing.
func checkSections(sections []string, chains []pipeline.Chain) error {
	var used []string
	for _, c := range chains {
		used = append(used, c.Settings()...)
	}
	for _, name := range sections {
		if !slices.Contains(used, name) && !slices.Contains(plannedBy, name) {
			return fmt.Errorf("no stage of a chain goes by the settings below %s: its line in the table of stages is missing", name)
		}
	}
	return nil
}

// openCorpus is the corpus in a store.
func openCorpus(s pipeline.Store) *corpus.Corpus { return corpus.Open(s, tables(), folders()...) }
