package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// BenchmarkCommit is a file of 1 MiB: create, write, commit.
func BenchmarkCommit(b *testing.B) {
	for _, sync := range []bool{false, true} {
		b.Run(fmt.Sprintf("sync=%t", sync), func(b *testing.B) {
			l, err := store.NewLocal(b.TempDir(), store.LocalOptions{Sync: sync})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			data := make([]byte, 1<<20)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := pipeline.WriteAll(b.Context(), l, "data/000001/file", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkScan lists 10 000 small files in 100 folders.
func BenchmarkScan(b *testing.B) {
	root := b.TempDir()
	l, err := store.NewLocal(root, store.LocalOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	const n = 10_000
	for i := range n {
		if err := pipeline.WriteAll(b.Context(), l, fmt.Sprintf("source/%02d/%d", i%100, i), nil); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		found := 0
		err := store.Scan(b.Context(), filepath.Join(root, "source"), store.Access{}, func(store.Found) error {
			found++
			return nil
		})
		if err != nil || found != n {
			b.Fatal(found, err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "files/s")
}
