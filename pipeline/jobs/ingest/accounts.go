package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// accountWriter keeps what a split made of each of its files, and streams every reject and what was taken of every page. It is the last writer of the map
// phase, so it sees what every stage before it dropped, once.
type accountWriter struct {
	out      *pipeline.OutputWriter
	lead     *bufio.Writer // in front of out, since lines are short
	enc      *json.Encoder
	accounts []ingest.FileAccount // one a file of the split, in order
	at       map[int32]int        // file → index in accounts
	lines    int64
}

const accountBuffer = 64 << 10

// newAccountWriter begins the account of a split.
func newAccountWriter(ctx context.Context, job *pipeline.Job, split int) (pipeline.BatchWriter, error) {
	out, err := pipeline.CreateWork(ctx, job, ingest.AccountName(split))
	if err != nil {
		return nil, err
	}
	plan, err := ingest.PlanOf(job)
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	lead := bufio.NewWriterSize(out, accountBuffer)
	w := &accountWriter{out: out, lead: lead, enc: json.NewEncoder(lead), at: map[int32]int{}}
	for _, p := range plan.Splits[split].Pieces {
		file := int32(p.File)
		i, ok := w.at[file]
		if !ok {
			i = len(w.accounts)
			w.at[file] = i
			w.accounts = append(w.accounts, ingest.FileAccount{File: file})
		}
		w.accounts[i].Bytes += p.End - p.Start
	}
	return w, nil
}

// Write counts the rows and writes the rejects and pages of one batch.
func (w *accountWriter) Write(b *columnar.Batch) error {
	for i := 0; i < len(b.File); {
		end := i + 1
		for end < len(b.File) && b.File[end] == b.File[i] {
			end++
		}
		a, err := w.account(b.File[i])
		if err != nil {
			return err
		}
		a.Documents += int64(end - i)
		a.Kept += b.Text.Size(i, end) + b.Meta.Size(i, end)
		i = end
	}
	for _, m := range b.Mixed {
		a, err := w.account(m.File)
		if err != nil {
			return err
		}
		a.Mixed += m.N
	}
	for i := range b.Rejects {
		r := &b.Rejects[i]
		a, err := w.account(r.File)
		if err != nil {
			return err
		}
		a.Lose(r)
		w.lines++
		if err := w.enc.Encode(ingest.AccountLine{Reject: r}); err != nil {
			return err
		}
	}
	for i := range b.Pages {
		p := &b.Pages[i]
		if _, err := w.account(p.File); err != nil {
			return err
		}
		w.lines++
		if err := w.enc.Encode(ingest.AccountLine{Page: p}); err != nil {
			return err
		}
	}
	return nil
}

func (w *accountWriter) account(file int32) (*ingest.FileAccount, error) {
	i, ok := w.at[file]
	if !ok {
		return nil, pipeline.Permanent(fmt.Errorf("a document of file %d is in a split that does not read it", file))
	}
	return &w.accounts[i], nil
}

// Commit writes the accounts behind them.
func (w *accountWriter) Commit() ([]pipeline.Output, error) {
	for i := range w.accounts {
		w.lines++
		if err := w.enc.Encode(ingest.AccountLine{Account: &w.accounts[i]}); err != nil {
			return nil, err
		}
	}
	if err := w.lead.Flush(); err != nil {
		return nil, err
	}
	o, err := w.out.Commit(w.lines)
	return []pipeline.Output{o}, err
}

func (w *accountWriter) Close() error { return w.out.Close() }
