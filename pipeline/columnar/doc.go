// Package columnar is documents in columnar memory (Batch), and the files that hold them: spills between stages
// (SpillWriter, Spill) and tables for readers of the corpus (NewParquetWriter, NewArrowWriter, ReadTable).
//
// It is the only package that touches the Arrow library, which loses write errors and dies on damaged input, and
// therefore keeps these guards, each with its test:
//
//   - G1: the sink is behind a latch that keeps the first error, so Finish reports what the library lost.
//   - G2: panics of the library, or of the sink, are errors; row counts are compared before a file counts as good, and
//     ParquetRows reads them back from the file.
//   - G3: a required root, data pages V1 cut by ourselves, PLAIN and dictionary encoding only.
//   - G4: no nulls and no Arrow dictionaries: the schema cannot express them.
//   - G5: row groups and record batches are cut by raw bytes; what does not fit 32-bit offsets is refused.
//   - G6: statistics are copies of values, and only where asked for.
//   - G7: one zstd encoder a level, shared, with checksums on.
//   - G8: Parquet is read by another library, with a list of codecs and every size looked at before it is believed. The
//     files of other people, as an ingest reads them, are the business of package stages/parse/rows.
//   - G9: the blocks of a spill are verified by checksum, and laid out by an index of ours; the library never reads them.
//
// docs/formats describes what is written: documents.md the tables, spill.md the spills.
//
// It knows nothing of stages, stores or queues, and starts no goroutine that outlives a call, except in a Parquet writer
// with Parallel above 1, where Finish and Close wait for them.
package columnar
