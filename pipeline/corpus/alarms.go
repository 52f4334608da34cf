package corpus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Alarms stop a run whose figures are unlike those of the nights before, when all its work is done and nothing of it is in
// place. They have no part in what comes out. A limit of 0 is off.
type Alarms struct {
	// Versions is how many runs before tonight, the last live ones, the average is taken over.
	Versions int
	// Documents is by what share of their average number tonight's documents may be more or fewer: 0.5 is half.
	Documents float64
	// KeptShare and DuplicatesShare are by how much tonight's share of documents may be above or below that of the nights
	// before: 0.1 is ten percentage points.
	KeptShare, DuplicatesShare float64
	// RejectsShare is by how much the share of documents that are rejected may be above. A file that could not be read, or
	// not to its end, counts as one document. Documents like those that were removed do not count: they are not to come in.
	RejectsShare float64
	// UncommonShare and ReplacementShare are by how much the shares may be above of Han characters outside of the 8 105
	// common ones, and of U+FFFD among all characters.
	UncommonShare, ReplacementShare float64
	// WithdrawnShare is what share of the live documents may be withdrawn, whatever the nights before did.
	WithdrawnShare float64
}

// minAlarmVersions is how many nights make an average.
const minAlarmVersions = 2

// AlarmError says in what a run is unlike those before it.
type AlarmError struct {
	Figures  []AlarmFigure
	Versions []int // that tonight was compared with
}

// AlarmFigure is one figure that is beyond its limit.
type AlarmFigure struct {
	Name             string // the key of its setting
	What             string
	Tonight, Average float64
	Limit            float64
	Share            bool // of something; otherwise a number
	Bound            bool // of a share: the limit is one by itself, and there is no average
}

// Error names all figures, one a line.
func (e *AlarmError) Error() string {
	var b strings.Builder
	b.WriteString("nothing is committed: ")
	if len(e.Versions) > 0 {
		fmt.Fprintf(&b, "tonight is unlike versions %s:", manifest.VersionRange(e.Versions))
	}
	for _, f := range e.Figures {
		b.WriteString("\n  ")
		b.WriteString(f.String())
	}
	return b.String()
}

// Why says what stopped the run, as it does for every error that stops a job behind its work.
func (e *AlarmError) Why() string { return e.Error() }

// String is the figure, the average and the limit.
func (f AlarmFigure) String() string {
	if f.Bound {
		return fmt.Sprintf("%s: %.4g %% of those that were there; %s allows %.4g %%", f.What, 100*f.Tonight, f.Name, 100*f.Limit)
	}
	if !f.Share {
		return fmt.Sprintf("%s: %.0f, the average is %.0f; %s allows %.4g %% more or fewer", f.What, f.Tonight, f.Average, f.Name, 100*f.Limit)
	}
	return fmt.Sprintf("%s: %.4g %%, the average is %.4g %%; %s allows a difference of %.4g points", f.What, 100*f.Tonight, 100*f.Average, f.Name,
		100*f.Limit)
}

// Of says in what a run is unlike those before it, oldest first: nothing where it is not, and of no alarms.
func (a *Alarms) Of(before []*manifest.Manifest, night *manifest.Manifest) (figures []string) {
	var unlike *AlarmError
	if !a.enabled() || !errors.As(a.check(before, night), &unlike) {
		return nil
	}
	for _, f := range unlike.Figures {
		figures = append(figures, f.String())
	}
	return figures
}

// enabled says whether any limit is set.
func (a *Alarms) enabled() bool {
	return a != nil && (a.Documents > 0 || a.KeptShare > 0 || a.DuplicatesShare > 0 || a.RejectsShare > 0 || a.UncommonShare > 0 ||
		a.ReplacementShare > 0 || a.WithdrawnShare > 0)
}

// CheckAlarms holds what a run came to against the alarms, which may be nil: that of one that makes no version too, whose totals
// may all be zero. Of tonight's manifest it reads totals and reasons. The error is an *AlarmError with a hint.
func (c *Corpus) CheckAlarms(ctx context.Context, a *Alarms, tonight *manifest.Manifest) error {
	if !a.enabled() {
		return nil
	}
	v, err := c.view(ctx)
	if err != nil {
		return err
	}
	sums := v.Totals()
	if there, gone := sums.Live().Documents, tonight.Totals.Withdrawn.Documents; a.WithdrawnShare > 0 && float64(gone) > a.WithdrawnShare*float64(there) {
		return pipeline.WithHint(&AlarmError{Figures: []AlarmFigure{{
			Name: "alarms.withdrawn_share", What: "documents withdrawn", Tonight: float64(gone) / float64(there), Limit: a.WithdrawnShare,
			Share: true, Bound: true,
		}}}, "see whether files have changed or vanished that should not; --force commits it as it is, and does no work again")
	}
	return a.check(v.Live, tonight)
}

// check compares tonight with the runs before it, oldest first. The error is an *AlarmError with a hint, or nil; with fewer
// than two runs to compare with there is no average, and no alarm. The average of a share is that of all documents, or
// characters, together, so that a night of ten documents does not count as much as one of a million.
func (a *Alarms) check(before []*manifest.Manifest, night *manifest.Manifest) error {
	before = before[max(0, len(before)-a.Versions):]
	if len(before) < minAlarmVersions {
		return nil
	}
	var sum manifest.Totals
	tonight := figures(night)
	e := &AlarmError{}
	for _, m := range before {
		figures := figures(m)
		sum.Add(&figures)
		e.Versions = append(e.Versions, m.Version)
	}
	n := float64(len(before))
	if read, mean := float64(tonight.Documents.Read), float64(sum.Documents.Read)/n; a.Documents > 0 && math.Abs(read-mean) > a.Documents*mean {
		e.Figures = append(e.Figures, AlarmFigure{
			Name: "alarms.documents", What: "documents", Tonight: read, Average: mean, Limit: a.Documents,
		})
	}
	for _, s := range []struct {
		name, what string
		limit      float64
		below      bool // too small a share is an alarm too
		of         func(t *manifest.Totals) (part, all int64)
	}{
		{"kept_share", "documents kept", a.KeptShare, true, func(t *manifest.Totals) (int64, int64) { return t.Documents.Kept, t.Documents.Read }},
		{"duplicates_share", "duplicates", a.DuplicatesShare, true, func(t *manifest.Totals) (int64, int64) {
			return t.Documents.Duplicates(), t.Documents.Read
		}},
		{"rejects_share", "rejects", a.RejectsShare, false, func(t *manifest.Totals) (int64, int64) {
			files := t.Files.Rejected + t.Files.InPart
			return t.Documents.Rejected + files, t.Documents.Read + files
		}},
		{"uncommon_share", "Han characters outside of the 8 105 common ones", a.UncommonShare, false, func(t *manifest.Totals) (int64, int64) {
			return t.UncommonChars, t.HanChars
		}},
		{"replacement_share", "U+FFFD among the characters", a.ReplacementShare, false, func(t *manifest.Totals) (int64, int64) {
			return t.ReplacementChars, t.Chars
		}},
	} {
		part, all := s.of(&tonight)
		partBefore, allBefore := s.of(&sum)
		if s.limit == 0 || all == 0 || allBefore == 0 {
			continue // nothing has no share
		}
		now, mean := float64(part)/float64(all), float64(partBefore)/float64(allBefore)
		if now-mean > s.limit || s.below && mean-now > s.limit {
			e.Figures = append(e.Figures, AlarmFigure{Name: "alarms." + s.name, What: s.what, Tonight: now, Average: mean, Limit: s.limit, Share: true})
		}
	}
	if len(e.Figures) == 0 {
		return nil
	}
	if tonight.Documents.Read == 0 {
		return pipeline.WithHint(e, "see whether what should have come lies where the run looks for it; --force accepts that there is nothing new")
	}
	return pipeline.WithHint(e, "see whether tonight is right; --force commits it as it is, and does no work again")
}

// figures are the totals of a version without what was rejected as somebody asked for: what is like documents that were removed, and web
// pages without an article.
func figures(m *manifest.Manifest) manifest.Totals {
	t := m.Totals
	t.Documents.Rejected -= m.Reasons.Rejected[ingest.ReasonWithdrawn] + m.Reasons.Rejected[ingest.ReasonNoArticle]
	return t
}
