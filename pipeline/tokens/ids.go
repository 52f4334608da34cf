package tokens

// IDsEnding is what names of files of ids end in.
const IDsEnding = ".ids"

// IDs write whose the tokens of a shard are, beside formats that have no room for it: of each document, or part of one, that begins in the shard the
// number of tokens before it as a little-endian uint64, and the 16 bytes of its id.
type IDs struct {
	File  *File
	first uint64 // tokens of the sequences before
}

// Add appends the documents of the next sequence.
func (w *IDs) Add(q *Sequence) error {
	for i := range q.IDs {
		if err := w.File.Uint64(w.first + uint64(q.Starts[i])); err != nil {
			return err
		}
		if _, err := w.File.Write(q.IDs[i][:]); err != nil {
			return err
		}
	}
	w.File.Rows += int64(len(q.IDs))
	w.first += uint64(len(q.Tokens))
	return nil
}
