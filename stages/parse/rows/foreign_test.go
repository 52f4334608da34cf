package rows

import (
	"os"
	"path/filepath"
	"testing"
)

// Files of other writers. They were made by pyarrow 26.0 and polars 2.1 from one table of three rows:
//
//	pq.write_table(t, "pyarrow.parquet", compression="zstd", data_page_version="2.0", store_schema=False)
//	ipc.new_stream("pyarrow.arrows", t.schema, options=ipc.IpcWriteOptions(compression="lz4"))
//	pl.from_arrow(t.drop_columns(["map"])).write_ipc("polars.arrow", compression="zstd")
//
// Polars leaves marks out that the stream in a file should have, so that only the index finds its messages, and has views
// for strings.
func TestForeign(t *testing.T) {
	head := []string{
		`{"text":"第一篇\n","cat":"甲","when":"2024-01-31T12:00:00Z","price":"1.50","tags":["a",null],"meta":{"n":1,"l":[[1],[]]}`,
		`{"text":null,"cat":"乙","when":null,"price":"-0.01","tags":[],"meta":null`,
		`{"text":"third","cat":"甲","when":"1969-12-31T00:00:00Z","price":null,"tags":null,"meta":{"n":null,"l":null}`,
	}
	maps := []string{`,"map":{"k":1}}`, `,"map":{}}`, `,"map":null}`}
	for file, format := range map[string]string{"pyarrow.parquet": Parquet, "pyarrow.arrows": Arrow, "polars.arrow": Arrow} {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for i := range head {
				if file == "polars.arrow" {
					want = append(want, head[i]+"}")
				} else {
					want = append(want, head[i]+maps[i])
				}
			}
			wantRows(t, format, data, want...)
		})
	}
}
