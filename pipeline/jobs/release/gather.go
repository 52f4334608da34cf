package release

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/sorted"
)

// partitionBytes of records are sorted in memory at once: a partition of more is read several times.
const partitionBytes = 32 << 20

// record is a copy of a document, in the order of its split. It is valid until the next.
type record struct {
	id      [16]byte
	copy    int
	copies  int
	stratum int // number among those of the decision, from 1 on; 0: none
	tokens  []int32
	texts   [][]byte // columns of documents that are strings, in the order in which the plan has them
	numbers []int64  // the others
}

// layout says what records have.
type layout struct {
	tokens bool
	text   []bool // of each column, whether it is a string
}

func layoutOf(b *body) (l layout) {
	l.tokens = b.Tokens != nil
	for _, name := range b.columns() {
		c, _ := documentColumn(name)
		l.text = append(l.text, c.Type == columnar.String)
	}
	return l
}

var errRecord = errors.New("a record is not what was written")

// decode decodes the payload of a record.
func (l *layout) decode(r *record, b []byte) error {
	cut := false
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			b, cut = nil, true
			return 0
		}
		b = b[n:]
		return v
	}
	r.copies, r.stratum = int(next()), int(next())
	if r.tokens = r.tokens[:0]; l.tokens {
		n := next()
		if n > uint64(len(b)/4) {
			return errRecord
		}
		r.tokens = decodeIDs(r.tokens, b[:4*n])
		b = b[4*n:]
	}
	r.texts, r.numbers = r.texts[:0], r.numbers[:0]
	for _, text := range l.text {
		if !text {
			v, n := binary.Varint(b)
			if n <= 0 {
				return errRecord
			}
			r.numbers, b = append(r.numbers, v), b[n:]
			continue
		}
		n := next()
		if n > uint64(len(b)) {
			return errRecord
		}
		r.texts, b = append(r.texts, b[:n]), b[n:]
	}
	if len(b) > 0 || cut || r.copies < 1 {
		return errRecord
	}
	return nil
}

// gather hands over the copies of documents of a partition in their order: of what is too much for memory, one part of the places after the other.
func (s *scattered) gather(ctx context.Context, partition int, l *layout, most int64, yield func(*record) error) error {
	cuts, err := s.cuts(partition, most)
	if err != nil {
		return err
	}
	var of []numbered
	data := make([]byte, 0, min(s.bytes(partition), most))
	var r record
	for i := range len(cuts) + 1 {
		of, data = of[:0], data[:0]
		err := s.each(partition, func(n *numbered, payload []byte) error {
			if i > 0 && n.place.compare(cuts[i-1]) < 0 || i < len(cuts) && n.place.compare(cuts[i]) >= 0 {
				return nil
			}
			n.at = len(data)
			data = binary.AppendUvarint(data, uint64(len(payload)))
			data = append(data, payload...)
			of = append(of, *n)
			return nil
		})
		if err != nil {
			return err
		}
		slices.SortFunc(of, func(a, b numbered) int { return a.compare(&b) })
		for k := range of {
			n := &of[k]
			length, head := binary.Uvarint(data[n.at:])
			r.id, r.copy = n.id, n.copy
			if err := l.decode(&r, data[n.at+head:][:length]); err != nil {
				return sorted.Damaged("a file of "+stageEncode, "%v", err)
			}
			if err := yield(&r); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// cuts are places by which a partition falls into parts of so many bytes at most, but for places that hold more.
func (s *scattered) cuts(partition int, most int64) (cuts []place, err error) {
	all := s.bytes(partition)
	if all <= most {
		return nil, nil
	}
	type sized struct {
		place
		bytes int64
	}
	var places []sized
	if err := s.each(partition, func(n *numbered, payload []byte) error {
		places = append(places, sized{n.place, int64(len(payload)) + 48})
		return nil
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(places, func(a, b sized) int { return a.compare(b.place) })
	sum := int64(0)
	for i := 0; i < len(places); {
		at, bytes := places[i].place, int64(0)
		for ; i < len(places) && places[i].compare(at) == 0; i++ {
			bytes += places[i].bytes
		}
		if sum+bytes > most && sum > 0 {
			cuts, sum = append(cuts, at), 0
		}
		sum += bytes
	}
	return cuts, nil
}

// scatteredNames are the files of all tasks of encode.
func scatteredNames(b *body) (names []string) {
	for i := range b.Splits {
		names = append(names, scatterName(i))
	}
	return names
}

// shardOf is the split of a task of write, and the number of its shard there.
func (d *decision) shardOf(task int) (split *splitOf, number int, err error) {
	for i := range d.Splits {
		if task < d.Splits[i].Shards {
			return &d.Splits[i], task, nil
		}
		task -= d.Splits[i].Shards
	}
	return nil, 0, pipeline.Permanent(fmt.Errorf("there are %d shards", d.shards()))
}
