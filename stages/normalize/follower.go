package normalize

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/text/words"
)

// follower keeps the words that documents came in in step with their texts. It makes of each word by itself what the profile makes of it, and looks
// for these in the text one behind the other, with nothing but white space between them, and what stood there before.
type follower struct {
	profile profile
	counts  counts  // of what is normalised a second time: they are nobody's
	before  []int32 // lengths, as the document came
	after   []int32
	piece   []byte
	scratch []byte
	meta    columnar.Strings // of the batch up to the current row, if one has changed
	changed bool
	lost    int64
}

func newFollower(c Config) *follower {
	f := &follower{}
	if c.Profile == NFKC {
		f.profile = newNFKC(&f.counts)
	} else {
		f.profile = newZhSafe(&f.counts)
	}
	return f
}

// follow takes the document of a row, with its text as it came and as the profile leaves it. Rows come one after the other.
func (f *follower) follow(b *columnar.Batch, row int, raw, normal []byte) {
	if row >= b.Meta.Len() {
		return
	}
	meta := b.Meta.At(row)
	if !bytes.HasSuffix(meta, []byte("]}")) || bytes.Equal(raw, normal) {
		f.keep(meta)
		return
	}
	f.scratch = append(f.scratch[:0], meta...)
	lengths, rest, ok := words.CutGiven(f.before[:0], f.scratch)
	f.before = lengths
	if !ok {
		f.keep(meta)
		return
	}
	if !f.changed {
		f.changed = true
		for i := range row {
			f.meta.Append(b.Meta.At(i))
		}
	}
	if f.after, ok = f.lengths(f.after[:0], raw, normal); ok {
		rest = words.AppendGiven(rest, 0, f.after)
	} else {
		f.lost++
	}
	f.meta.Append(rest)
}

func (f *follower) keep(meta []byte) {
	if f.changed {
		f.meta.Append(meta)
	}
}

// lengths appends those of the words in a text, and says whether all are there.
func (f *follower) lengths(dst []int32, raw, normal []byte) (_ []int32, ok bool) {
	gap := int32(0) // characters that are in no word, in front of the next one
	for _, n := range f.before {
		size := 0
		for range max(n, -n) {
			if size == len(raw) {
				return dst, false
			}
			_, bytes := utf8.DecodeRune(raw[size:])
			size += bytes
		}
		f.piece = f.profile.append(f.piece[:0], raw[:size])
		raw = raw[size:]
		if len(f.piece) == 0 {
			continue // white space, or what leaves no trace
		}
		for !bytes.HasPrefix(normal, f.piece) {
			r, size := utf8.DecodeRune(normal)
			if !unicode.IsSpace(r) {
				return dst, false
			}
			normal = normal[size:]
			gap++
		}
		normal = normal[len(f.piece):]
		characters := int32(text.CountRunes(f.piece))
		if n < 0 {
			gap += characters
			continue
		}
		if gap > 0 {
			dst = append(dst, -gap)
		}
		dst, gap = append(dst, characters), 0
	}
	if len(raw) > 0 || len(bytes.TrimFunc(normal, unicode.IsSpace)) > 0 {
		return dst, false
	}
	if gap += int32(text.CountRunes(normal)); gap > 0 {
		dst = append(dst, -gap)
	}
	return dst, true
}

// finish gives the batch its metadata, and keeps the memory of what it had.
func (f *follower) finish(b *columnar.Batch) {
	b.Counters.Add(ingest.CounterLostWords, f.lost)
	f.lost = 0
	if f.changed {
		b.Meta, f.meta = f.meta, b.Meta
	}
	const ordinary = 8 << 20
	f.changed = false
	f.meta.Reset()
	if cap(f.meta.Data) > ordinary {
		f.meta.Data = nil
	}
	if cap(f.piece)+cap(f.scratch) > ordinary {
		f.piece, f.scratch, f.before, f.after = nil, nil, nil, nil
	}
}
