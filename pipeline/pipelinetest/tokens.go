package pipelinetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

// TokenFormat is a format of token files under test.
type TokenFormat struct {
	Format tokens.Format
	// Read reads the files of a split, by their names in its folder, with no code of the format.
	Read func(t rapid.TB, files map[string][]byte, shards []tokens.Shard, spec tokens.Spec) TokensRead
}

// TokensRead is what token files of a split say. What a format has no room for is nil.
type TokensRead struct {
	Tokens    []int32         // of all shards
	Lengths   []int           // of the sequences
	Texts     []int           // how much of each sequence is no padding
	Ends      []int           // where documents and padding end
	Documents []TokenDocument // in order
}

// TokenDocument is a document, or part of one, in the tokens of all shards.
type TokenDocument struct {
	Start, End int
	ID         string
}

// TestTokens checks a format of token files.
func TestTokens(t *testing.T, f TokenFormat) {
	t.Run("ReadBack", func(t *testing.T) { tokensReadBack(t, f) })
	t.Run("Edges", func(t *testing.T) { tokensEdges(t, f) })
	t.Run("Refuses", func(t *testing.T) { tokensRefuses(t, f) })
	t.Run("FailingDisk", func(t *testing.T) { tokensFailingDisk(t, f) })
	t.Run("Allocations", func(t *testing.T) { tokensAllocations(t, f) })
}

// WriteTokens writes the shards of a split, and returns its files by their names in the folder of the split.
func WriteTokens(ctx context.Context, m *Memory, f *tokens.Format, spec tokens.Spec, shards [][]tokens.Sequence) (map[string][]byte, []tokens.Shard, error) {
	job := TokenJob(m)
	folder := f.Name
	var all [][]pipeline.Output
	var list []tokens.Shard
	for i, sequences := range shards {
		shard := tokens.Shard{Split: "train", Number: i, Of: len(shards)}
		outputs, err := writeTokenShard(ctx, job, f, folder, shard, spec, sequences)
		if err != nil {
			return nil, nil, err
		}
		all, list = append(all, outputs), append(list, shard)
	}
	outputs := slices.Concat(all...)
	if f.Index != nil {
		more, err := f.Index(ctx, job, folder, "train", all, spec)
		if err != nil {
			return nil, nil, err
		}
		outputs = append(outputs, more...)
	}
	files := map[string][]byte{}
	for _, o := range outputs {
		data := m.Get(o.Name)
		sum := sha256.Sum256(data)
		name, ok := strings.CutPrefix(o.Name, folder+"/train/")
		if !ok || !o.Out || o.Bytes != int64(len(data)) || o.Digest != hex.EncodeToString(sum[:]) {
			return nil, nil, fmt.Errorf("output %+v of a file of %d bytes", o, len(data))
		}
		files[name] = data
	}
	present, err := m.List(ctx, "")
	if err == nil && len(present) != len(files) {
		err = fmt.Errorf("%d outputs of %d files", len(files), len(present))
	}
	return files, list, err
}

func writeTokenShard(ctx context.Context, job *pipeline.Job, f *tokens.Format, folder string, shard tokens.Shard, spec tokens.Spec, sequences []tokens.Sequence) (outputs []pipeline.Output, err error) {
	w, err := f.New(ctx, job, folder, shard, spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for i := range sequences {
		q := sequences[i]
		q.Tokens = slices.Clone(q.Tokens)
		if err := w.Write(&q); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
		clear(q.Tokens) // which are the caller's again
	}
	return w.Commit()
}

// drawTokens are shards that the format accepts, and their spec.
func drawTokens(t *rapid.T, fixed bool) (spec tokens.Spec, shards [][]tokens.Sequence) {
	spec = tokens.Spec{EOS: -1, Pad: -1, Tokenizer: "cafe"}
	spec.Vocabulary = rapid.SampledFrom([]int{3, 255, 1 << 16, 1<<16 + 1, 150_000}).Draw(t, "vocabulary")
	if fixed || rapid.Bool().Draw(t, "packed") {
		spec.Length = rapid.IntRange(1, 300).Draw(t, "length")
		spec.Pad = 0
	}
	for range rapid.IntRange(1, 3).Draw(t, "shards") {
		var list []tokens.Sequence
		for range rapid.IntRange(0, 6).Draw(t, "sequences") {
			n := spec.Length
			if n == 0 {
				n = rapid.IntRange(0, 300).Draw(t, "n")
			}
			list = append(list, drawSequence(t, spec, n))
		}
		shards = append(shards, list)
	}
	return spec, shards
}

func drawSequence(t *rapid.T, spec tokens.Spec, n int) (q tokens.Sequence) {
	q.Tokens = rapid.SliceOfN(rapid.Int32Range(0, int32(spec.Vocabulary-1)), n, n).Draw(t, "tokens")
	if spec.Pad >= 0 {
		q.Padded = rapid.IntRange(0, n).Draw(t, "padded")
		clear(q.Tokens[n-q.Padded:])
	}
	q.Starts = []int32{0}
	if spec.Length > 0 {
		q.Starts = append(q.Starts, rapid.SliceOfN(rapid.Int32Range(0, int32(q.Text())), 0, 5).Draw(t, "starts")...)
		slices.Sort(q.Starts)
	}
	for range q.Starts {
		q.IDs = append(q.IDs, [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")))
	}
	return q
}

// expectedTokens are what a format with room for all of it would say.
func expectedTokens(shards [][]tokens.Sequence) (r TokensRead) {
	r.Documents = []TokenDocument{}
	for _, list := range shards {
		for i := range list {
			q := &list[i]
			for k, start := range q.Starts {
				r.Ends = append(r.Ends, len(r.Tokens)+q.End(k))
				r.Documents = append(r.Documents, TokenDocument{len(r.Tokens) + int(start), len(r.Tokens) + q.End(k), hex.EncodeToString(q.IDs[k][:])})
			}
			r.Tokens = append(r.Tokens, q.Tokens...)
			r.Lengths = append(r.Lengths, len(q.Tokens))
			r.Texts = append(r.Texts, q.Text())
			r.Ends = append(r.Ends, len(r.Tokens))
		}
	}
	slices.Sort(r.Ends)
	r.Ends = slices.DeleteFunc(slices.Compact(r.Ends), func(end int) bool { return end == 0 })
	return r
}

// CompareTokens writes shards and compares what is read with them, as far as the format has room for it. files is how many there are to be.
func CompareTokens(t rapid.TB, f TokenFormat, spec tokens.Spec, shards [][]tokens.Sequence, files int) {
	t.Helper()
	if got := compareTokens(t, f, spec, shards); got != files {
		t.Errorf("%d files, want %d", got, files)
	}
}

func compareTokens(t rapid.TB, f TokenFormat, spec tokens.Spec, shards [][]tokens.Sequence) (n int) {
	t.Helper()
	if err := f.Format.Accepts(spec); err != nil {
		t.Fatal(err)
	}
	files, list, err := WriteTokens(context.Background(), NewMemory(), &f.Format, spec, shards)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := WriteTokens(context.Background(), NewMemory(), &f.Format, spec, shards)
	if err != nil || !maps.EqualFunc(files, again, bytes.Equal) {
		t.Fatalf("other bytes the second time, %v", err)
	}
	want, got := expectedTokens(shards), f.Read(t, files, list, spec)
	if len(want.Tokens) > 0 && !slices.Equal(want.Tokens, got.Tokens) {
		t.Fatalf("%d tokens were read, %d written, or others", len(got.Tokens), len(want.Tokens))
	}
	if got.Lengths != nil && !slices.Equal(got.Lengths, want.Lengths) {
		t.Fatalf("sequences of %d tokens, want %d", got.Lengths, want.Lengths)
	}
	if got.Texts != nil && !slices.Equal(got.Texts, want.Texts) {
		t.Fatalf("sequences with %d tokens of text, want %d", got.Texts, want.Texts)
	}
	if got.Ends != nil && !slices.Equal(got.Ends, want.Ends) {
		t.Fatalf("documents end at %d, want %d", got.Ends, want.Ends)
	}
	if got.Documents != nil {
		if diff := cmp.Diff(want.Documents, got.Documents); diff != "" {
			t.Fatalf("documents, - written, + read:\n%s", diff)
		}
	}
	return len(files)
}

// TokenJob is a job whose files are written to a store.
func TokenJob(out pipeline.Store) *pipeline.Job { return &pipeline.Job{Out: out} }

func tokensReadBack(t *testing.T, f TokenFormat) {
	rapid.Check(t, func(t *rapid.T) {
		spec, shards := drawTokens(t, f.Format.Fixed)
		compareTokens(t, f, spec, shards)
	})
}

// TokenSequence is a document of n tokens, its ids and its name made of a number.
func TokenSequence(vocabulary, n, number int) tokens.Sequence {
	q := tokens.Sequence{Tokens: make([]int32, n), Starts: []int32{0}, IDs: [][16]byte{{}}}
	for i := range q.Tokens {
		q.Tokens[i] = int32((number*7919 + i*31) % vocabulary)
	}
	binary.BigEndian.PutUint64(q.IDs[0][:], uint64(number))
	return q
}

func tokensEdges(t *testing.T, f TokenFormat) {
	length := 0
	if f.Format.Fixed {
		length = 4
	}
	of := func(vocabulary int, sequences ...int) (list []tokens.Sequence) {
		for i, n := range sequences {
			list = append(list, TokenSequence(vocabulary, n, i))
		}
		return list
	}
	for _, vocabulary := range []int{1 << 16, 1<<16 + 1} {
		spec := tokens.Spec{Vocabulary: vocabulary, EOS: 0, Pad: -1, Length: length}
		compareTokens(t, f, spec, [][]tokens.Sequence{{}})         // a split without anything
		compareTokens(t, f, spec, [][]tokens.Sequence{{}, {}, {}}) // of several shards
		compareTokens(t, f, spec, [][]tokens.Sequence{of(vocabulary, 4), {}, of(vocabulary, 4, 4)})
		last := of(vocabulary, 4)
		last[0].Tokens[2] = int32(vocabulary - 1)
		compareTokens(t, f, spec, [][]tokens.Sequence{last})
		if length == 0 {
			compareTokens(t, f, spec, [][]tokens.Sequence{of(vocabulary, 0)}) // one empty document
			compareTokens(t, f, spec, [][]tokens.Sequence{of(vocabulary, 5, 0, 0, 7)})
			compareTokens(t, f, spec, [][]tokens.Sequence{of(vocabulary, 255, 256, 65_535, 65_536, 200_000)}) // widths of lengths, more than a buffer
		}
	}
	// More than 8192 sequences.
	many := make([]int, 8192+3)
	for i := range many {
		many[i] = 4
	}
	compareTokens(t, f, tokens.Spec{Vocabulary: 1000, EOS: -1, Pad: -1, Length: length}, [][]tokens.Sequence{of(1000, many...)})
}

// What does not fit the spec is told, before it is written.
func tokensRefuses(t *testing.T, f TokenFormat) {
	good := tokens.Spec{Vocabulary: 100, EOS: -1, Pad: -1, Length: 4}
	if err := f.Format.Accepts(good); err != nil {
		t.Error(err)
	}
	for _, change := range []func(s *tokens.Spec){
		func(s *tokens.Spec) { s.Vocabulary = 0 }, func(s *tokens.Spec) { s.EOS = 100 }, func(s *tokens.Spec) { s.Pad = -2 }, func(s *tokens.Spec) { s.Length = -1 },
	} {
		s := good
		if change(&s); f.Format.Accepts(s) == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
	unpacked := good
	unpacked.Length = 0
	if err := f.Format.Accepts(unpacked); (err != nil) != f.Format.Fixed {
		t.Errorf("sequences of any length: %v", err)
	}
	for name, change := range map[string]func(q *tokens.Sequence){
		"an id too large":  func(q *tokens.Sequence) { q.Tokens[1] = 100 },
		"an id below zero": func(q *tokens.Sequence) { q.Tokens[3] = -1 },
		"another length":   func(q *tokens.Sequence) { q.Tokens = q.Tokens[:3] },
		"no document":      func(q *tokens.Sequence) { q.Starts, q.IDs = nil, nil },
		"no id":            func(q *tokens.Sequence) { q.IDs = nil },
		"a start too far":  func(q *tokens.Sequence) { q.Starts = append(q.Starts, 5); q.IDs = append(q.IDs, q.IDs[0]) },
		"a start behind":   func(q *tokens.Sequence) { q.Starts[0] = 1 },
		"too much padding": func(q *tokens.Sequence) { q.Padded = 5 },
		"a start in padding": func(q *tokens.Sequence) {
			q.Padded = 2
			q.Starts = append(q.Starts, 3)
			q.IDs = append(q.IDs, q.IDs[0])
		},
	} {
		q := TokenSequence(100, 4, 1)
		change(&q)
		m := NewMemory()
		if _, _, err := WriteTokens(t.Context(), m, &f.Format, good, [][]tokens.Sequence{{q}}); err == nil {
			t.Errorf("%s is written", name)
		}
		if list, err := m.List(t.Context(), ""); err != nil || len(list) > 0 {
			t.Errorf("%s: %d files are left, %v", name, len(list), err)
		}
	}
}

// Whatever operation of the disk fails, it is told; done again, the task gives the files that it always gives.
func tokensFailingDisk(t *testing.T, f TokenFormat) {
	spec := tokens.Spec{Vocabulary: 1 << 17, EOS: -1, Pad: -1, Length: 100_000}
	shards := [][]tokens.Sequence{{TokenSequence(spec.Vocabulary, spec.Length, 1), TokenSequence(spec.Vocabulary, spec.Length, 2)}}
	want, _, err := WriteTokens(t.Context(), NewMemory(), &f.Format, spec, shards)
	Must(t, err)
	for n := 0; ; n++ {
		m := NewMemory()
		failed := false
		m.Fail(func(_, _ string, op int) bool {
			failed = failed || op == n
			return op == n
		})
		_, _, err := WriteTokens(t.Context(), m, &f.Format, spec, shards)
		if !failed {
			if n < 6 || err != nil {
				t.Errorf("%d operations, %v", n, err)
			}
			return
		}
		if !errors.Is(err, ErrDisk) {
			t.Fatalf("operation %d failed: %v", n, err)
		}
		m.Fail(nil)
		if got, _, err := WriteTokens(t.Context(), m, &f.Format, spec, shards); err != nil || !maps.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("behind failed operation %d: %d files, %v", n, len(got), err)
		}
	}
}

// Sequences cost no allocation each.
func tokensAllocations(t *testing.T, f TokenFormat) {
	spec := tokens.Spec{Vocabulary: 1 << 17, EOS: -1, Pad: -1, Length: 512}
	w, err := f.Format.New(t.Context(), TokenJob(discard{}), "f", tokens.Shard{Split: "train", Of: 1}, spec)
	Must(t, err)
	q := TokenSequence(spec.Vocabulary, spec.Length, 1)
	for range 100 { // buffers grow
		Must(t, w.Write(&q))
	}
	if n := testing.AllocsPerRun(2000, func() { Must(t, w.Write(&q)) }); n > 0 {
		t.Errorf("%v allocations a sequence", n)
	}
	_, err = w.Commit()
	Must(t, err)
	Must(t, w.Close())
}

// discard is a store that forgets what it is given.
type discard struct{ pipeline.Store }

func (discard) Create(context.Context, string) (pipeline.Writer, error) { return discardWriter{}, nil }

type discardWriter struct{}

func (discardWriter) Write(p []byte) (int, error) { return len(p), nil }
func (discardWriter) Commit() error               { return nil }
func (discardWriter) Close() error                { return nil }

// BenchmarkTokens writes contexts of 2048 tokens to nowhere.
func BenchmarkTokens(b *testing.B, f *tokens.Format) {
	for _, vocabulary := range []int{1 << 16, 150_000} {
		b.Run(strconv.Itoa(vocabulary), func(b *testing.B) {
			spec := tokens.Spec{Vocabulary: vocabulary, EOS: -1, Pad: -1, Length: 2048}
			w, err := f.New(b.Context(), TokenJob(discard{}), "f", tokens.Shard{Split: "train", Of: 1}, spec)
			Must(b, err)
			q := TokenSequence(vocabulary, spec.Length, 1)
			b.SetBytes(int64(spec.Length * spec.TokenBytes()))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				Must(b, w.Write(&q))
				n++
			}
			b.ReportMetric(float64(n*spec.Length)/b.Elapsed().Seconds()/1e6, "Mtokens/s")
			_, err = w.Commit()
			Must(b, err)
			Must(b, w.Close())
		})
	}
}

// DecodeTokens decodes little-endian integers of a width of 2 or 4 bytes.
func DecodeTokens(data []byte, width int) []int32 {
	ids := make([]int32, len(data)/width)
	for i := range ids {
		if width == 2 {
			ids[i] = int32(binary.LittleEndian.Uint16(data[2*i:]))
		} else {
			ids[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
		}
	}
	return ids
}
