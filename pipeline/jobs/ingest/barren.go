package ingest

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// A run that no document came through, whose files were all rejected, filtered or empty, makes no version, nor does one that took
// files again and has as much to reject of them as before: it is told what became of them, and they are eligible again. So that a night that finds nothing else does not read them again, the work folder
// remembers the last such run by its plan; as all there it may be lost, and is of no use once a version was made or a file,
// a setting or the code is another.

// barren is the last such run.
type barren struct {
	Plan   string `json:"plan"`  // its digest
	Times  string `json:"times"` // hex of the xxh3-128 over the times of the files, which lie outside of it
	Result Result `json:"result"`
}

// barrenResult is the result of a finished run that has nothing to commit, nil if it has.
func barrenResult(ctx context.Context, formats intake.Formats, job *pipeline.Job, skipped int64) (*Result, error) {
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return nil, err
	}
	first, last := job.Chain.Summed()
	entries, err := job.Entries(ctx, first)
	if err != nil {
		return nil, err
	}
	resolved, err := job.Entries(ctx, last)
	if err != nil {
		return nil, err
	}
	rows := int64(0)
	for i := range entries {
		rows += entries[i].Rows
	}
	if len(resolved) == 0 || resolved[0].Rows > 0 || rows > 0 && !onlyRetried(plan) || plan.Revises() {
		return nil, nil //nolint:nilnil // there is something to commit
	}
	perFile, all, err := tallyRejects(ctx, job)
	if err != nil {
		return nil, err
	}
	r := &Result{Barren: true, InputBytes: plan.InputBytes(), Reasons: all.reasons}
	chosen := &resolved[0].Sum
	duplicates := func(kind uint8) int64 { return chosen.For(pipeline.LeftDuplicate, ingest.KindName(kind)) }
	withdrawn := chosen.For(pipeline.LeftRejected, ingest.ReasonWithdrawn)
	r.Documents = DocumentCounts{
		Read: all.documents, Rejected: all.rejected + withdrawn, RejectedWithdrawn: withdrawn, RejectedNoArticle: all.reasons[ingest.ReasonNoArticle],
		Filtered:        all.documents - all.rejected - rows,
		ExactDuplicates: duplicates(ingest.KindExact), SameKey: duplicates(ingest.KindSameKey),
	}
	r.Documents.NearDuplicates = r.Documents.SameKey + duplicates(ingest.KindNear)
	if withdrawn > 0 {
		r.Reasons = maps.Clone(r.Reasons)
		if r.Reasons == nil {
			r.Reasons = map[string]int64{}
		}
		r.Reasons[ingest.ReasonWithdrawn] += withdrawn
	}
	r.Files.Skipped, r.Files.Listed = skipped, skipped+int64(len(perFile))
	before, now := int64(0), r.Documents.Rejected
	for i := range perFile {
		t, f := &perFile[i], &plan.Files[i]
		before += f.Retried
		switch {
		case f.Reject != "" || t.unread > 0 && t.documents == 0:
			r.Files.Rejected++
			now++
		case t.unread > 0:
			r.Files.InPart++
			now++
		default:
			r.Files.Read++
		}
	}
	if rows > 0 && now < before {
		return nil, nil //nolint:nilnil // what was rejected turned out to be duplicates: that is something to tell
	}
	r.Worst, err = worstFiles(ctx, formats, job)
	return r, err
}

// onlyRetried says whether all files of a plan are as a version has read them already, and are taken again for its rejects.
func onlyRetried(p *ingest.Plan) bool {
	return !slices.ContainsFunc(p.Files, func(f ingest.File) bool { return f.Retried == 0 || f.Changed || f.Lost })
}

// asVersion is what the alarms look at: of a run without a version.
func (r *Result) asVersion() *manifest.Manifest {
	m := &manifest.Manifest{Totals: manifest.Totals{Files: r.Files}, Reasons: manifest.NewReasons()}
	m.Reasons.Rejected[ingest.ReasonWithdrawn], m.Reasons.Rejected[ingest.ReasonNoArticle] = r.Documents.RejectedWithdrawn, r.Documents.RejectedNoArticle
	t := &m.Totals
	t.Documents.Read, t.Documents.Filtered, t.Documents.Rejected = r.Documents.Read, r.Documents.Filtered, r.Documents.Rejected
	t.Documents.ExactDuplicates, t.Documents.NearDuplicates = r.Documents.ExactDuplicates, r.Documents.NearDuplicates
	return m
}

// timesOf is a digest of what lies outside of the plan's and says whether its files are as they were.
func timesOf(p *ingest.Plan) string {
	h := xxh3.New()
	var b []byte
	for i := range p.Files {
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(p.Files[i].ModTime))
		_, _ = h.Write(append(b, p.Files[i].ETag+"\x00"...)) // a hash never fails
	}
	for i := range p.Sources {
		_, _ = h.WriteString(p.Sources[i].Root + "\x00")
	}
	sum := h.Sum128().Bytes()
	return hex.EncodeToString(sum[:])
}

// barrenBefore returns the result of the very same plan, if it was the last that no document came through, nil otherwise.
func (r *run) barrenBefore(ctx context.Context, p *pipeline.Plan) (*Result, error) {
	data, err := pipeline.ReadAll(ctx, r.local.Work(), engine.BarrenName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there was none
	}
	var was barren
	if err != nil || json.Unmarshal(data, &was) != nil || was.Plan != p.Digest() {
		return nil, err
	}
	plan, err := ingest.Open(p)
	if err != nil || was.Times != timesOf(plan) {
		return nil, err
	}
	return &was.Result, nil
}

// rememberBarren notes it.
func (r *run) rememberBarren(ctx context.Context, p *pipeline.Plan, came *Result) error {
	plan, err := ingest.Open(p)
	if err != nil {
		return err
	}
	data, err := json.Marshal(barren{p.Digest(), timesOf(plan), *came})
	if err != nil {
		return fmt.Errorf("encode what a run made nothing of: %w", err)
	}
	return pipeline.WriteAll(ctx, r.local.Work(), engine.BarrenName, data)
}
