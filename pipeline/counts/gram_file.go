package counts

import (
	"context"
	"strconv"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/sorted"
)

// gramsMagic is of files of n-grams that are numbers, with n behind it: see GramWriter. The key of a block is that of its first n-gram.
const gramsMagic = "MRGRAMS"

// magicOf is the magic word of files of n-grams of a length.
func magicOf(of string, n int) string { return of + strconv.Itoa(n) }

// GramWriter writes a file of n-grams of one length. It is used by one goroutine.
type GramWriter struct {
	*blockWriter
	n     int
	shift uint
	last  uint64 // key
}

// CreateGrams begins a file of the version that a job makes, of n-grams of up to MostNumbered letters.
func CreateGrams(ctx context.Context, job *pipeline.Job, name string, n int) (*GramWriter, error) {
	out, err := pipeline.CreateOut(ctx, job, name)
	if err != nil {
		return nil, err
	}
	return newGramWriter(out, n), nil
}

// newGramWriter writes blocks that are not packed: there is little to gain.
func newGramWriter(out *pipeline.OutputWriter, n int) *GramWriter {
	return &GramWriter{blockWriter: newBlockWriter(out, magicOf(gramsMagic, n), true), n: n, shift: keyShift(n)}
}

// Add appends an n-gram, which must come behind the one before.
//
// A record begins with the uvarint of twice what the letters but the first, as one number, are above those of the record before, if that has the same first one and is in the block;
// else with that of twice the first letter as it stands in the key, and 1, and the uvarint of the other letters. Count and documents follow as varints.
func (w *GramWriter) Add(key uint64, count, documents int64) error {
	if w.items > 0 && w.last >= key {
		return outOfOrder(w.n, key)
	}
	if w.inside > 0 && w.last>>firstShift == key>>firstShift {
		w.block = appendUvarint(w.block, (key-w.last)>>w.shift<<1)
	} else {
		w.block = appendUvarint(appendUvarint(w.block, key>>firstShift<<1|1), key<<letterBits>>letterBits>>w.shift)
	}
	w.last = key
	w.block = appendVarint(appendVarint(w.block, count), documents)
	w.end(key)
	return nil
}

// Close removes what was written, unless it was committed. A nil one can be closed.
func (w *GramWriter) Close() error {
	if w == nil {
		return nil
	}
	return w.blockWriter.Close()
}

// gramChunk is how many n-grams of a block are decoded at once.
const gramChunk = 128

// GramFile reads the n-grams of one partition of the keys out of a file. It holds one block.
type GramFile struct {
	*blockFile
	n           int
	shift       uint
	least, most uint64
	last        uint64 // key
	any, inside bool   // there was an n-gram before: in the file, in the block
	grams       [gramChunk]Gram
	at, decoded int // of grams
}

// OpenGrams opens a file of n-grams of a length, and reads its index. It is closed with files.
func OpenGrams(files *sorted.Handles, name string, n, partition, partitions int) (*GramFile, error) {
	b, err := openBlocks(files, name, magicOf(gramsMagic, n))
	if err != nil {
		return nil, err
	}
	f := &GramFile{blockFile: b, n: n, shift: keyShift(n), at: -1}
	f.least, f.most = sorted.KeyRange(partition, partitions)
	f.cut(f.least, f.most)
	return f, nil
}

// Next goes on to the next n-gram, if there is one.
func (f *GramFile) Next() bool {
	if f.at++; f.at < f.decoded {
		return true
	}
	for f.at, f.decoded = 0, 0; f.decoded == 0; {
		if f.left == 0 {
			if f.err != nil || len(f.index) == 0 {
				return false
			}
			if f.err = f.read(); f.err != nil {
				return false
			}
			f.inside = false
		}
		if f.decode(); f.err != nil {
			f.decoded = 0
			return false
		}
	}
	return true
}

// Gram is valid until the next call of Next.
func (f *GramFile) Gram() *Gram { return &f.grams[f.at] }

// decode decodes some n-grams of the block, and leaves out those that are not of the partition.
func (f *GramFile) decode() {
	rest := f.rest
	most := ^uint64(0) >> letterBits >> f.shift // of the letters but the first
	for range min(f.left, gramChunk) {
		head, behind := uvarint(rest)
		first, others := f.last>>firstShift, head>>1
		if head&1 == 1 {
			first = head >> 1
			others, behind = uvarint(behind)
		} else if others += f.last << letterBits >> letterBits >> f.shift; !f.inside {
			behind = nil
		}
		count, behind := uvarint(behind)
		documents, behind := uvarint(behind)
		if behind == nil || first >= mostLetters || others > most {
			f.err = sorted.Damaged(f.name, "an n-gram is cut off, or has no letters")
			return
		}
		key := first<<firstShift | others<<f.shift
		if f.any && f.last >= key {
			f.err = sorted.Damaged(f.name, "%v", outOfOrder(f.n, key))
			return
		}
		f.last, f.any, f.inside = key, true, true
		rest = behind
		f.left--
		if key < f.least {
			continue
		}
		if key > f.most {
			f.left, f.index, rest = 0, nil, nil
			break
		}
		f.grams[f.decoded] = Gram{key, int64(count>>1) ^ -int64(count&1), int64(documents>>1) ^ -int64(documents&1)}
		f.decoded++
	}
	f.rest = rest
}
