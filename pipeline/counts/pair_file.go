package counts

import (
	"context"

	"millrace/pipeline"
	"millrace/pipeline/sorted"
)

// pairsMagic is of files of pairs: see PairWriter. The key of a block is that of its first pair.
const pairsMagic = "MRPAIRS1"

// PairWriter writes a file of pairs. It is used by one goroutine.
type PairWriter struct {
	*blockWriter
	last uint64 // key
}

// CreatePairs begins a file of the version that a job makes.
func CreatePairs(ctx context.Context, job *pipeline.Job, name string) (*PairWriter, error) {
	out, err := pipeline.CreateOut(ctx, job, name)
	if err != nil {
		return nil, err
	}
	return newPairWriter(out), nil
}

// newPairWriter writes blocks that are not packed: there is little to gain.
func newPairWriter(out *pipeline.OutputWriter) *PairWriter {
	return &PairWriter{blockWriter: newBlockWriter(out, pairsMagic, true)}
}

// Add appends a pair, which must come behind the one before.
//
// A record begins with the uvarint of twice what the right letter is above that of the record before, if that has the same left one and is in the block;
// else with that of twice the left letter as it stands in the key, and 1, and the uvarint of the right letter. Count and documents follow as varints.
func (w *PairWriter) Add(key uint64, count, documents int64) error {
	left, right := key>>(letterBits+pairShift), key>>pairShift&(mostLetters-1)
	if w.items > 0 && w.last >= key {
		return outOfOrder(key)
	}
	if before := w.last; w.inside > 0 && before>>(letterBits+pairShift) == left {
		w.block = appendUvarint(w.block, (right-before>>pairShift&(mostLetters-1))<<1)
	} else {
		w.block = appendUvarint(appendUvarint(w.block, left<<1|1), right)
	}
	w.last = key
	w.block = appendVarint(appendVarint(w.block, count), documents)
	w.end(key)
	return nil
}

// Close removes what was written, unless it was committed. A nil one can be closed.
func (w *PairWriter) Close() error {
	if w == nil {
		return nil
	}
	return w.blockWriter.Close()
}

// pairChunk is how many pairs of a block are decoded at once.
const pairChunk = 128

// PairFile reads the pairs of one partition of the keys out of a file. It holds one block.
type PairFile struct {
	*blockFile
	least, most uint64
	last        uint64 // key
	any, inside bool   // there was a pair before: in the file, in the block
	pairs       [pairChunk]Pair
	at, n       int // of pairs
}

// OpenPairs opens a file of a store, and reads its index. It is closed with files.
func OpenPairs(files *sorted.Handles, name string, partition, partitions int) (*PairFile, error) {
	b, err := openBlocks(files, name, pairsMagic)
	if err != nil {
		return nil, err
	}
	f := &PairFile{blockFile: b, at: -1}
	f.least, f.most = sorted.KeyRange(partition, partitions)
	f.cut(f.least, f.most)
	return f, nil
}

// Next goes on to the next pair, if there is one.
func (f *PairFile) Next() bool {
	if f.at++; f.at < f.n {
		return true
	}
	for f.at = 0; ; {
		if f.left == 0 {
			if f.err != nil || len(f.index) == 0 {
				f.n = 0
				return false
			}
			if f.err = f.read(); f.err != nil {
				return false
			}
			f.inside = false
		}
		if f.decode(); f.err != nil {
			f.n = 0
			return false
		}
		if f.n > 0 {
			return true
		}
	}
}

// Pair is valid until the next call of Next.
func (f *PairFile) Pair() *Pair { return &f.pairs[f.at] }

// decode decodes some pairs of the block, and leaves out those that are not of the partition.
func (f *PairFile) decode() {
	rest := f.rest
	f.n = 0
	for range min(f.left, pairChunk) {
		head, rest1 := uvarint(rest)
		right := head >> 1
		left := f.last >> (letterBits + pairShift)
		if head&1 == 1 {
			left = head >> 1
			right, rest1 = uvarint(rest1)
		} else if right += f.last >> pairShift & (mostLetters - 1); !f.inside {
			rest1 = nil
		}
		count, rest2 := uvarint(rest1)
		documents, rest3 := uvarint(rest2)
		if rest3 == nil || left >= mostLetters || right >= mostLetters {
			f.err = sorted.Damaged(f.name, "a pair is cut off, or has no letters")
			return
		}
		key := left<<(letterBits+pairShift) | right<<pairShift
		if f.any && f.last >= key {
			f.err = sorted.Damaged(f.name, "%v", outOfOrder(key))
			return
		}
		f.last, f.any, f.inside = key, true, true
		rest = rest3
		f.left--
		if key < f.least {
			continue
		}
		if key > f.most {
			f.left, f.index, rest = 0, nil, nil
			break
		}
		f.pairs[f.n] = Pair{key, int64(count>>1) ^ -int64(count&1), int64(documents>>1) ^ -int64(documents&1)}
		f.n++
	}
	f.rest = rest
}
