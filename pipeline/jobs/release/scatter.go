package release

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
)

// A scattered file holds the records of a task of encode by the partitions that they go to. It is little-endian:
//
//	blocks, each with records of one partition, in the order in which they were added
//	index, for every block {partition uint32, 0 uint32, offset, bytes, xxh3 of the block seeded with the offset, all uint64}, by partition and offset
//	tail {blocks, partitions, xxh3 of index and tail so far, all uint64, magic [8]byte}
//
// A record is {major, minor uint64, id [16]byte, copy, bytes of what follows, both uvarint, and these}.

const (
	scatterMagic   = "MRSCATT1"
	scatterBlock   = 64 << 10
	scatterEntry   = 32
	scatterTail    = 32
	mostPartitions = 512 // a task that scatters has a block of each in memory
)

// scatterName is the file of a task.
func scatterName(task int) string { return fmt.Sprintf("%s/%06d.scattered", stageEncode, task) }

type scatterEntryOf struct {
	partition  uint32
	at, length int64
	sum        uint64
}

// scatter writes such a file. It takes a block of memory for each partition, and is used by one goroutine.
type scatter struct {
	file   *pipeline.OutputWriter
	blocks [][]byte
	index  []scatterEntryOf
	rows   int64
}

func newScatter(ctx context.Context, job *pipeline.Job, task, partitions int) (*scatter, error) {
	f, err := pipeline.CreateWork(ctx, job, scatterName(task))
	if err != nil {
		return nil, err
	}
	return &scatter{file: f, blocks: make([][]byte, partitions)}, nil
}

// add adds a record.
func (s *scatter) add(partition int, at place, id *[16]byte, number int, payload []byte) error {
	b := s.blocks[partition]
	b = binary.LittleEndian.AppendUint64(b, at.Major)
	b = binary.LittleEndian.AppendUint64(b, at.Minor)
	b = append(b, id[:]...)
	b = binary.AppendUvarint(b, uint64(number))
	b = binary.AppendUvarint(b, uint64(len(payload)))
	b = append(b, payload...)
	s.blocks[partition] = b
	s.rows++
	if len(b) >= scatterBlock {
		return s.flush(partition)
	}
	return nil
}

func (s *scatter) flush(partition int) error {
	b := s.blocks[partition]
	if len(b) == 0 {
		return nil
	}
	at := s.file.Bytes()
	if _, err := s.file.Write(b); err != nil {
		return err
	}
	s.index = append(s.index, scatterEntryOf{uint32(partition), at, int64(len(b)), xxh3.HashSeed(b, uint64(at))})
	s.blocks[partition] = b[:0]
	if cap(b) > 16*scatterBlock {
		s.blocks[partition] = nil
	}
	return nil
}

// commit makes the file appear.
func (s *scatter) commit() (pipeline.Output, error) {
	for p := range s.blocks {
		if err := s.flush(p); err != nil {
			return pipeline.Output{}, err
		}
	}
	slices.SortFunc(s.index, func(a, b scatterEntryOf) int {
		if a.partition != b.partition {
			return int(a.partition) - int(b.partition)
		}
		return int(min(max(a.at-b.at, -1), 1))
	})
	var end []byte
	for _, e := range s.index {
		end = binary.LittleEndian.AppendUint64(end, uint64(e.partition))
		end = binary.LittleEndian.AppendUint64(end, uint64(e.at))
		end = binary.LittleEndian.AppendUint64(end, uint64(e.length))
		end = binary.LittleEndian.AppendUint64(end, e.sum)
	}
	end = binary.LittleEndian.AppendUint64(end, uint64(len(s.index)))
	end = binary.LittleEndian.AppendUint64(end, uint64(len(s.blocks)))
	end = binary.LittleEndian.AppendUint64(end, xxh3.Hash(end))
	end = append(end, scatterMagic...)
	if _, err := s.file.Write(end); err != nil {
		return pipeline.Output{}, err
	}
	return s.file.Commit(s.rows)
}

func (s *scatter) close() error { return s.file.Close() }

// scattered is what all tasks of encode left.
type scattered struct {
	files *sorted.Handles
	names []string
	index []map[int][]scatterEntryOf // of each file, by partition
}

// openScattered reads the ends of files. close ends with it.
func openScattered(ctx context.Context, job *pipeline.Job, names []string, partitions int) (s *scattered, err error) {
	s = &scattered{files: sorted.NewHandles(ctx, job.Work), names: names}
	for _, name := range names {
		index, err := readScatterIndex(s.files, name, partitions)
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.index = append(s.index, index)
	}
	return s, nil
}

func (s *scattered) close() error { return s.files.Close() }

func readScatterIndex(files *sorted.Handles, name string, partitions int) (map[int][]scatterEntryOf, error) {
	o, err := files.Get(name)
	if err != nil {
		return nil, err
	}
	size := o.Size()
	if size < scatterTail {
		return nil, sorted.Damaged(name, "it is too short")
	}
	var tail [scatterTail]byte
	if err := sorted.ReadAt(o, name, tail[:], size-scatterTail); err != nil {
		return nil, err
	}
	word := func(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	blocks := word(tail[:], 0)
	if string(tail[24:]) != scatterMagic || word(tail[:], 1) != uint64(partitions) || blocks > uint64(size-scatterTail)/scatterEntry {
		return nil, sorted.Damaged(name, "its end is not what was written")
	}
	end := make([]byte, int(blocks)*scatterEntry+scatterTail)
	if err := sorted.ReadAt(o, name, end, size-int64(len(end))); err != nil {
		return nil, err
	}
	if xxh3.Hash(end[:len(end)-16]) != word(tail[:], 2) {
		return nil, sorted.Damaged(name, "the checksum of its end is wrong")
	}
	index := map[int][]scatterEntryOf{}
	for i := range int(blocks) {
		b := end[i*scatterEntry:]
		e := scatterEntryOf{uint32(word(b, 0)), int64(word(b, 1)), int64(word(b, 2)), word(b, 3)}
		if int(e.partition) >= partitions || e.at < 0 || e.length < 0 || e.at > size-int64(len(end)) || e.length > size-int64(len(end))-e.at {
			return nil, sorted.Damaged(name, "block %d lies outside", i)
		}
		index[int(e.partition)] = append(index[int(e.partition)], e)
	}
	return index, nil
}

// bytes is how much there is of a partition.
func (s *scattered) bytes(partition int) (n int64) {
	for _, of := range s.index {
		for _, e := range of[partition] {
			n += e.length
		}
	}
	return n
}

// each hands over the records of a partition, in the order of the files. What it hands over is valid until yield returns.
func (s *scattered) each(partition int, yield func(r *numbered, payload []byte) error) error {
	var buf []byte
	for i, of := range s.index {
		for _, e := range of[partition] {
			buf = slices.Grow(buf[:0], int(e.length))[:e.length]
			if err := s.files.Read(s.names[i], buf, e.at); err != nil {
				return err
			}
			if xxh3.HashSeed(buf, uint64(e.at)) != e.sum {
				return sorted.Damaged(s.names[i], "the checksum of the block at %d is wrong", e.at)
			}
			if err := eachRecord(s.names[i], buf, yield); err != nil {
				return err
			}
		}
		if err := s.files.Err(); err != nil {
			return err
		}
	}
	return nil
}

func eachRecord(name string, b []byte, yield func(r *numbered, payload []byte) error) error {
	var r numbered
	for len(b) > 0 {
		if len(b) < 32 {
			return sorted.Damaged(name, "a record is cut")
		}
		r.Major, r.Minor = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		copy(r.id[:], b[16:32])
		b = b[32:]
		number, n := binary.Uvarint(b)
		if n <= 0 || number > maxCopies {
			return sorted.Damaged(name, "a record is cut")
		}
		b = b[n:]
		length, n := binary.Uvarint(b)
		if n <= 0 || length > uint64(len(b)-n) {
			return sorted.Damaged(name, "a record is cut")
		}
		r.copy = int(number)
		if err := yield(&r, b[n:n+int(length)]); err != nil {
			return err
		}
		b = b[n+int(length):]
	}
	return nil
}
