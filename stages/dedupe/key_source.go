package dedupe

import (
	"encoding/binary"
	"fmt"

	"millrace/pipeline"
)

// keySource is one run of a split's keys in one partition; values are the numbers of documents in the run.
type keySource struct {
	blocks blockReader
	base   uint64 // number of the split's first document
	rows   uint32 // documents of the split
}

func (s *keySource) fill(items []item[uint64]) ([]item[uint64], error) {
	data, err := s.blocks.next()
	if err != nil {
		return nil, err
	}
	for ; len(data) > 0; data = data[keysKind.width:] {
		document := binary.LittleEndian.Uint32(data[8:])
		if document >= s.rows {
			return nil, damaged(s.blocks.name, "document %d of %d", document, s.rows)
		}
		items = append(items, item[uint64]{binary.LittleEndian.Uint64(data), s.base + uint64(document)})
	}
	return items, nil
}

// Memory of a merge: the pieces of all its streams have mergeBytes together, but every stream has at least one block.
const (
	mergeBytes    = 16 << 20
	maxAhead      = 16                                  // blocks of a piece
	aheadMemory   = blockRecords * (keyEntryWidth + 16) // of one block, raw and decoded
	keyEntryWidth = 12
)

// runKeys returns the sorted streams of one partition over all splits, in order of the documents.
func runKeys(files *handles, plan *pipeline.Plan, bases []int64, partition int) ([]source[uint64], error) {
	var list []*keySource
	for split := range len(bases) - 1 {
		rows := bases[split+1] - bases[split]
		if rows == 0 {
			continue // a rejected split has no file
		}
		name := pipeline.KeysName(split)
		o, err := files.get(name)
		if err != nil {
			return nil, err
		}
		f, err := openRuns(o, name, keysKind)
		if err != nil {
			return nil, err
		}
		if f.partitions != plan.Partitions || f.rows != rows {
			return nil, damaged(name, "%d partitions, %d documents: the run has %d and %d", f.partitions, f.rows, plan.Partitions, rows)
		}
		segments, err := f.segments(o, partition)
		if err != nil {
			return nil, err
		}
		for _, s := range segments {
			if s.records > 0 {
				list = append(list, &keySource{
					blocks: blockReader{files: files, name: name, kind: keysKind, rest: s},
					base:   uint64(bases[split]), rows: uint32(rows),
				})
			}
		}
	}
	sources := make([]source[uint64], len(list))
	for i, s := range list {
		s.blocks.ahead = ahead(len(list))
		sources[i] = s
	}
	return sources, nil
}

// ahead is how many blocks each of n streams may read at once.
func ahead(n int) int { return max(1, min(maxAhead, mergeBytes/aheadMemory/max(n, 1))) }

// checkPartition checks the number of a task against the plan.
func checkPartition(task pipeline.Task, plan *pipeline.Plan) error {
	if task.Index < 0 || task.Index >= plan.Partitions {
		return pipeline.Permanent(fmt.Errorf("task %s: the plan has %d partitions", task, plan.Partitions))
	}
	return nil
}
