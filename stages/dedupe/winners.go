package dedupe

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// winnersKind is the file in which winners are sorted: document uint64, losers uint32, as in ingest.Winner.
var winnersKind = sorted.Kind{Magic: "MRWINNR1", Width: ingest.WinnerBytes}

// winnersRuns is its name.
const winnersRuns = ingest.WinnersName + ".runs"

// mostWinners is the most winners that are sorted in memory: 8 MiB.
const mostWinners = 1 << 20

// winners counts how many documents of the run lost to each of them. Documents win in any order, so they are sorted in runs, and the runs
// are merged when the shards are known.
type winners struct {
	out       *output
	runs      *sorted.Writer
	most      int      // of a sorted run
	documents []uint64 // one for each loser
	losers    int64
}

func newWinners(ctx context.Context, job *pipeline.Job) (*winners, error) {
	out, err := createWork(ctx, job, winnersRuns)
	if err != nil {
		return nil, err
	}
	return &winners{out: out, runs: sorted.NewWriter(out, winnersKind, 1), most: mostWinners}, nil
}

// add notes that a document won over one more.
func (w *winners) add(document uint64) error {
	if len(w.documents) == w.most {
		w.flush()
	}
	w.documents = append(w.documents, document)
	w.losers++
	return w.runs.Err()
}

func (w *winners) flush() {
	if len(w.documents) == 0 {
		return
	}
	slices.Sort(w.documents)
	w.runs.Start()
	for i, n := 0, 0; i < len(w.documents); i += n {
		d := w.documents[i]
		for n = 1; i+n < len(w.documents) && w.documents[i+n] == d; {
			n++
		}
		ingest.AppendWinner(w.runs.Add(0)[:0], ingest.Winner{Document: int64(d), Losers: uint32(n)})
	}
	w.runs.End()
	w.documents = w.documents[:0]
}

// commit ends the runs.
func (w *winners) commit() (pipeline.Output, error) {
	w.flush()
	if err := w.runs.Finish(w.losers); err != nil {
		return pipeline.Output{}, err
	}
	return w.out.commit(w.losers)
}

// Close removes what was written, unless it was committed.
func (w *winners) Close() error { return w.out.Close() }

// writeWinners merges the runs into one file, and says of each shard how many winners it has.
func writeWinners(ctx context.Context, job *pipeline.Job, work *sorted.Handles, kept *keptBits, documents int64, shards []ingest.Shard) (_ pipeline.Output, err error) {
	file, runs, err := sorted.NewRuns(work, winnersKind).Open(winnersRuns, 0)
	if err != nil {
		return pipeline.Output{}, err
	}
	out, err := createWork(ctx, job, ingest.WinnersName)
	if err != nil {
		return pipeline.Output{}, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := winnersMerge{out: out.Writer, kept: kept, shards: shards}
	var sources []sorted.Source[uint32]
	for _, r := range runs {
		sources = append(sources, winnersSource{r, uint64(documents)})
	}
	merge := sorted.NewMerge(sources)
	for merge.Next() {
		if err := w.add(int64(merge.Key), merge.Value); err != nil {
			return pipeline.Output{}, err
		}
		if w.seen%(1<<16) == 0 && ctx.Err() != nil {
			return pipeline.Output{}, ctx.Err()
		}
	}
	if err := errors.Join(merge.Err(), w.flush()); err != nil {
		return pipeline.Output{}, err
	}
	if w.losers != file.Rows { // invariant 7
		return pipeline.Output{}, sorted.Damaged(winnersRuns, "%d documents lost to the winners, it should be %d", w.losers, file.Rows)
	}
	return out.commit(w.rows)
}

// winnersMerge writes winners, which come in order, those of several runs one after the other.
type winnersMerge struct {
	out    *bufio.Writer
	kept   *keptBits
	shards []ingest.Shard

	next   int64 // the one that comes, while n is not 0
	n      int64 // its losers so far
	shard  int   // in which it may be
	seen   int64
	losers int64
	rows   int64
	buf    []byte
}

func (w *winnersMerge) add(document int64, losers uint32) error {
	w.seen++
	w.losers += int64(losers)
	if w.n > 0 && document == w.next {
		w.n += int64(losers)
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	w.next, w.n = document, int64(losers)
	return nil
}

func (w *winnersMerge) flush() error {
	if w.n == 0 {
		return nil
	}
	if !w.kept.get(w.next) {
		return fmt.Errorf("document %d has won over others, but is not kept", w.next)
	}
	for w.shards[w.shard].End <= w.next {
		w.shard++
	}
	w.shards[w.shard].Winners++
	w.rows++
	w.buf = ingest.AppendWinner(w.buf[:0], ingest.Winner{Document: w.next, Losers: uint32(min(w.n, math.MaxUint32))})
	w.n = 0
	_, err := w.out.Write(w.buf)
	return err
}

// winnersSource is one sorted run.
type winnersSource struct {
	winners   *sorted.Run
	documents uint64 // of the run
}

// Fill implements sorted.Source.
func (s winnersSource) Fill(items []sorted.Item[uint32]) ([]sorted.Item[uint32], error) {
	data, err := s.winners.Next()
	if err != nil {
		return nil, err
	}
	for ; len(data) > 0; data = data[winnersKind.Width:] {
		document, losers := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint32(data[8:])
		if document >= s.documents || losers == 0 {
			return nil, sorted.Damaged(s.winners.Name(), "%d documents lost to document %d", losers, document)
		}
		items = append(items, sorted.Item[uint32]{Key: document, Value: losers})
	}
	return items, nil
}
