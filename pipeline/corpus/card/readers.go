package card

import (
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
)

// others says how other programs read the corpus by its Delta log, and by its description, in code that runs as it stands. The card of a corpus
// that has no shard of today's columns has none of it: what wrote that may have been older than the log.
func others(b *writer, v *manifest.View, l *loads) {
	parquet := &pipeline.ParquetTable
	if l.format.Name != parquet.Name || v.FormatOf(parquet) < loggedFormat {
		return
	}
	b.printf(readers, v.Newest.Version)
}

// loggedFormat is the first corpus format of which every commit writes the Delta log.
const loggedFormat = 4

const readers = "## Other programs\n\n" +
	"They read a version whole at any moment, also while the corpus changes, and in a bucket: this one, or without `version` the newest. In turn polars, DuckDB, " +
	"deltalake, pandas, pyarrow and datasets; then Spark:\n\n" +
	"```python\n" +
	"import deltalake, duckdb, polars\nfrom datasets import Features, load_dataset\n\n" +
	"corpus = \"path/of/this/folder\"  # or s3://bucket/prefix\n" +
	"polars.scan_delta(corpus, version=%[1]d)\n" +
	"duckdb.sql(f\"FROM delta_scan('{corpus}', version => %[1]d)\")\n" +
	"table = deltalake.DeltaTable(corpus, version=%[1]d)\n" +
	"table.to_pandas()\n" +
	"batches = table.to_pyarrow_dataset()\n" +
	"load_dataset(\"parquet\", data_files=table.file_uris(), features=Features.from_arrow_schema(batches.schema), split=\"train\")\n" +
	"```\n\n```python\n" +
	"spark.read.format(\"delta\").option(\"versionAsOf\", %[1]d).load(corpus)  # s3a:// of a bucket\n" +
	"```\n\n" +
	"Of a bucket polars and deltalake take keys, region and endpoint from `AWS_ACCESS_KEY_ID` and the like, DuckDB from " +
	"`CREATE SECRET (TYPE s3, PROVIDER credential_chain)`, and datasets needs s3fs. `millrace files path/of/this/folder --at %[1]d` prints the " +
	"files of a version. What it does not share with later ones is there until `millrace gc` frees it.\n\n" +
	"The other tables are Parquet, a file a version. `croissant.json` names those of this version for whoever reads Croissant:\n\n" +
	"```python\n" +
	"import duckdb, mlcroissant\n\n" +
	"corpus = \"path/of/this/folder\"\n" +
	"duckdb.sql(f\"SELECT reason, count(*) FROM read_parquet('{corpus}/ledger/*/rejects.parquet', union_by_name => true) GROUP BY reason\")\n" +
	"mlcroissant.Dataset(jsonld=f\"{corpus}/croissant.json\").records(\"documents\")\n" +
	"```\n\n"
