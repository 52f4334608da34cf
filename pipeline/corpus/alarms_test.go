package corpus

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
)

// usual are runs of about a thousand documents, one in ten of which is a duplicate.
func usual(versions ...int) (list []*manifest.Manifest) {
	for _, v := range versions {
		m := &manifest.Manifest{Version: v}
		m.Totals.Documents = manifest.DocumentTotals{Read: 1000, Kept: 890, NearDuplicates: 100, Rejected: 10}
		m.Totals.Files = manifest.FileTotals{Listed: 50, Read: 50}
		m.Totals.Chars, m.Totals.HanChars, m.Totals.UncommonChars, m.Totals.ReplacementChars = 100_000, 80_000, 80, 10
		list = append(list, m)
	}
	return list
}

func TestAlarms(t *testing.T) {
	all := Alarms{
		Versions: 7, Documents: 0.5, KeptShare: 0.05, DuplicatesShare: 0.05, RejectsShare: 0.01, UncommonShare: 0.001, ReplacementShare: 0.0001,
	}
	tests := map[string]struct {
		alarms Alarms
		before []*manifest.Manifest
		change func(*manifest.Totals)
		want   []string
	}{
		"as usual": {all, usual(1, 2, 3), func(*manifest.Totals) {}, nil},
		"just within": {all, usual(1, 2, 3), func(d *manifest.Totals) {
			d.Documents = manifest.DocumentTotals{Read: 1500, Kept: 1335, NearDuplicates: 150, Rejected: 15}
		}, nil},
		"too few": {all, usual(1, 2), func(d *manifest.Totals) {
			d.Documents = manifest.DocumentTotals{Read: 499, Kept: 444, NearDuplicates: 50, Rejected: 5}
		}, []string{"alarms.documents"}},
		"too many": {all, usual(1, 2), func(d *manifest.Totals) {
			d.Documents = manifest.DocumentTotals{Read: 1501, Kept: 1335, NearDuplicates: 150, Rejected: 16}
		}, []string{"alarms.documents"}},
		"many duplicates": {all, usual(1, 2), func(d *manifest.Totals) {
			d.Documents = manifest.DocumentTotals{Read: 1000, Kept: 400, ExactDuplicates: 600}
		}, []string{"alarms.kept_share", "alarms.duplicates_share"}},
		"no duplicates":       {all, usual(1, 2), func(d *manifest.Totals) { d.Documents = manifest.DocumentTotals{Read: 1000, Kept: 990, Rejected: 10} }, []string{"alarms.kept_share", "alarms.duplicates_share"}},
		"rejects":             {all, usual(1, 2), func(d *manifest.Totals) { d.Documents.Rejected += 11; d.Documents.Kept -= 11 }, []string{"alarms.rejects_share"}},
		"no rejects is well":  {all, usual(1, 2), func(d *manifest.Totals) { d.Documents.Rejected = 0; d.Documents.Kept += 10 }, nil},
		"unreadable files":    {all, usual(1, 2), func(d *manifest.Totals) { d.Files = manifest.FileTotals{Listed: 50, Read: 30, Rejected: 15, InPart: 5} }, []string{"alarms.rejects_share"}},
		"uncommon":            {all, usual(1, 2), func(d *manifest.Totals) { d.UncommonChars = 200 }, []string{"alarms.uncommon_share"}},
		"U+FFFD":              {all, usual(1, 2), func(d *manifest.Totals) { d.ReplacementChars = 30 }, []string{"alarms.replacement_share"}},
		"nothing at all":      {all, usual(1, 2), func(d *manifest.Totals) { *d = manifest.Totals{} }, []string{"alarms.documents"}},
		"one night before":    {all, usual(1), func(d *manifest.Totals) { *d = manifest.Totals{} }, nil},
		"none before":         {all, nil, func(d *manifest.Totals) { *d = manifest.Totals{} }, nil},
		"all off":             {Alarms{Versions: 7}, usual(1, 2), func(d *manifest.Totals) { *d = manifest.Totals{} }, nil},
		"one on":              {Alarms{Versions: 7, KeptShare: 0.05}, usual(1, 2), func(d *manifest.Totals) { d.Documents = manifest.DocumentTotals{Read: 3, Rejected: 3} }, []string{"alarms.kept_share"}},
		"nights without text": {all, []*manifest.Manifest{{Version: 1}, {Version: 2}}, func(*manifest.Totals) {}, []string{"alarms.documents"}},
		// The last two had three times as much, the ones before do not count.
		"only the last ones": {Alarms{Versions: 2, Documents: 0.5}, append(usual(1, 2, 3), largeNights()...), func(*manifest.Totals) {}, []string{"alarms.documents"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tonight := usual(9)[0]
			test.change(&tonight.Totals)
			err := test.alarms.check(test.before, tonight)
			var got []string
			if alarm, ok := errors.AsType[*AlarmError](err); ok {
				for _, f := range alarm.Figures {
					got = append(got, f.Name)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// Documents like those that were removed are not to come in, nor are pages without an article where they are rejected: tonight they are no alarm, and of a night before they raise no average.
func TestAlarmWithdrawn(t *testing.T) {
	a := Alarms{Versions: 7, RejectsShare: 0.01}
	rejecting := func(m *manifest.Manifest, rejected, withdrawn int64) *manifest.Manifest {
		m.Totals.Documents.Rejected += rejected
		m.Totals.Documents.Kept -= rejected
		m.Reasons = manifest.NewReasons()
		m.Reasons.Rejected[ingest.ReasonWithdrawn], m.Reasons.Rejected[ingest.ReasonNoArticle] = withdrawn/2, withdrawn-withdrawn/2
		return m
	}
	if err := a.check(usual(1, 2), rejecting(usual(9)[0], 300, 300)); err != nil {
		t.Error(err)
	}
	if err := a.check(usual(1, 2), rejecting(usual(9)[0], 300, 289)); err == nil {
		t.Error("others count")
	}
	if err := a.check([]*manifest.Manifest{usual(1)[0], rejecting(usual(2)[0], 300, 300)}, rejecting(usual(9)[0], 11, 0)); err == nil {
		t.Error("the average is too high")
	}
}

func largeNights() []*manifest.Manifest {
	list := usual(4, 5)
	for _, m := range list {
		m.Totals.Documents = manifest.DocumentTotals{Read: 3000, Kept: 3000}
	}
	return list
}

func TestAlarmText(t *testing.T) {
	tonight := usual(9)[0]
	tonight.Totals.Documents = manifest.DocumentTotals{Read: 200, Kept: 20, ExactDuplicates: 180}
	tonight.Totals.ReplacementChars = 1234
	a := Alarms{Versions: 7, Documents: 0.5, KeptShare: 0.2, ReplacementShare: 0.001}
	err := a.check(usual(2, 3, 4, 6), tonight)
	want := `nothing is committed: tonight is unlike versions 2 to 4, 6:
  documents: 200, the average is 1000; alarms.documents allows 50 % more or fewer
  documents kept: 10 %, the average is 89 %; alarms.kept_share allows a difference of 20 points
  U+FFFD among the characters: 1.234 %, the average is 0.01 %; alarms.replacement_share allows a difference of 0.1 points`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	if hint, ok := errors.AsType[*pipeline.HintError](err); !ok || !strings.Contains(hint.Hint, "--force") {
		t.Errorf("the way out is missing: %v", err)
	}
}
