package intake

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Detected is what a run would take a file for.
type Detected struct {
	Source       string `json:"source"`
	Path         string `json:"path"` // the rest is as in ingest.File
	Bytes        int64  `json:"bytes"`
	ModTime      int64  `json:"mod_time"`
	ETag         string `json:"etag,omitempty"`
	Format       string `json:"format"`
	Document     string `json:"document"`
	Compression  string `json:"compression,omitempty"`
	Encoding     string `json:"encoding,omitempty"`
	Returns      bool   `json:"returns,omitempty"`
	Numbered     bool   `json:"numbered,omitempty"`
	Reject       string `json:"reject,omitempty"`
	RejectDetail string `json:"reject_detail,omitempty"`
	Why          string `json:"why,omitempty"` // the format was chosen
	// First is the beginning of the first document as it would be kept, "" if the first record gives none.
	First string `json:"first,omitempty"`
	// Detail is what there is to say of Reject, where reading found it.
	Detail string `json:"detail,omitempty"`
	// Pages are web pages of the file, where they were asked for.
	Pages []ingest.ShownPage `json:"pages,omitempty"`
}

// Detect looks at every file below the paths, in the order of a plan, and hands it to yield with the beginning of its first
// document. It makes no folder and takes no lock.
func Detect(ctx context.Context, o Options, yield func(Detected) error) (err error) {
	found, err := o.listPaths(ctx)
	if err != nil {
		return err
	}
	o.warnUnused(found.sources)
	if err := found.detect(ctx, o.Formats); err != nil {
		return err
	}
	plan := &ingest.Plan{Sources: found.sources, Files: found.files}
	sources, err := store.OpenSources(plan.Sources, o.Access)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	for i := range plan.Files {
		f := &plan.Files[i]
		d := Detected{
			Source: plan.SourceName(int32(i)), Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime, ETag: f.ETag, Format: f.Format,
			Document: f.Document, Compression: f.Compression, Encoding: f.Encoding, Returns: f.Returns, Numbered: f.Numbered,
			Reject: f.Reject, RejectDetail: f.RejectDetail, Why: found.why[i],
		}
		if d.Reject == "" {
			in := ingest.Input{Plan: plan, Sources: sources}
			if o.ShowPages > 0 {
				if d.Pages, err = o.Formats.Pages(ctx, in, i, o.ShowPages); err != nil {
					return err
				}
			}
			s, err := o.sample(ctx, in, i)
			if err != nil {
				return err
			}
			d.First, d.Reject, d.Detail = s.after, s.reject, s.detail
		}
		if err := yield(d); err != nil {
			return err
		}
	}
	return nil
}
