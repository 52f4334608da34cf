package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

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

// ScanAccount calls f with every line of a split's account file, in order. A line is valid until f returns.
func ScanAccount(ctx context.Context, job *pipeline.Job, split int, yield func(AccountLine) error) (err error) {
	name := AccountName(split)
	o, err := job.Work.Open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	dec := json.NewDecoder(bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), 1<<16))
	for {
		var line AccountLine
		if err := dec.Decode(&line); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("decode %s: %w", name, err)
		}
		if err := yield(line); err != nil {
			return err
		}
	}
}
