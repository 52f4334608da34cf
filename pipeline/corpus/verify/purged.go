package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Purged are the means of showing that nothing is left of withdrawn documents. Their texts are gone, so it is shown by where they could
// be: no file is there but those that the newest version needs, and of these none has anything of a document that was withdrawn but keys
// of those that are to stay out.
type Purged struct {
	// Index says where the index has keys or records of documents that are withdrawn and block nothing.
	Index func(ctx context.Context, s pipeline.Store, history []ingest.IndexVersion, runs []ingest.IndexRun, mask *withdrawn.Mask) ([]string, error)
	// Compared returns those of some files of compared texts that hold the text of a withdrawn document.
	Compared func(ctx context.Context, s pipeline.Store, names []string, mask *withdrawn.Mask) ([]string, error)
	// Work names what jobs have left outside of the corpus.
	Work []string
}

// purged finds what may be left of withdrawn documents.
func (v *verifier) purged(ctx context.Context, list []*manifest.Manifest, now *manifest.View) error {
	if len(now.Tables(withdrawn.Table)) == 0 {
		return nil
	}
	if err := v.needless(ctx, list, now); err != nil {
		return err
	}
	if err := v.unfinished(ctx); err != nil {
		return err
	}
	if len(v.report.Problems) > 0 {
		return nil // what is damaged cannot be searched
	}
	for _, path := range corpus.OldVocabularies(now) {
		v.trace("%s counts characters of withdrawn documents", path)
	}
	for _, path := range corpus.SuspectRemoved(now) {
		v.trace("%s has texts that filters dropped, and that nothing was compared with", path)
	}
	tables, err := v.corpus.Excerpts(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		v.trace("%s has excerpts of files that withdrawn documents were in", t.Path)
	}
	v.leftCounts(now)
	return v.index(ctx)
}

// trace notes something that is left.
func (v *verifier) trace(format string, args ...any) {
	v.report.NotPurged = append(v.report.NotPurged, fmt.Sprintf(format, args...))
}

// needless finds files that the newest version does not need.
func (v *verifier) needless(ctx context.Context, list []*manifest.Manifest, now *manifest.View) error {
	needed := map[string]bool{}
	for _, f := range now.Files() {
		needed[f.Path] = true
	}
	for _, path := range v.report.Unexpected {
		v.trace("%s is named by no version: what it holds is not known", path)
	}
	sizes, err := v.corpus.Sizes(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		for _, f := range m.Files {
			if _, there := sizes[f.Path]; there && !needed[f.Path] {
				v.trace("%s is still there", f.Path)
			}
		}
	}
	for _, path := range v.report.Unsettled {
		v.trace("%s is where it does not belong", path)
	}
	kept, bytes, err := v.corpus.Archived(ctx, false)
	if err == nil && kept > 0 {
		v.trace("the bucket keeps %s of objects that were replaced or removed, %s", pipeline.Counted(kept, "version"), pipeline.ByteSize(bytes))
	}
	return err
}

// unfinished finds work of jobs.
func (v *verifier) unfinished(ctx context.Context) error {
	for _, name := range v.opts.Purged.Work {
		v.trace("%s is work of a job that has not ended", name)
	}
	infos, err := v.corpus.Store().List(ctx, pipeline.WorkFolder)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, info := range infos {
		first, _, _ := strings.Cut(strings.TrimPrefix(info.Name, pipeline.WorkFolder+"/"), "/")
		if first = pipeline.WorkFolder + "/" + first; told[first] || !v.corpus.MayTell(info.Name) {
			continue
		}
		told[first] = true
		v.trace("%s is work of a job that has not ended, or of a cluster", first)
	}
	return nil
}

// index finds what the index has.
func (v *verifier) index(ctx context.Context) error {
	mask, err := v.mask(ctx)
	if err != nil {
		return err
	}
	history, runs, err := v.corpus.History(ctx)
	if err != nil {
		return err
	}
	found, err := v.opts.Purged.Index(ctx, v.store, history, runs, mask)
	if err != nil {
		return err
	}
	for _, what := range found {
		v.trace("%s", what)
	}
	var compared []string
	for i := range history {
		compared = append(compared, history[i].Compared...)
	}
	if found, err = v.opts.Purged.Compared(ctx, v.store, compared, mask); err != nil {
		return err
	}
	for _, name := range found {
		v.trace("%s has texts of withdrawn documents", name)
	}
	return v.leftLines(ctx, mask)
}
