package manifest

import "github.com/millrace/millrace/pipeline"

// Retried are what earlier versions rejected or filtered, of files that a version has read again: what stands of them is among its own, so in the
// sums over versions they count no more. It says nothing of documents that were kept: those are duplicates of themselves.
type Retried struct {
	Documents   int64   `json:"documents"` // rejected
	Filtered    int64   `json:"filtered"`
	Files       int64   `json:"files"`
	InPart      int64   `json:"in_part"`
	UnreadBytes int64   `json:"unread_bytes"`
	Reasons     Reasons `json:"reasons"`
}

// AddVersion adds a version to sums over versions, without the rejects of earlier ones that it has taken the place of.
func (t *Totals) AddVersion(m *Manifest) {
	chars := t.VocabularyChars
	t.Add(&m.Totals)
	if m.Kind != KindRun && len(m.Below(pipeline.VocabFolder)) == 0 {
		t.VocabularyChars = chars // of what is no run only what withdraws documents has a vocabulary
	}
	r := m.Retried
	if r == nil {
		return
	}
	t.Documents.Read -= r.Documents + r.Filtered
	t.Documents.Filtered -= r.Filtered
	t.Documents.Rejected -= r.Documents
	t.Files.Listed -= r.Files + r.InPart
	t.Files.Rejected -= r.Files
	t.Files.InPart -= r.InPart
	t.UnreadBytes -= r.UnreadBytes
}

// AddVersion does the same for the reasons.
func (s *Reasons) AddVersion(m *Manifest) {
	sums := s.all()
	for i, counts := range m.Reasons.all() {
		for reason, n := range counts {
			sums[i][reason] += n
		}
	}
	if m.Retried == nil {
		return
	}
	for i, counts := range m.Retried.Reasons.all() {
		for reason, n := range counts {
			if sums[i][reason] -= n; sums[i][reason] <= 0 {
				delete(sums[i], reason)
			}
		}
	}
}

func (s *Reasons) all() [3]map[string]int64 {
	return [3]map[string]int64{s.Rejected, s.Filtered, s.Files}
}
