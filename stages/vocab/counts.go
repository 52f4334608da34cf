package vocab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
)

// count says how often a character occurs, and in how many documents.
type count struct {
	Rune      rune
	Count     int64
	Documents int64
}

// A counts file is the magic word, three unsigned varints a character (distance to the code point before it, count,
// documents), in order of the code point, and the xxh3-64 of all that, little-endian. Code points start at -1, so every
// distance is at least 1.
const (
	countsMagic    = "mrcount1"
	countsChecksum = 8
	// maxCountsBytes is more than a file of every code point there is can have.
	maxCountsBytes = 24 << 20
	// maxCount leaves room to add a million shards.
	maxCount = 1 << 43
)

// encodeCounts encodes counts that are in order of the code point.
func encodeCounts(counts []count) []byte {
	b := []byte(countsMagic)
	last := rune(-1)
	for _, c := range counts {
		b = binary.AppendUvarint(b, uint64(c.Rune-last))
		b = binary.AppendUvarint(b, uint64(c.Count))
		b = binary.AppendUvarint(b, uint64(c.Documents))
		last = c.Rune
	}
	return binary.LittleEndian.AppendUint64(b, xxh3.Hash(b))
}

// decodeCounts calls yield with every count of a file, in order of the code point. Damage is an error, and yield sees
// nothing of a file whose checksum is wrong.
func decodeCounts(b []byte, yield func(count) error) error {
	if len(b) < len(countsMagic)+countsChecksum || string(b[:len(countsMagic)]) != countsMagic {
		return errors.New("not a counts file")
	}
	body, sum := b[:len(b)-countsChecksum], b[len(b)-countsChecksum:]
	if xxh3.Hash(body) != binary.LittleEndian.Uint64(sum) {
		return errors.New("checksum is wrong")
	}
	d := decoder{rest: body[len(countsMagic):]}
	last := int64(-1)
	for len(d.rest) > 0 {
		distance, n, documents := d.uvarint(), d.uvarint(), d.uvarint()
		switch {
		case d.bad:
			return errors.New("a number is cut off or too large")
		case distance == 0 || int64(distance) > utf8.MaxRune-last:
			return fmt.Errorf("code points are out of order after %#x", last)
		case documents == 0 || documents > n || n > maxCount:
			return fmt.Errorf("count %d in %d documents cannot be", n, documents)
		}
		last += int64(distance)
		if !utf8.ValidRune(rune(last)) {
			return fmt.Errorf("%#x is no character", last)
		}
		if err := yield(count{Rune: rune(last), Count: int64(n), Documents: int64(documents)}); err != nil {
			return err
		}
	}
	return nil
}

// decoder reads varints and remembers whether one was bad.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || v > 1<<62 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[n:]
	return v
}
