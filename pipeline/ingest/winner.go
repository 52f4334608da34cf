package ingest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/millrace/millrace/pipeline"
)

// Winner is a kept document of the run, and how many of the run lost to it.
type Winner struct {
	Document int64 // number in the run
	Losers   uint32
}

// WinnerBytes is the length of an encoded Winner.
const WinnerBytes = 12

// AppendWinner encodes w, little-endian.
func AppendWinner(b []byte, w Winner) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(w.Document))
	return binary.LittleEndian.AppendUint32(b, w.Losers)
}

// decodeWinner decodes the first WinnerBytes of b.
func decodeWinner(b []byte) Winner {
	return Winner{int64(binary.LittleEndian.Uint64(b)), binary.LittleEndian.Uint32(b[8:])}
}

// CopiesOf is what CopiesColumn says of a document that so many lost to.
func CopiesOf(losers int64) int32 { return int32(min(losers, math.MaxInt32-1) + 1) }

// readWinners reads the records of a shard's winners.
func readWinners(ctx context.Context, job *pipeline.Job, shards []Shard, shard int) (data []byte, err error) {
	s := shards[shard]
	if s.Winners == 0 {
		return nil, nil
	}
	first := int64(0)
	for _, before := range shards[:shard] {
		first += before.Winners
	}
	o, err := job.Work.Open(ctx, WinnersName)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if first < 0 || s.Winners < 0 || s.Winners > s.Kept || first+s.Winners > o.Size()/WinnerBytes {
		return nil, fmt.Errorf("%s has %d bytes, too few for winners %d to %d", WinnersName, o.Size(), first, first+s.Winners)
	}
	data = make([]byte, s.Winners*WinnerBytes)
	if _, err := io.ReadFull(io.NewSectionReader(o, first*WinnerBytes, int64(len(data))), data); err != nil {
		return nil, fmt.Errorf("read %s: %w", WinnersName, err)
	}
	return data, nil
}
