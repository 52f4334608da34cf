package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"millrace/pipeline/ingest"
	"millrace/pipeline/store"
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
}

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
	kinds := map[[6]string]*PreviewKind{}
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
