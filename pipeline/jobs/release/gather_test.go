package release

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// scatteredRecord is a copy of a document as a test scatters it.
type scatteredRecord struct {
	Task, Partition int
	Place           place
	ID, Copy        int
	Text            []byte
	Number          int64
	Tokens          []int32
}

// payload is what encode writes of it, in a layout with all kinds of columns.
func (r *scatteredRecord) payload() []byte {
	p := binary.AppendUvarint(nil, uint64(r.Copy+1))
	p = binary.AppendUvarint(p, 3)
	p = appendIDs(binary.AppendUvarint(p, uint64(len(r.Tokens))), r.Tokens)
	p = append(binary.AppendUvarint(p, uint64(len(r.Text))), r.Text...)
	return binary.AppendVarint(p, r.Number)
}

var testLayout = layout{tokens: true, text: []bool{true, false}}

// scatterAll writes the files of tasks.
func scatterAll(t testing.TB, job *pipeline.Job, list []scatteredRecord, tasks, partitions int) (names []string) {
	t.Helper()
	for task := range tasks {
		s, err := newScatter(t.Context(), job, task, partitions)
		pipelinetest.Must(t, err)
		for i := range list {
			if r := &list[i]; r.Task == task {
				pipelinetest.Must(t, s.add(r.Partition, r.Place, &[16]byte{byte(r.ID)}, r.Copy, r.payload()))
			}
		}
		_, err = s.commit()
		pipelinetest.Must(t, errors.Join(err, s.close()))
		names = append(names, scatterName(task))
	}
	return names
}

// gathered are the records of all partitions, in the order in which they come.
func gathered(t testing.TB, job *pipeline.Job, names []string, partitions int, most int64) (list []scatteredRecord, err error) {
	t.Helper()
	s, err := openScattered(t.Context(), job, names, partitions)
	if err != nil {
		return nil, err
	}
	defer func() { pipelinetest.Must(t, s.close()) }()
	for p := range partitions {
		err := s.gather(t.Context(), p, &testLayout, most, func(r *record) error {
			if r.copies != r.copy+1 || r.stratum != 3 {
				t.Errorf("copy %d of %d, stratum %d", r.copy, r.copies, r.stratum)
			}
			list = append(list, scatteredRecord{
				Partition: p, ID: int(r.id[0]), Copy: r.copy, Text: bytes.Clone(r.texts[0]), Number: r.numbers[0], Tokens: slices.Clone(r.tokens),
			})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Records come out in the order of their places, whatever tasks they are of, and however little of a partition is in memory at once.
func TestGather(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tasks, partitions := rapid.IntRange(1, 4).Draw(rt, "tasks"), rapid.IntRange(1, 5).Draw(rt, "partitions")
		number := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 3))
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) scatteredRecord {
			return scatteredRecord{
				Task: rapid.IntRange(0, tasks-1).Draw(t, "task"), Partition: rapid.IntRange(0, partitions-1).Draw(t, "partition"),
				Place: place{number.Draw(t, "major"), number.Draw(t, "minor")}, ID: rapid.IntRange(0, 255).Draw(t, "id"), Copy: rapid.IntRange(0, 5).Draw(t, "copy"),
				Text: rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "text"), Number: rapid.Int64().Draw(t, "number"), Tokens: rapid.SliceOfN(rapid.Int32Min(0), 0, 9).Draw(t, "tokens"),
			}
		}), 0, 60).Draw(rt, "records")
		seen := map[[2]int]bool{} // a copy of a document is there once
		list = slices.DeleteFunc(list, func(r scatteredRecord) bool {
			was := seen[[2]int{r.ID, r.Copy}]
			seen[[2]int{r.ID, r.Copy}] = true
			return was
		})
		job := &pipeline.Job{Work: pipelinetest.NewMemory()}
		names := scatterAll(t, job, list, tasks, partitions)
		want := slices.Clone(list)
		slices.SortFunc(want, func(a, b scatteredRecord) int {
			if a.Partition != b.Partition {
				return a.Partition - b.Partition
			}
			x, y := numbered{place: a.Place, id: [16]byte{byte(a.ID)}, copy: a.Copy}, numbered{place: b.Place, id: [16]byte{byte(b.ID)}, copy: b.Copy}
			return x.compare(&y)
		})
		for i := range want {
			want[i].Task, want[i].Place = 0, place{}
		}
		for _, most := range []int64{1 << 20, 500, 1} {
			got, err := gathered(t, job, names, partitions, most)
			if err != nil {
				rt.Fatal(err)
			}
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("%d bytes in memory: %s", most, d)
			}
		}
	})
}

// Parts of a partition that are in memory at once are no larger than is said, but for a place that is.
func TestCuts(t *testing.T) {
	var list []scatteredRecord
	for i := range 200 {
		list = append(list, scatteredRecord{Place: place{Major: uint64(i / 2)}, ID: i, Text: bytes.Repeat([]byte{'x'}, 10+i%7*30)})
	}
	job := &pipeline.Job{Work: pipelinetest.NewMemory()}
	s, err := openScattered(t.Context(), job, scatterAll(t, job, list, 1, 1), 1)
	pipelinetest.Must(t, err)
	defer func() { pipelinetest.Must(t, s.close()) }()
	const most = 2000
	cuts, err := s.cuts(0, most)
	pipelinetest.Must(t, err)
	if len(cuts) < 10 || !slices.IsSortedFunc(cuts, place.compare) {
		t.Fatalf("cuts %v", cuts)
	}
	sums := make([]int, len(cuts)+1)
	for i := range list {
		k := 0
		for k < len(cuts) && list[i].Place.compare(cuts[k]) >= 0 {
			k++
		}
		sums[k] += len(list[i].payload()) + 48
	}
	for k, sum := range sums {
		if sum == 0 || sum > most {
			t.Errorf("part %d has %d bytes", k, sum)
		}
	}
}

// A file that is damaged anywhere is so found: never other records, never a panic.
func TestScatteredDamaged(t *testing.T) {
	memory := pipelinetest.NewMemory()
	job := &pipeline.Job{Work: memory}
	var list []scatteredRecord
	for i := range 12 {
		list = append(list, scatteredRecord{Partition: i % 3, Place: place{Major: uint64(i)}, ID: i, Text: []byte("text"), Tokens: []int32{7}})
	}
	names := scatterAll(t, job, list, 1, 3)
	whole := bytes.Clone(memory.Get(names[0]))
	try := func(what string, data []byte) {
		t.Helper()
		damaged := pipelinetest.NewMemory()
		pipelinetest.Must(t, pipeline.WriteAll(t.Context(), damaged, names[0], data))
		if _, err := gathered(t, &pipeline.Job{Work: damaged}, names, 3, 100); !errors.Is(err, sorted.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range whole {
		data := bytes.Clone(whole)
		data[i] ^= 0x41
		try("a changed byte", data)
	}
	for n := range len(whole) {
		try("the beginning", whole[:n])
	}
	try("half of it twice", append(bytes.Clone(whole[:len(whole)/2]), whole...))
	if _, err := gathered(t, job, names, 4, 100); !errors.Is(err, sorted.ErrDamaged) {
		t.Errorf("another number of partitions: %v", err)
	}
}
