package intake

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Preview is what a run would do: the object that `run --dry-run --json` prints.
type Preview struct {
	Version       int           `json:"version"`
	Files         int           `json:"files"`
	Skipped       int64         `json:"skipped"`
	InputBytes    int64         `json:"input_bytes"`
	Splits        int           `json:"splits"`
	Partitions    int           `json:"partitions"`
	SpillEstimate int64         `json:"spill_estimate_bytes"`
	Kinds         []PreviewKind `json:"kinds"`
	// Replacing are the files whose earlier states are looked for, Vanished those that are gone, Searched the shards that are looked through
	// for documents of both. Lost are files as they were, read again for documents that had lost to withdrawn ones.
	Replacing int `json:"replacing,omitempty"`
	Vanished  int `json:"vanished,omitempty"`
	Searched  int `json:"searched,omitempty"`
	Lost      int `json:"lost,omitempty"`
}

// PreviewKind is the files of one format, document rule, compression and encoding, or of one reason why they will not be read.
// A source that the settings name has kinds of its own, since it may be read otherwise.
type PreviewKind struct {
	Source      string `json:"source,omitempty"`
	Format      string `json:"format,omitempty"`
	Document    string `json:"document,omitempty"`
	Compression string `json:"compression,omitempty"`
	Encoding    string `json:"encoding,omitempty"`
	Reject      string `json:"reject,omitempty"`
	Files       int    `json:"files"`
	Bytes       int64  `json:"bytes"`
	First       string `json:"first"`            // path of the first file
	Before      string `json:"before,omitempty"` // the first document's record, as it lies in the file
	After       string `json:"after,omitempty"`  // its text after normalize
	Why         string `json:"why,omitempty"`    // there is none
	// Pages are some web pages of these files, with what is taken of each and what is left.
	Pages []ingest.ShownPage `json:"pages,omitempty"`
}

// How many web pages are shown of a kind of files, and of these of one source.
const (
	previewPages   = 6
	previewOfEach  = 2
	previewLooksAt = 12 // files of a kind, since those that hold no page are read for nothing
)

// Preview says what a draft that was made with these options would do, with the first document of each kind of file.
func (d *Draft) Preview(ctx context.Context, o Options) (p Preview, err error) {
	p = Preview{
		Version: d.Plan.Version, Files: len(d.Plan.Files), Skipped: d.Skipped, Splits: len(d.Plan.Splits),
		Partitions: d.Plan.Partitions, SpillEstimate: d.Spill, Vanished: len(d.Plan.Vanished), Searched: d.Plan.Searched(),
	}
	sources, err := store.OpenSources(d.Plan.Sources, o.Access)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	kinds, looks := map[[6]string]*PreviewKind{}, map[*PreviewKind]*pageLooks{}
	for i := range d.Plan.Files {
		f := &d.Plan.Files[i]
		if f.Replaces {
			p.Replacing++
		}
		if f.Lost {
			p.Lost++
		}
		source := d.Plan.SourceName(int32(i))
		if _, special := o.Sources[source]; !special {
			source = ""
		}
		key := [6]string{f.Format, f.Document, f.Compression, f.Encoding, f.Reject, source}
		k := kinds[key]
		if k == nil {
			k = &PreviewKind{
				Format: f.Format, Document: f.Document, Compression: f.Compression, Encoding: f.Encoding, Reject: f.Reject, First: f.Path,
				Source: source,
			}
			kinds[key] = k
			if f.Reject == "" {
				s, err := o.sample(ctx, ingest.Input{Plan: d.Plan, Sources: sources}, i)
				if err != nil {
					return p, err
				}
				k.Before, k.After, k.Why = s.before, s.after, ingest.ReasonText(s.reject, s.detail)
			} else {
				k.Why = f.RejectDetail
			}
		}
		k.Files++
		k.Bytes += f.Bytes
		if f.Reject == "" {
			p.InputBytes += f.Bytes
			if looks[k] == nil {
				looks[k] = &pageLooks{of: map[int]int{}}
			}
			if err := looks[k].look(ctx, &o, ingest.Input{Plan: d.Plan, Sources: sources}, i, k); err != nil {
				return p, err
			}
		}
	}
	for _, k := range kinds {
		p.Kinds = append(p.Kinds, *k)
	}
	slices.SortFunc(p.Kinds, func(a, b PreviewKind) int {
		return cmp.Or(cmp.Compare(a.Reject, b.Reject), -cmp.Compare(a.Bytes, b.Bytes), cmp.Compare(a.First, b.First), cmp.Compare(a.Source, b.Source))
	})
	return p, nil
}

// pageLooks is where web pages of a kind of files were looked for.
type pageLooks struct {
	files int
	of    map[int]int // pages, by source
}

// look adds pages of a file to its kind, if there are not enough of its source yet.
func (l *pageLooks) look(ctx context.Context, o *Options, in ingest.Input, file int, k *PreviewKind) error {
	source := in.Plan.Files[file].Source
	most := min(previewOfEach-l.of[source], previewPages-len(k.Pages))
	if most <= 0 || l.files == previewLooksAt {
		return nil
	}
	l.files++
	shown, err := o.Formats.Pages(ctx, in, file, most)
	for i := range shown {
		if shown[i].Name == "" {
			shown[i].Name = path.Join(in.Plan.SourceName(int32(file)), in.Plan.Files[file].Path)
		}
	}
	l.of[source] += len(shown)
	k.Pages = append(k.Pages, shown...)
	return err
}
