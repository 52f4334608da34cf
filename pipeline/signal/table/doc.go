// Package table keeps signals: a Parquet file with a row for every document of a shard, in the order of its rows, of the document's id and
// a column of 64 bits for every signal. The footer says of each what it is. A signal that was not measured of a document is Missing: that
// happens where documents whose signals are of different columns come into one shard.
package table
