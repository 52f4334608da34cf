package release

import (
	"bytes"
	"errors"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// Whatever stands in a file of rows, it is read whole or is damaged, and what is read can be used.
func FuzzReadRows(f *testing.F) {
	f.Add(written(f, someRows(5)))
	f.Add(written(f, &rows{}))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := readBytes(t, data)
		if err != nil {
			if !errors.Is(err, sorted.ErrDamaged) {
				t.Error(err)
			}
			return
		}
		d := &decision{}
		for i := range r.len() {
			_, _ = r.figure.At(i), d.taking(nil, r).name(i)
		}
	})
}

// Whatever stands in a file of encode, it is read whole or is damaged.
func FuzzScattered(f *testing.F) {
	memory := pipelinetest.NewMemory()
	names := scatterAll(f, &pipeline.Job{Work: memory}, []scatteredRecord{{ID: 1, Text: []byte("text")}, {ID: 2, Partition: 1, Tokens: []int32{1, 2}}}, 1, 2)
	f.Add(bytes.Clone(memory.Get(names[0])))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := pipelinetest.NewMemory()
		pipelinetest.Must(t, pipeline.WriteAll(t.Context(), files, names[0], data))
		s, err := openScattered(t.Context(), &pipeline.Job{Work: files}, names, 2)
		if err != nil {
			if !errors.Is(err, sorted.ErrDamaged) {
				t.Error(err)
			}
			return
		}
		defer func() { pipelinetest.Must(t, s.close()) }()
		for p := range 2 {
			if err := s.gather(t.Context(), p, &testLayout, 64, func(*record) error { return nil }); err != nil && !errors.Is(err, sorted.ErrDamaged) {
				t.Error(err)
			}
		}
	})
}

// Records of a block are read whole or are damaged, and so is what they hold: checksums keep damage from here, so nothing else does.
func FuzzRecords(f *testing.F) {
	r := scatteredRecord{Copy: 2, Text: []byte("text"), Number: -7, Tokens: []int32{1, 1 << 20}}
	f.Add(append(append(make([]byte, 32), 2, byte(len(r.payload()))), r.payload()...))
	f.Fuzz(func(t *testing.T, data []byte) {
		var back []byte
		whole := true
		err := eachRecord("f", data, func(_ *numbered, payload []byte) error {
			var r record
			if whole = whole && testLayout.decode(&r, payload) == nil; !whole {
				return nil
			}
			got := scatteredRecord{Copy: r.copies - 1, Text: r.texts[0], Number: r.numbers[0], Tokens: r.tokens}
			back = append(back, got.payload()...)
			return nil
		})
		if err != nil && !errors.Is(err, sorted.ErrDamaged) {
			t.Error(err)
		}
		if err == nil && whole && len(data) > 0 && len(back) == 0 {
			t.Error("there are no records")
		}
	})
}
