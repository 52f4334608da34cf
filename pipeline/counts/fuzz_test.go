package counts

import (
	"bytes"
	"context"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// FuzzFile: any bytes are read or refused, in memory for what a block may have, and a changed byte of a file is found.
func FuzzFile(f *testing.F) {
	store := pipelinetest.NewMemory()
	c := NewCollector(f.Context(), job(store), "words/", 0)
	must(f, c.Document())
	for i := range 9000 {
		c.Add([]byte{byte(i), byte(i >> 8), 'x', byte(i % 7)})
	}
	outputs, err := c.Commit()
	must(f, err)
	fuzzed(f, store, outputs[0].Name, func(ctx context.Context, store pipeline.Store, name string) (n int, err error) {
		file, err := Open(sorted.NewHandles(ctx, store), name, 0, 1)
		if err != nil {
			return 0, err
		}
		for file.Next() {
			n++
		}
		return n, file.Err()
	})
}

// fuzzed reads any bytes, and a sound file of which one was changed, which is an error.
func fuzzed(f *testing.F, store *pipelinetest.Memory, name string, read func(ctx context.Context, s pipeline.Store, name string) (items int, err error)) {
	f.Helper()
	sound := store.Get(name)
	if items, err := read(f.Context(), store, name); err != nil || items == 0 {
		f.Fatalf("the sound file: %d items, %v", items, err)
	}
	f.Add([]byte("x"), 0, byte(0))
	f.Add(sound, 0, byte(0))
	f.Add(sound, 70, byte(1))
	f.Add(sound, len(sound)-50, byte(1))
	f.Fuzz(func(t *testing.T, data []byte, at int, flip byte) {
		data = bytes.Clone(data)
		changed := false
		if at >= 0 && at < len(data) && flip != 0 {
			data[at] ^= flip
			changed = at >= len(magic) && bytes.Equal(append(append(bytes.Clone(data[:at]), data[at]^flip), data[at+1:]...), sound)
		}
		store := pipelinetest.NewMemory()
		must(t, store.PutNew(t.Context(), "f", data))
		if items, err := read(t.Context(), store, "f"); changed && err == nil {
			t.Fatalf("byte %d was changed, and %d items are read", at, items)
		}
	})
}
