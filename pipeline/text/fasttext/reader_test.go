package fasttext

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// small are the committed models, by name.
func small(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/models/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no models, %v", err)
	}
	models := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		models[filepath.Base(file)] = data
	}
	return models
}

func read(data []byte) (*Model, error) { return Read(bytes.NewReader(data), int64(len(data))) }

// TestTruncated: a file that ends early is an error, wherever it ends.
func TestTruncated(t *testing.T) {
	for name, data := range small(t) {
		for n := 0; n < len(data); n += 1 + n/50 {
			if _, err := read(data[:n]); err == nil || !strings.HasPrefix(err.Error(), "no fastText model: at byte ") {
				t.Fatalf("%s of %d bytes: %v", name, n, err)
			}
		}
		if _, err := read(append(slices.Clip(data), 0)); err == nil || !strings.Contains(err.Error(), "1 bytes more") {
			t.Errorf("%s and a byte: %v", name, err)
		}
		// What says it is longer than it is.
		if _, err := Read(bytes.NewReader(data[:len(data)-1]), int64(len(data))); err == nil {
			t.Errorf("%s, shorter than it should be, is read", name)
		}
	}
}

// Where the fields of a file stand that has as many bytes before its dictionary as all have.
const (
	atVersion    = 4
	atDim        = 8
	atWordGrams  = 28
	atLoss       = 32
	atKind       = 36
	atBucket     = 40
	atMaxn       = 48
	atSize       = 64
	atWords      = 68
	atLabels     = 72
	atPruned     = 84
	atDictionary = 92
)

// TestDamaged: numbers that cannot be are errors that say where and what.
func TestDamaged(t *testing.T) {
	models := small(t)
	for _, c := range []struct {
		model string
		at    int
		value int64
		size  int
		want  string
	}{
		{"softmax.bin", 0, 1, 4, "at byte 4: the file does not begin with the mark of fastText"},
		{"softmax.bin", atVersion, 13, 4, "at byte 8: version 13 of the format, known are 11 and 12"},
		{"softmax.bin", atDim, -1, 4, "vectors of -1 numbers"},
		{"softmax.bin", atDim, 8, 4, "the input matrix has 7 columns, vectors have 8"},
		{"softmax.bin", atWordGrams, 1 << 20, 4, "n-grams of 1048576 words, at most 64 are read"},
		{"softmax.bin", atLoss, 5, 4, "loss 5"},
		{"softmax.bin", atKind, 1, 4, "a model of kind 1: only those that classify"},
		{"softmax.bin", atBucket, 0, 4, "0 rows for n-grams"},
		{"softmax.bin", atBucket, 1 << 30, 4, "the input matrix has 599 rows, 1073742123 are needed"},
		{"softmax.bin", atMaxn, 1 << 30, 4, "n-grams of 1073741824 characters, at most 64 are read"},
		{"softmax.bin", atSize, 1 << 30, 4, "a dictionary of 1073741824 entries"},
		{"softmax.bin", atWords, -1, 4, "-1 of them words"},
		{"softmax.bin", atLabels, 0, 4, "0 labels"},
		{"softmax.bin", atPruned, 0, 8, "a pruned dictionary with a matrix that is not quantized"},
		{"softmax.bin", atPruned, 1 << 60, 8, "1152921504606846976 entries of the pruned index are announced"},
		{"softmax.ftz", atPruned, 1 << 10, 8, ""},
	} {
		data := bytes.Clone(models[c.model])
		var value [8]byte
		binary.LittleEndian.PutUint64(value[:], uint64(c.value))
		copy(data[c.at:], value[:c.size])
		_, err := read(data)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "at byte") {
			t.Errorf("%s with %d at byte %d: %v, not %q", c.model, c.value, c.at, err, c.want)
		}
	}
	if _, err := Open("testdata/models"); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("a folder: %v", err)
	}
}

// TestHugeClaims: what a short file announces is not allocated.
func TestHugeClaims(t *testing.T) {
	var before, after runtime.MemStats
	for name, data := range small(t) {
		for at := atDim; at+8 <= len(data); at += 1 + at/20 {
			for _, claim := range []uint64{1<<31 - 1, 1 << 24, 1<<62 - 1} {
				bad := bytes.Clone(data)
				binary.LittleEndian.PutUint64(bad[at:], claim)
				runtime.ReadMemStats(&before)
				m, err := read(bad)
				runtime.ReadMemStats(&after)
				if n := after.TotalAlloc - before.TotalAlloc; n > uint64(50*len(data)+1<<20) {
					t.Fatalf("%s with %d at byte %d: %d bytes are allocated, %v", name, claim, at, n, err)
				}
				if err == nil {
					m.Predictor().Predict([]byte("的一是 abc"))
				}
			}
		}
	}
}

func TestNoNumber(t *testing.T) {
	data := bytes.Clone(small(t)["softmax.bin"])
	binary.LittleEndian.PutUint32(data[len(data)-4:], math.Float32bits(float32(math.NaN())))
	if _, err := read(data); err == nil || !strings.Contains(err.Error(), "NaN among the numbers of the output matrix") {
		t.Error(err)
	}
}

// FuzzRead: nothing that a file holds ends the process, in reading or in asking.
func FuzzRead(f *testing.F) {
	for _, data := range small(f) {
		f.Add(data, []byte("的一 abc </s>"))
	}
	f.Fuzz(func(t *testing.T, data, text []byte) {
		m, err := read(data)
		if err != nil {
			return
		}
		p := m.Predictor()
		label, n := p.Predict(text)
		if label < -1 || label >= len(m.Labels()) || n < 0 || n > 2e6 {
			t.Errorf("label %d with %d", label, n)
		}
		for i := range m.Labels()[:min(len(m.Labels()), 20)] {
			if n := p.Score(text, i); n < 0 || n > 2e6 {
				t.Errorf("label %d with %d", i, n)
			}
		}
	})
}
