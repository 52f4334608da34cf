package ingest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

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
	for lines := newAccountLines(io.NewSectionReader(o, 0, o.Size()), o.Size()); ; {
		line, err := lines.next()
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
	text    *bufio.Scanner
	account FileAccount // of the last line, if it was one as most are
}

// newAccountLines reads a file of a size, which is what one line may have at most.
func newAccountLines(in io.Reader, size int64) *accountLines {
	l := &accountLines{text: bufio.NewScanner(in)}
	l.text.Buffer(make([]byte, 0, 1<<16), int(size)+1)
	return l
}

// next returns the next line, and io.EOF behind the last.
func (l *accountLines) next() (line AccountLine, err error) {
	if !l.text.Scan() {
		return line, cmp.Or(l.text.Err(), io.EOF)
	}
	if l.account.scan(l.text.Bytes()) {
		return AccountLine{Account: &l.account}, nil
	}
	return line, json.Unmarshal(l.text.Bytes(), &line)
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
		size := max(0, bytes.IndexAny(rest, ",}"))
		n, err := strconv.ParseUint(string(rest[:size]), 10, 63)
		if err != nil || size > 1 && rest[0] == '0' || !a.set(name, int64(n)) {
			return false
		}
		if rest = rest[size:]; string(rest) == "}}" {
			return true
		}
		rest, ok = bytes.CutPrefix(rest, []byte(`,"`))
	}
	return false
}

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
