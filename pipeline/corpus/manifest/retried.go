package manifest

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
	t.Add(&m.Totals)
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
	addCounts(s.Rejected, m.Reasons.Rejected)
	addCounts(s.Filtered, m.Reasons.Filtered)
	addCounts(s.Files, m.Reasons.Files)
	if m.Retried == nil {
		return
	}
	takeCounts(s.Rejected, m.Retried.Reasons.Rejected)
	takeCounts(s.Filtered, m.Retried.Reasons.Filtered)
	takeCounts(s.Files, m.Retried.Reasons.Files)
}

// takeCounts takes counts away; what is none any more is left out.
func takeCounts(from, counts map[string]int64) {
	for reason, n := range counts {
		if from[reason] -= n; from[reason] <= 0 {
			delete(from, reason)
		}
	}
}

func addCounts(sum, counts map[string]int64) {
	for k, n := range counts {
		sum[k] += n
	}
}
