package warc

import (
	"errors"
	"fmt"
)

// A DamageError says what of the stream is not as the format wants it. The Reader that returned it stands behind the
// damage: the next call of Next gives the next record, or io.EOF if there is none.
type DamageError struct {
	Offset    int64  // in the decoded stream, of the record or the bytes that are lost
	Lost      int64  // bytes from there that belong to no record given; of a truncated record those that are there
	Truncated bool   // the stream ends within the record
	Reason    string // for people
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("record at offset %d: %s (%d bytes lost)", e.Offset, e.Reason, e.Lost)
}

// A TooLargeError says that a record has more bytes than Limits.Record. The next call of Next gives the next record.
type TooLargeError struct {
	Offset, Length, Max int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("record at offset %d: %d bytes, more than %d", e.Offset, e.Length, e.Max)
}

// ErrExpansion says that a document has more bytes than the Decoder gives once its encodings are removed.
var ErrExpansion = errors.New("the document expands to more than the limit")

// errIncomplete says that a header does not end within the bytes that there are.
var errIncomplete = errors.New("the header has no end")
