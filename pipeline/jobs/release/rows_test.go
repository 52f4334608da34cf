package release

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// someRows are rows of all kinds.
func someRows(n int) *rows {
	r := &rows{strata: []string{"laws", ""}, reasons: []string{"chars >= 10", "zh:ends"}}
	for i, id := range idsOf(n) {
		r.id = append(r.id, id)
		r.why = append(r.why, uint8(i%3))
		r.figure.Append([]byte("chars 7")[:i%7])
		r.bytes, r.amount, r.weight = append(r.bytes, int64(i)*1e9), append(r.amount, -int64(i)), append(r.weight, int32(i))
		r.split, r.stratum = append(r.split, uint8(i%2)), append(r.stratum, int32(i%2))
		r.value, r.order, r.site = append(r.value, int64(i)-5), append(r.order, 1<<62), append(r.site, ^uint64(i))
		if n > 1 { // where lines are cut
			r.cutLines, r.cutChars = append(r.cutLines, int32(i)), append(r.cutChars, int64(i)<<33)
		}
	}
	return r
}

func written(t testing.TB, r *rows) []byte {
	t.Helper()
	memory := pipelinetest.NewMemory()
	_, err := r.write(t.Context(), &pipeline.Job{Work: memory}, "r")
	pipelinetest.Must(t, err)
	return bytes.Clone(memory.Get("r"))
}

func readBytes(t testing.TB, data []byte) (*rows, error) {
	t.Helper()
	memory := pipelinetest.NewMemory()
	pipelinetest.Must(t, pipeline.WriteAll(t.Context(), memory, "r", data))
	return readRows(t.Context(), memory, "r")
}

func TestRows(t *testing.T) {
	for _, n := range []int{0, 1, 1000} {
		want := someRows(n)
		got, err := readBytes(t, written(t, want))
		pipelinetest.Must(t, err)
		if n == 0 {
			if got.len() != 0 {
				t.Errorf("%d rows", got.len())
			}
			continue
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(rows{}), cmpopts.EquateEmpty()); d != "" {
			t.Error(d)
		}
	}
}

// Who is left out later has the new reason and figure, and all others keep theirs.
func TestRowsLeave(t *testing.T) {
	r, was := someRows(9), someRows(9)
	r.leave("empty", map[int]string{3: "0 tokens", 8: ""})
	r.leave("none", nil)
	for i := range 9 {
		why, figure := was.why[i], string(was.figure.At(i))
		switch i {
		case 3:
			why, figure = 3, "0 tokens"
		case 8:
			why, figure = 3, ""
		}
		if r.why[i] != why || string(r.figure.At(i)) != figure {
			t.Errorf("row %d: %d, %q, want %d, %q", i, r.why[i], r.figure.At(i), why, figure)
		}
	}
	if d := cmp.Diff([]string{"chars >= 10", "zh:ends", "empty"}, r.reasons); d != "" {
		t.Error(d)
	}
}

// Damage anywhere is found, and so are columns that do not fit together.
func TestRowsDamaged(t *testing.T) {
	whole := written(t, someRows(20))
	for i := range whole {
		data := bytes.Clone(whole)
		data[i] ^= 0x41
		if _, err := readBytes(t, data); !errors.Is(err, sorted.ErrDamaged) {
			t.Errorf("byte %d of %d is another: %v", i, len(whole), err)
		}
	}
	for n := range whole {
		if _, err := readBytes(t, whole[:n]); !errors.Is(err, sorted.ErrDamaged) {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
	for what, change := range map[string]func(r *rows){
		"no reason":      func(r *rows) { r.why[3] = 9 },
		"no stratum":     func(r *rows) { r.stratum[3] = 2 },
		"below all":      func(r *rows) { r.stratum[3] = -1 },
		"fewer amounts":  func(r *rows) { r.amount = r.amount[1:] },
		"fewer splits":   func(r *rows) { r.split = r.split[1:] },
		"figures behind": func(r *rows) { r.figure.Offsets[3] = 1 << 30 },
		"figures cut":    func(r *rows) { r.figure.Data = r.figure.Data[1:] },
	} {
		r := someRows(20)
		change(r)
		if _, err := readBytes(t, written(t, r)); !errors.Is(err, sorted.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
