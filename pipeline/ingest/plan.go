package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
)

// Kind is the word for ingests in their plans.
const Kind = "ingest"

// Plan is what the plan of an ingest says beside its settings. What lies outside of the digest, or in the header of the pipeline.Plan, has
// no place in its JSON: see Seal. Once sealed or decoded it is shared, and must not be changed.
type Plan struct {
	Version int   `json:"-"` // in the header, as are the next two: see pipeline.Plan
	Parent  int   `json:"-"`
	Live    []int `json:"-"`

	Sources []pipeline.Source `json:"sources"`
	Files   []File            `json:"files"`  // in plan order: what position and document numbers follow
	Splits  []Split           `json:"splits"` // the map tasks

	Partitions int   `json:"partitions"`  // of the dedupe key space
	ShardBytes int64 `json:"shard_bytes"` // kept text in one shard, at most
	// ByTime says that the settings make modification times decide which documents stay: they are in the digest then.
	ByTime bool `json:"by_time,omitempty"`

	History   []IndexVersion `json:"history,omitempty"`    // the live versions, oldest first
	Runs      []IndexRun     `json:"runs,omitempty"`       // of their keys, oldest first
	MergeRuns int            `json:"merge_runs,omitempty"` // how many of the last runs index makes one of; see TierMerge
	BaseVocab string         `json:"base_vocab,omitempty"` // chars.parquet of the parent

	// Counting is how tokens are counted beside characters.
	Counting *Counting `json:"counting,omitempty"`

	// Withdrawn are the tables of documents that the live versions have withdrawn, oldest first: see package withdrawn.
	Withdrawn []string `json:"withdrawn,omitempty"`
	// Vanished are files that live versions hold documents of, and that their sources do not hold any more: by source and path.
	Vanished []NamedFile `json:"vanished,omitempty"`
	// Shards are those of the parent, in all formats, if some file replaces an earlier state, or vanished. The tasks of supersede are those
	// that are read.
	Shards []LiveShard `json:"shards,omitempty"`
}

// Nothing says whether there is nothing to be done: no file to be read, and none that vanished.
func (p *Plan) Nothing() bool { return len(p.Files) == 0 && len(p.Vanished) == 0 }

// Searched is how many shards are looked through for documents that go.
func (p *Plan) Searched() (n int) {
	for i := range p.Shards {
		if p.Shards[i].Read {
			n++
		}
	}
	return n
}

// Revises says whether documents of earlier versions may be withdrawn.
func (p *Plan) Revises() bool {
	return len(p.Vanished) > 0 || slices.ContainsFunc(p.Files, func(f File) bool { return f.Replaces })
}

// body is what of a Plan lies inside of the digest and not in the header.
type body struct {
	*Plan
	Times []int64 `json:"times,omitempty"` // modification times of the files, if the plan is ByTime
}

// local is what of a Plan lies outside of the digest.
type local struct {
	Roots  []string `json:"roots"`            // of the sources
	Single []bool   `json:"single,omitempty"` // of the sources, if any is
	Files  []Found  `json:"files"`            // in the order of the plan
}

// Seal makes the plan that is stored and whose digest counts. p must not be changed any more.
func Seal(p *Plan, settings json.RawMessage) (*pipeline.Plan, error) {
	b := body{Plan: p}
	if p.ByTime {
		for i := range p.Files {
			b.Times = append(b.Times, p.Files[i].ModTime)
		}
	}
	sealed := &pipeline.Plan{
		Kind: Kind, Code: pipeline.CodeVersion, Version: p.Version, Parent: p.Parent, Live: p.Live, Settings: settings,
	}
	var g errgroup.Group // of what is as long as there are files
	g.Go(func() (err error) {
		if sealed.Body, err = json.Marshal(b); err != nil {
			return fmt.Errorf("encode plan: %w", err)
		}
		return nil
	})
	g.Go(func() (err error) {
		sealed.Local, err = p.local()
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	_, err := sealed.Decoded(func(*pipeline.Plan) (any, error) { return p, nil })
	return sealed, err
}

func (p *Plan) local() (json.RawMessage, error) {
	l := local{Roots: make([]string, len(p.Sources)), Files: make([]Found, len(p.Files))}
	for i := range p.Sources {
		l.Roots[i] = p.Sources[i].Root
		if p.Sources[i].Single && l.Single == nil {
			l.Single = make([]bool, len(p.Sources))
		}
		if p.Sources[i].Single {
			l.Single[i] = true
		}
	}
	for i := range p.Files {
		l.Files[i] = p.Files[i].Found
	}
	data, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return data, nil
}

// Open returns what a plan says that Seal has made, decoded once. Safe for concurrent use.
func Open(sealed *pipeline.Plan) (*Plan, error) {
	p, err := sealed.Decoded(decode)
	if err != nil {
		return nil, pipeline.Permanent(fmt.Errorf("plan %s: %w", sealed.Digest(), err))
	}
	return p.(*Plan), nil
}

// PlanOf is Open for the plan of a job.
func PlanOf(job *pipeline.Job) (*Plan, error) { return Open(job.Plan) }

func decode(sealed *pipeline.Plan) (any, error) {
	if sealed.Kind != Kind {
		return nil, fmt.Errorf("it is of a job of kind %q", sealed.Kind)
	}
	p := &Plan{}
	b, l := body{Plan: p}, local{}
	if err := json.Unmarshal(sealed.Body, &b); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(sealed.Local, &l); err != nil {
		return nil, err
	}
	if len(l.Roots) != len(p.Sources) || l.Single != nil && len(l.Single) != len(p.Sources) || len(l.Files) != len(p.Files) || p.ByTime && len(b.Times) != len(p.Files) {
		return nil, errors.New("its parts are not of the same files")
	}
	p.Version, p.Parent, p.Live = sealed.Version, sealed.Parent, sealed.Live
	for i := range p.Sources {
		p.Sources[i].Root, p.Sources[i].Single = l.Roots[i], l.Single != nil && l.Single[i]
	}
	for i := range p.Files {
		p.Files[i].Found = l.Files[i]
		if p.ByTime {
			p.Files[i].ModTime = b.Times[i]
		}
	}
	return p, nil
}

// Mounted is the same plan with its sources in other places: those of roots, by their numbers in the plan, since single files may be of
// one name and several roots.
func Mounted(sealed *pipeline.Plan, roots map[int]string) (*pipeline.Plan, error) {
	p, err := Open(sealed)
	if err != nil {
		return nil, err
	}
	m := *p
	m.Sources = make([]pipeline.Source, len(p.Sources))
	for i, s := range p.Sources {
		if root, ok := roots[i]; ok {
			s.Root = root
		}
		m.Sources[i] = s
	}
	data, err := m.local()
	if err != nil {
		return nil, err
	}
	return sealed.Moved(data), nil
}

// InputBytes is the input of all splits.
func (p *Plan) InputBytes() (n int64) {
	for _, s := range p.Splits {
		n += s.Bytes()
	}
	return n
}

// SourceName and the file's path name an input file in every ledger.
func (p *Plan) SourceName(file int32) string { return p.Sources[p.Files[file].Source].Name }

// Input is what readers see of an ingest, also of one that is still being planned.
type Input struct {
	Plan    *Plan
	Sources pipeline.Sources
}

// InputOf is that of a job.
func InputOf(job *pipeline.Job) (Input, error) {
	p, err := PlanOf(job)
	return Input{p, job.Sources}, err
}

// Open opens a file of the plan: see pipeline.Sources.
func (in Input) Open(ctx context.Context, file int) (pipeline.Object, error) {
	return in.Sources.Open(ctx, in.Plan.Files[file].Planned())
}

// Job is a job that knows the plan and the sources, which may still be planned: stages can be tried on its files. Its plan has no digest
// of its own.
func (in Input) Job() *pipeline.Job {
	draft := &pipeline.Plan{Kind: Kind, Version: in.Plan.Version}
	_, _ = draft.Decoded(func(*pipeline.Plan) (any, error) { return in.Plan, nil }) // which is no error
	return &pipeline.Job{Plan: draft, Sources: in.Sources}
}
