package dedupe

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
	"github.com/millrace/millrace/pipeline/tiers"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// ForgetStage is the stage that does it, as of says of a plan. The documents of the index keep their numbers; in place of the records there
// are empty ones, which no key leads to.
func ForgetStage(name string, of func(*pipeline.Plan) (*ingest.Forgetting, error)) pipeline.StageSpec {
	return pipeline.StageSpec{Name: name, Out: []string{pipeline.IndexFolder}, Runner: &forgetter{of: of}}
}

type forgetter struct {
	of    func(*pipeline.Plan) (*ingest.Forgetting, error)
	masks masks
}

// Run implements pipeline.Runner.
func (r *forgetter) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	f, err := r.of(job.Plan)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= f.Tasks() {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d tasks", task, f.Tasks()))
	}
	mask, err := r.masks.get(ctx, job, f.Plan)
	if err != nil {
		return e, err
	}
	if file := task.Index - f.Tasks() + len(f.Signatures); file >= 0 {
		out, err := forgetSignatures(ctx, job, f.Signatures[file], mask)
		if err != nil {
			return e, err
		}
		return done(task, out.Rows, out), nil
	}
	list, err := mergeEarlier(ctx, job, f.Plan, task.Index, mask)
	if err != nil {
		return e, err
	}
	rows := int64(0)
	for _, out := range list {
		rows += out.Rows
	}
	return done(task, rows, list...), nil
}

// forgetSignatures writes a signature file anew, with empty records of what is gone. Memory is one buffer.
func forgetSignatures(ctx context.Context, job *pipeline.Job, file ingest.SignatureFile, mask *withdrawn.Mask) (_ pipeline.Output, err error) {
	o, err := createOut(ctx, job, pipeline.InPlaceOf(pipeline.IndexFolder, job.Plan.Version, file.Version, path.Base(file.Path)))
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	head := func(f signatureFile) (first, end uint64, err error) {
		return f.first, f.first + f.count, writeSignaturesHead(o, int64(f.first), int64(f.count))
	}
	rows := int64(0)
	err = scanSignatures(ctx, job.Corpus, file.Path, head, func(number uint64, r *record) error {
		if gone(mask, ref{number, uint32(file.Version)}) {
			r = &goneRecord
		}
		rows++
		_, err := o.Write(r[:])
		return err
	})
	if err != nil {
		return pipeline.Output{}, err
	}
	return o.commit(rows)
}

// ComparedOf returns those of some files of compared texts that hold the text of a withdrawn document. Memory is some pages.
func ComparedOf(ctx context.Context, s pipeline.Store, names []string, mask *withdrawn.Mask) (list []string, err error) {
	files := sorted.NewHandles(ctx, s)
	defer func() { err = errors.Join(err, files.Close()) }()
	var refs []ref
	for _, version := range mask.Versions() {
		for _, rank := range mask.Ranks(version) {
			refs = append(refs, ref{uint64(rank), uint32(version)})
		}
	}
	for i, name := range names {
		f, err := openCompared(files, name)
		if err != nil {
			return nil, err
		}
		lies := make([]comparedPlace, len(refs))
		if err := f.find(refs, i+1, lies); err != nil {
			return nil, err
		}
		for _, at := range lies {
			if at.file != 0 {
				list = append(list, name)
				break
			}
		}
	}
	return list, nil
}

// Remembered says where the index has keys or records of documents that are withdrawn and block nothing.
func Remembered(ctx context.Context, s pipeline.Store, history []ingest.IndexVersion, runs []ingest.IndexRun, mask *withdrawn.Mask) (list []string, err error) {
	files := sorted.NewHandles(ctx, s)
	defer func() { err = errors.Join(err, files.Close()) }()
	for _, run := range runs {
		covers, err := tiers.Number(history, run)
		if err != nil {
			return nil, err
		}
		if len(run.Keys) == 0 || covers.Documents() == 0 {
			continue
		}
		found := 0
		m := sorted.NewMerge([]sorted.Source[uint64]{sorted.NewRange(files, run.Keys, 0, 1, 0, covers.Documents())})
		for i := 0; m.Next(); i++ {
			if gone(mask, refOf(covers.Document(m.Value))) {
				found++
			}
			if i%(1<<16) == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		if err := m.Err(); err != nil {
			return nil, err
		}
		if found > 0 {
			list = append(list, fmt.Sprintf("%s and its like have %d keys of documents that left without a trace", run.Keys[0], found))
		}
	}
	for _, h := range history {
		for _, name := range h.Signatures {
			found := 0
			err := scanSignatures(ctx, s, name, signatureFile.all, func(number uint64, r *record) error {
				if *r != goneRecord && gone(mask, ref{number, uint32(h.Version)}) {
					found++
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			if found > 0 {
				list = append(list, fmt.Sprintf("%s has %d records of documents that left without a trace", name, found))
			}
		}
	}
	return list, nil
}
