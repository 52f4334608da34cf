package ingest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// FileAccount says what a split made of its part of one file (invariant 7).
type FileAccount struct {
	File      int32  `json:"file"`
	Bytes     int64  `json:"bytes"`     // of the stored file that belong to the split
	Documents int64  `json:"documents"` // that went on to dedupe
	Filtered  int64  `json:"filtered,omitempty"`
	Rejected  int64  `json:"rejected,omitempty"`
	Unread    int64  `json:"unread,omitempty"` // bytes taken by file rejects
	Kept      int64  `json:"kept,omitempty"`   // bytes of text and metadata of the documents that went on
	Lost      int64  `json:"lost,omitempty"`   // bytes of rejected documents, in the decoded file
	Mixed     int64  `json:"mixed,omitempty"`  // texts in another encoding than the file
	Reason    string `json:"reason,omitempty"` // of the first file reject
}

// Lose counts a reject of the file.
func (a *FileAccount) Lose(r *columnar.Reject) {
	switch r.Kind() {
	case columnar.KindFile:
		a.Unread += r.Bytes
		if a.Reason == "" {
			a.Reason = r.Reason
		}
	case columnar.KindFiltered:
		a.Filtered++
	case columnar.KindRejected:
		a.Rejected++
		a.Lost += r.Bytes
	}
}

// Read is how many documents of the file were read.
func (a *FileAccount) Read() int64 { return a.Documents + a.Filtered + a.Rejected }

// AccountLine is one line of an account file: a reject, what was taken of a page, or the account of a file.
type AccountLine struct {
	Reject  *columnar.Reject `json:"reject,omitempty"`
	Page    *columnar.Page   `json:"page,omitempty"`
	Account *FileAccount     `json:"account,omitempty"`
}

// ScanAccount calls yield with every line of a split's account file, in order. A line is valid until yield returns.
func ScanAccount(ctx context.Context, job *pipeline.Job, split int, yield func(AccountLine) error) (err error) {
	name := AccountName(split)
	o, err := job.Work.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	var lines accountLines
	for in := bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), 1<<16); ; {
		line, err := lines.next(in)
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("decode %s: %w", name, err)
		}
		if err := yield(line); err != nil {
			return err
		}
	}
}

// accountLines reads the lines of an account file.
type accountLines struct {
	account FileAccount // of the last line, if it was one as most are
	long    []byte      // a line that is longer than the buffer
}

// next returns the next line, and io.EOF behind the last.
func (l *accountLines) next(in *bufio.Reader) (line AccountLine, err error) {
	text, err := in.ReadSlice('\n')
	if err == bufio.ErrBufferFull { //nolint:errorlint // bufio returns it as it is
		for l.long = l.long[:0]; err == bufio.ErrBufferFull; text, err = in.ReadSlice('\n') { //nolint:errorlint // likewise
			l.long = append(l.long, text...)
		}
		l.long = append(l.long, text...)
		text = l.long
	}
	if err != nil && (err != io.EOF || len(text) == 0) {
		return line, err
	}
	if l.account.scan(text) {
		return AccountLine{Account: &l.account}, nil
	}
	return line, json.Unmarshal(text, &line)
}

// scan decodes a line that is the account of a file without a reason, as the encoder writes it. There is one a file: where files are small,
// decoding them by reflection was a fiftieth of a run. It is false for any other line, which may be as good.
func (a *FileAccount) scan(line []byte) bool {
	*a = FileAccount{}
	rest, ok := bytes.CutPrefix(line, []byte(`{"account":{"`))
	for ok {
		var name []byte
		if name, rest, ok = bytes.Cut(rest, []byte(`":`)); !ok {
			break
		}
		n, size := int64(0), 0
		for size < len(rest) && rest[size]-'0' < 10 && size < maxDigits {
			n = 10*n + int64(rest[size]-'0')
			size++
		}
		if size == 0 || size == maxDigits || size > 1 && rest[0] == '0' || !a.set(name, n) {
			return false
		}
		if rest = rest[size:]; string(rest) == "}}\n" || string(rest) == "}}" {
			return true
		}
		rest, ok = bytes.CutPrefix(rest, []byte(`,"`))
	}
	return false
}

// maxDigits is how many digits a number does not have that is read by them.
const maxDigits = 19

// set sets a field by its name in JSON, and says whether there is such a number.
func (a *FileAccount) set(name []byte, n int64) bool {
	switch string(name) {
	case "file":
		a.File = int32(n)
		return n <= math.MaxInt32
	case "bytes":
		a.Bytes = n
	case "documents":
		a.Documents = n
	case "filtered":
		a.Filtered = n
	case "rejected":
		a.Rejected = n
	case "unread":
		a.Unread = n
	case "kept":
		a.Kept = n
	case "lost":
		a.Lost = n
	case "mixed":
		a.Mixed = n
	default:
		return false
	}
	return true
}
