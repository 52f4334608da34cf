package fasttext

import "bytes"

const (
	endOfText   = "</s>"
	labelPrefix = "__label__" // what a token begins with that is no word though no label of the model: the prefix is not in the file
)

// dictionary knows the words of a model and its labels.
type dictionary struct {
	count       int // of words; labels have the numbers behind them
	text        []byte
	ends        []uint32 // where in text each entry ends
	hashes      []uint32
	slots       []int32 // of the hash table: an entry's number plus one
	labels      []string
	labelCounts []int64

	prunedSize int64 // of the index that follows the entries, -1 for none
}

// leastEntry is the size of an entry in the file that is empty: its end, its count, its kind.
const leastEntry = 1 + 8 + 1

func (d *dictionary) read(r *reader) {
	size, words, labels := r.int32("the dictionary's size"), r.int32("the number of words"), r.int32("the number of labels")
	r.int64("the number of tokens")
	d.prunedSize = r.int64("the size of the pruned index")
	switch {
	case r.err != nil:
		return
	case words < 0 || labels < 1 || int64(size) != int64(words)+int64(labels):
		r.fail("a dictionary of %d entries, %d of them words and %d labels", size, words, labels)
		return
	case !r.has(int64(size), leastEntry, "entries of the dictionary"):
		return
	}
	d.count = int(words)
	d.ends, d.hashes = make([]uint32, 0, size), make([]uint32, 0, size)
	for i := int32(0); i < size && r.err == nil; i++ {
		d.readEntry(r, i)
	}
	if r.err == nil {
		d.fill()
	}
}

func (d *dictionary) readEntry(r *reader, i int32) {
	from := len(d.text)
	for r.err == nil {
		c := r.next(1, "a word of the dictionary")[0]
		if c == 0 {
			break
		}
		d.text = append(d.text, c)
	}
	count, kind := r.int64("a word's count"), r.next(1, "a word's kind")[0]
	if label := i >= int32(d.count); r.err == nil && (kind > 1 || label != (kind == 1)) {
		r.fail("entry %d of the dictionary, %q, is of kind %d: words (0) come first, then labels (1)", i, clip(d.text[from:]), kind)
	}
	if uint64(len(d.text)) > 1<<32-1 {
		r.fail("more than 4 GiB of words")
	}
	if r.err != nil {
		return
	}
	d.ends, d.hashes = append(d.ends, uint32(len(d.text))), append(d.hashes, hashBytes(d.text[from:]))
	if kind == 1 {
		d.labels, d.labelCounts = append(d.labels, string(d.text[from:])), append(d.labelCounts, count)
	}
}

func clip(word []byte) []byte { return word[:min(len(word), 40)] }

// fill makes the hash table. Of equal words the last one counts.
func (d *dictionary) fill() {
	size := 8
	for size < 2*len(d.ends) {
		size *= 2
	}
	d.slots = make([]int32, size)
	for i := range d.ends {
		d.slots[d.slot(d.entry(i), d.hashes[i])] = int32(i) + 1
	}
}

func (d *dictionary) entry(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = d.ends[i-1]
	}
	return d.text[from:d.ends[i]]
}

// slot is where a word stands or would stand.
func (d *dictionary) slot(word []byte, h uint32) int {
	mask := len(d.slots) - 1
	at := int(h) & mask
	for d.slots[at] != 0 {
		if i := int(d.slots[at]) - 1; d.hashes[i] == h && bytes.Equal(d.entry(i), word) {
			break
		}
		at = (at + 1) & mask
	}
	return at
}

// find is the number of a word or label, -1 for none.
func (d *dictionary) find(word []byte, h uint32) int {
	return int(d.slots[d.slot(word, h)]) - 1
}

// FNV-1a of 32 bits, but over signed bytes.
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

func hashByte(h uint32, c byte) uint32 { return (h ^ uint32(int32(int8(c)))) * hashPrime }

func hashBytes(b []byte) uint32 {
	h := uint32(hashStart)
	for _, c := range b {
		h = hashByte(h, c)
	}
	return h
}
