package release

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/sorted"
)

// rows are the documents of a task of select, in the order of the corpus, and what became of each: a row a document, and for those that are selected what
// balance and encode go by.
type rows struct {
	id      [][16]byte
	why     []uint8 // 0: selected, else the number of a reason, from 1 on
	figure  columnar.Strings
	bytes   []int64 // of the text
	amount  []int64 // in the unit of the mixture; of tokens, see counted
	weight  []int32 // copies, before the mixture repeats
	split   []uint8 // number among the splits
	stratum []int32 // number in strata
	value   []int64 // the signal whose buckets are strata
	order   []int64 // the signal that documents are sorted by
	site    []uint64
	// What is cut from the text, in lines and characters: empty where no line is cut, or while texts were not read.
	cutLines []int32
	cutChars []int64

	strata  []string
	reasons []string
}

// rowsName is the file of a task.
func rowsName(task int) string { return fmt.Sprintf("%s/%06d.rows", stageSelect, task) }

const rowsMagic = "MRSELRW1"

// rowsHead is the head of a file of rows, in JSON.
type rowsHead struct {
	Rows    int      `json:"rows"`
	Strata  []string `json:"strata,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
}

// reason returns the number of a reason.
func (r *rows) reason(name string) uint8 {
	for i, s := range r.reasons {
		if s == name {
			return uint8(i + 1)
		}
	}
	r.reasons = append(r.reasons, name)
	return uint8(len(r.reasons))
}

// leave leaves documents out for a reason, by their numbers, with what is said of each.
func (r *rows) leave(reason string, figures map[int]string) {
	if len(figures) == 0 {
		return
	}
	number := r.reason(reason)
	var all columnar.Strings
	for i := range r.id {
		if figure, ok := figures[i]; ok {
			r.why[i] = number
			all.Append([]byte(figure))
		} else {
			all.Append(r.figure.At(i))
		}
	}
	r.figure = all
}

func (r *rows) len() int { return len(r.id) }

// columns are all fixed columns, for encoding and decoding.
func (r *rows) columns() []any {
	return []any{&r.why, &r.bytes, &r.amount, &r.weight, &r.split, &r.stratum, &r.value, &r.order, &r.site, &r.cutLines, &r.cutChars}
}

// write writes a file: magic, then {length of the frame, length of what is in it, both uint32} and a zstd frame with a checksum for the head and for each column.
func (r *rows) write(ctx context.Context, job *pipeline.Job, name string) (out pipeline.Output, err error) {
	f, err := pipeline.CreateWork(ctx, job, name)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head, err := json.Marshal(rowsHead{r.len(), r.strata, r.reasons})
	if err != nil {
		return out, err
	}
	if _, err := f.Write([]byte(rowsMagic)); err != nil {
		return out, err
	}
	var frame, raw []byte
	put := func(data []byte) error {
		frame = columnar.Pack(append(frame[:0], make([]byte, 8)...), data)
		binary.LittleEndian.PutUint32(frame, uint32(len(frame)-8))
		binary.LittleEndian.PutUint32(frame[4:], uint32(len(data)))
		_, err := f.Write(frame)
		return err
	}
	ids := make([]byte, 0, 16*r.len())
	for i := range r.id {
		ids = append(ids, r.id[i][:]...)
	}
	for _, data := range [][]byte{head, ids, r.figure.Data} {
		if err := put(data); err != nil {
			return out, err
		}
	}
	if r.figure.Len() == 0 {
		r.figure.Offsets = []int32{0}
	}
	for _, c := range append([]any{&r.figure.Offsets}, r.columns()...) {
		if raw, err = appendColumn(raw[:0], c); err != nil {
			return out, err
		}
		if err := put(raw); err != nil {
			return out, err
		}
	}
	return f.Commit(int64(r.len()))
}

func appendColumn(dst []byte, column any) ([]byte, error) {
	switch c := column.(type) {
	case *[]uint8:
		return append(dst, *c...), nil
	case *[]int32:
		return binary.Append(dst, binary.LittleEndian, *c)
	case *[]int64:
		return binary.Append(dst, binary.LittleEndian, *c)
	case *[]uint64:
		return binary.Append(dst, binary.LittleEndian, *c)
	}
	panic("a column of another type") // programmer error
}

func readColumn(raw []byte, column any) (err error) {
	switch c := column.(type) {
	case *[]uint8:
		*c = append([]uint8(nil), raw...)
	case *[]int32:
		*c = make([]int32, len(raw)/4)
		_, err = binary.Decode(raw, binary.LittleEndian, *c)
	case *[]int64:
		*c = make([]int64, len(raw)/8)
		_, err = binary.Decode(raw, binary.LittleEndian, *c)
	case *[]uint64:
		*c = make([]uint64, len(raw)/8)
		_, err = binary.Decode(raw, binary.LittleEndian, *c)
	}
	return err
}

// readRows reads a file. Damage is a sorted.ErrDamaged.
func readRows(ctx context.Context, s pipeline.Store, name string) (*rows, error) {
	data, err := pipeline.ReadAll(ctx, s, name)
	if err != nil {
		return nil, err
	}
	if len(data) < len(rowsMagic) || string(data[:len(rowsMagic)]) != rowsMagic {
		return nil, sorted.Damaged(name, "it is no file of rows")
	}
	data = data[len(rowsMagic):]
	get := func() ([]byte, error) {
		if len(data) < 8 {
			return nil, sorted.Damaged(name, "it is cut")
		}
		n, size := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:])
		if uint64(n) > uint64(len(data)-8) {
			return nil, sorted.Damaged(name, "it is cut")
		}
		raw, err := columnar.Unpack(nil, data[8:8+n], int(size))
		if err != nil {
			return nil, sorted.Damaged(name, "%v", err)
		}
		data = data[8+n:]
		return raw, nil
	}
	r := &rows{}
	var head rowsHead
	raw, err := get()
	if err == nil {
		err = json.Unmarshal(raw, &head)
	}
	if err != nil {
		return nil, sorted.Damaged(name, "%v", err)
	}
	r.strata, r.reasons = head.Strata, head.Reasons
	if raw, err = get(); err != nil {
		return nil, err
	}
	r.id = make([][16]byte, len(raw)/16)
	for i := range r.id {
		copy(r.id[i][:], raw[16*i:])
	}
	if r.figure.Data, err = get(); err != nil {
		return nil, err
	}
	for _, c := range append([]any{&r.figure.Offsets}, r.columns()...) {
		if raw, err = get(); err != nil {
			return nil, err
		}
		if err := readColumn(raw, c); err != nil {
			return nil, sorted.Damaged(name, "%v", err)
		}
	}
	if len(data) > 0 || !r.fits(head.Rows) {
		return nil, sorted.Damaged(name, "it has not the %d rows that it says", head.Rows)
	}
	return r, nil
}

// fits says whether all columns have so many rows, and what they refer to is there.
func (r *rows) fits(n int) bool {
	for _, have := range []int{
		len(r.id), r.figure.Len(), len(r.why), len(r.bytes), len(r.amount), len(r.weight), len(r.split), len(r.stratum), len(r.value), len(r.order), len(r.site),
	} {
		if have != n {
			return false
		}
	}
	if len(r.cutLines) != len(r.cutChars) || len(r.cutLines) != 0 && len(r.cutLines) != n {
		return false
	}
	at := r.figure.Offsets
	if len(at) != n+1 || at[0] != 0 || int(at[n]) != len(r.figure.Data) || !slices.IsSorted(at) {
		return false
	}
	for i := range n {
		if int(r.why[i]) > len(r.reasons) || r.stratum[i] < 0 || int(r.stratum[i]) >= len(r.strata) {
			return false
		}
	}
	return true
}
