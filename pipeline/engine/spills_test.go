package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// batchOf draws a batch as it stands between two stages.
func batchOf(t *rapid.T) *columnar.Batch {
	b := &columnar.Batch{Raw: rapid.Int64Range(0, 1<<40).Draw(t, "raw")}
	for range rapid.IntRange(0, 5).Draw(t, "rows") {
		b.File = append(b.File, rapid.Int32Range(0, 9).Draw(t, "file"))
		b.Offset = append(b.Offset, rapid.Int64Range(0, 1<<50).Draw(t, "offset"))
		b.Chars = append(b.Chars, rapid.Int32Range(0, 100).Draw(t, "chars"))
		b.Text.Append([]byte(rapid.String().Draw(t, "text")))
		b.Meta.Append([]byte(rapid.SampledFrom([]string{"", `{"title":"x"}`}).Draw(t, "meta")))
	}
	for range rapid.IntRange(0, 3).Draw(t, "rejects") {
		b.Rejects = append(b.Rejects, columnar.Reject{
			File: rapid.Int32Range(0, 9).Draw(t, "file"), Scope: columnar.Scope(rapid.IntRange(0, 1).Draw(t, "scope")),
			Filtered: rapid.Bool().Draw(t, "filtered"), Offset: rapid.Int64Range(0, 1<<50).Draw(t, "offset"),
			Bytes: rapid.Int64Range(0, 1<<30).Draw(t, "bytes"), Reason: rapid.StringN(0, 9, -1).Draw(t, "reason"), Detail: rapid.StringN(0, 50, -1).Draw(t, "detail"),
		})
	}
	for i := range b.Rejects {
		if rapid.Bool().Draw(t, "removed") {
			text := rapid.SliceOf(rapid.Byte()).Draw(t, "removed text") // whatever it is, it has to be the same
			b.Removed.Add(i, text, []byte(rapid.SampledFrom([]string{"", `{"title":"x"}`}).Draw(t, "removed meta")), rapid.Int32Range(0, 100).Draw(t, "removed chars"))
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "counters") {
		b.Counters.Add(rapid.StringN(1, 5, -1).Draw(t, "counter"), rapid.Int64Range(1, 1<<40).Draw(t, "n"))
	}
	b.AddMixed(rapid.Int32Range(0, 9).Draw(t, "file"), rapid.Int64Range(0, 3).Draw(t, "mixed"))
	for i := range rapid.IntRange(0, 2).Draw(t, "pages") {
		b.Pages = append(b.Pages, columnar.Page{File: int32(i), Offset: 7, Article: i == 0, Where: "div#正文", Blocks: 9, Taken: 3, Chars: 80, TakenChars: 60})
	}
	return b
}

// show is all of a batch that has to go from one worker to the next.
func show(b *columnar.Batch) string {
	var rows strings.Builder
	for i := range b.Len() {
		fmt.Fprintf(&rows, "%d %d %d %q %q\n", b.File[i], b.Offset[i], b.Chars[i], b.Text.At(i), b.Meta.At(i))
	}
	for i, at := range b.Removed.Reject {
		fmt.Fprintf(&rows, "reject %d: %d %q %q\n", at, b.Removed.Chars[i], b.Removed.Text.At(i), b.Removed.Meta.At(i))
	}
	return fmt.Sprintf("%s%+v %v %v %+v %d", rows.String(), b.Rejects, b.Counters, b.Mixed, b.Pages, b.Raw)
}

// TestSpillRoundTrip: the batches that the next worker has are those that this one had, one for one.
func TestSpillRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := pipelinetest.NewMemory()
		job := &pipeline.Job{Work: m}
		w, err := newSpillWriter(t.Context(), job, "a.arrow", true)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		rows, size := int64(0), int64(0)
		for range rapid.IntRange(0, 4).Draw(t, "batches") {
			b := batchOf(t)
			want = append(want, show(b))
			rows, size = rows+int64(b.Len()), size+int64(len(b.Text.Data))
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
		}
		outs, err := w.Commit()
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		r, err := openSpill(t.Context(), job, "a.arrow")
		if err != nil {
			t.Fatal(err)
		}
		b := columnar.Batch{Rejects: []columnar.Reject{{Reason: "of another batch"}}, Mixed: []columnar.FileCount{{N: 9}}, Pages: []columnar.Page{{File: 9}}}
		b.Removed.Add(0, []byte("of another batch"), nil, 1)
		for {
			err := r.Read(t.Context(), &b)
			if err == io.EOF { //nolint:errorlint // no other one is the end
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, show(&b))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		wantOuts := []pipeline.Output{
			{Name: "a.arrow.side", Rows: rows, Bytes: int64(len(m.Get("a.arrow.side"))), Digest: outs[0].Digest},
			{Name: "a.arrow", Rows: rows, Bytes: size, Digest: r.spill.Digest()},
		}
		if diff := cmp.Diff(wantOuts, outs); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
	})
}

// TestSideDamaged: no damage of what lies beside a spill goes unnoticed while its batches are read, nor ends the input early.
func TestSideDamaged(t *testing.T) {
	m := pipelinetest.NewMemory()
	job := &pipeline.Job{Work: m}
	w, err := newSpillWriter(t.Context(), job, "a.arrow", true)
	if err != nil {
		t.Fatal(err)
	}
	var b columnar.Batch
	addRow(&b, 1, 2, "text")
	b.Rejects = []columnar.Reject{{File: 1, Reason: "bad_row", Detail: "x"}}
	for range 2 {
		if err := w.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	whole := bytes.Clone(m.Get("a.arrow.side"))
	read := func(data []byte) (batches int, err error) {
		if err := pipeline.WriteAll(t.Context(), m, "a.arrow.side", data); err != nil {
			t.Fatal(err)
		}
		r, err := openSpill(t.Context(), job, "a.arrow")
		if err != nil {
			return 0, err
		}
		defer func() { _ = r.Close() }()
		for {
			if err = r.Read(t.Context(), &b); err != nil {
				return batches, err
			}
			batches++
		}
	}
	if n, err := read(whole); n != 2 || err != io.EOF { //nolint:errorlint // no other one is the end
		t.Fatalf("%d batches, %v", n, err)
	}
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 1
		if _, err := read(bad); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("with byte %d damaged: %v", i, err)
		}
		if _, err := read(whole[:i]); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("with %d bytes: %v", i, err)
		}
	}
}

// TestSpillFails: whatever fails, neither file is there without the other one that belongs to it, and what is opened is closed.
func TestSpillFails(t *testing.T) {
	m := pipelinetest.NewMemory()
	job := &pipeline.Job{Work: m}
	var b columnar.Batch
	addRow(&b, 1, 2, "text")
	write := func() (err error) {
		w, err := newSpillWriter(t.Context(), job, "a.arrow", true)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, w.Close()) }()
		if err := w.Write(&b); err != nil {
			return err
		}
		_, err = w.Commit()
		return err
	}
	pipelinetest.EachFault(t, m, write, func(failed string) {
		if m.Get("a.arrow") != nil {
			t.Errorf("the spill is there after %s failed", failed)
		}
		if err := m.Remove(t.Context(), "a.arrow.side"); err != nil {
			t.Fatal(err)
		}
	})
	for _, gone := range []string{"a.arrow.side", "a.arrow"} {
		if err := m.Remove(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		if _, err := openSpill(t.Context(), job, "a.arrow"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: %v", gone, err)
		}
	}
	b.Offset = nil
	if err := write(); err == nil {
		t.Error("a batch whose columns differ in length was written")
	}
}

// TestEmptyBatches: a spill that nobody else goes on from holds no empty blocks; one that is handed over has one for every batch.
func TestEmptyBatches(t *testing.T) {
	for handedOver, want := range map[bool]int{false: 0, true: 3} {
		m := pipelinetest.NewMemory()
		job := &pipeline.Job{Work: m}
		w, err := newSpillWriter(t.Context(), job, "a.arrow", handedOver)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := w.Write(&columnar.Batch{Rejects: []columnar.Reject{{Reason: "binary", Scope: columnar.ScopeFile}}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		data := m.Get("a.arrow")
		spill, err := columnar.OpenSpill(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if spill.Blocks() != want {
			t.Errorf("%d blocks, want %d", spill.Blocks(), want)
		}
	}
}
