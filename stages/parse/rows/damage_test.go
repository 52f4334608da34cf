package rows

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/parquet-go/parquet-go"
)

// small limits keep what damaged files cost within what a test may take.
var small = Limits{ValueBytes: 1 << 20, RowBytes: 1 << 20, MemoryBytes: 8 << 20, Expansion: 20}

// readSome reads whatever can be read: every row group, whatever became of the one before.
func readSome(t testing.TB, name string, file []byte) (damage error) {
	f, err := Open(name, bytes.NewReader(file), int64(len(file)), small)
	if err != nil {
		return err
	}
	damage = f.Damage()
	for g := range f.Groups() {
		err := f.Read(t.Context(), g, func(int64, []byte, error) error { return nil })
		if err != nil {
			damage = err
		}
		if g > 100 {
			break
		}
	}
	return damage
}

func damageSamples(t testing.TB, n int) map[string][][]byte {
	nested, _ := nestedRows()
	foreign := func(name string) []byte {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	schema, records := sampleRecords(n)
	return map[string][][]byte{
		Parquet: {
			parquetSample(t, n, parquet.Compression(&parquet.Uncompressed)),
			parquetSample(t, n, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1)),
			parquetSample(t, n, parquet.Compression(&parquet.Gzip)),
			parquetSample(t, n, parquet.Compression(&parquet.Zstd)),
			parquetSample(t, n, parquet.Compression(&parquet.Lz4Raw)),
			parquetSample(t, n, parquet.Compression(&parquet.Brotli)),
			parquetFileOf(t, nested, parquet.DataPageVersion(1)),
			parquetFileOf(t, nested, parquet.DataPageVersion(2)),
			foreign("pyarrow.parquet"),
		},
		Arrow: {
			arrowFileOf(t, false, schema, records),
			arrowFileOf(t, true, schema, records),
			arrowFileOf(t, true, schema, records, ipc.WithZstd()),
			arrowFileOf(t, true, schema, records, ipc.WithLZ4()),
			foreign("pyarrow.arrows"), foreign("polars.arrow"),
		},
	}
}

// G8: damaged files end in rows or errors, and nothing else.
func TestDamaged(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for name, files := range damageSamples(t, 100) {
		noticed, unnoticed := 0, 0
		for _, file := range files {
			for n := range 300 {
				damaged := slices.Clone(file)
				from := 0
				if n%2 == 0 { // metadata tells more
					from = len(file) * 9 / 10
				}
				for range 1 + n%4 {
					damaged[from+r.IntN(len(file)-from)] = byte(r.Uint32())
				}
				if n%10 == 0 {
					damaged = damaged[:r.IntN(len(damaged))]
				}
				if err := readSome(t, name, damaged); err != nil {
					noticed++
				} else {
					unnoticed++
				}
			}
		}
		t.Logf("%s: %d noticed, %d not", name, noticed, unnoticed)
		if noticed == 0 {
			t.Errorf("%s: no damage was noticed", name)
		}
	}
}

func FuzzParquetRows(f *testing.F) {
	for _, file := range damageSamples(f, 3)[Parquet] {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) { _ = readSome(t, Parquet, file) })
}

func FuzzArrowRows(f *testing.F) {
	for _, file := range damageSamples(f, 3)[Arrow] {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) { _ = readSome(t, Arrow, file) })
}
