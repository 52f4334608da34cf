package columnar

// Removed has documents that a filter dropped, and that are kept for people to read. Each is one of the batch's Rejects, which has the rest
// of it; not every reject is here.
type Removed struct {
	Reject []int32 // index in Rejects, ascending
	Text   Strings
	Meta   Strings // as in Batch
	Chars  []int32 // code points in Text
}

// Len is the number of documents.
func (r *Removed) Len() int { return len(r.Reject) }

// Add appends a document, copying it: the next that is appended to Rejects, which has so many by now.
func (r *Removed) Add(rejects int, text, meta []byte, chars int32) {
	r.Reject = append(r.Reject, int32(rejects))
	r.Text.Append(text)
	r.Meta.Append(meta)
	r.Chars = append(r.Chars, chars)
}

// Reset forgets all documents and keeps the memory, unless that has grown far beyond that of an ordinary batch.
func (r *Removed) Reset() {
	if cap(r.Text.Data) > ordinary {
		r.Text.Data = nil
	}
	if cap(r.Meta.Data) > ordinary {
		r.Meta.Data = nil
	}
	r.Reject, r.Chars = r.Reject[:0], r.Chars[:0]
	r.Text.Reset()
	r.Meta.Reset()
}
