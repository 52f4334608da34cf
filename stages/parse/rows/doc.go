// Package rows turns the Parquet and Arrow files of other people into JSON, an object a row, for whoever reads JSON
// lines: the names of the columns are the keys, in the order of the schema.
//
// Select leaves columns out, which are then not read, and writes bytes as base64.
//
// It decodes by itself, one value after the other: of Parquet one page a column is in memory, of Arrow a window of each
// buffer, however large row groups and record batches are. Libraries decode thrift and the compressions, and nothing
// else. It is not a table reader: nothing is kept in columns.
//
// Guarantees: whatever the bytes of the file, a call ends with rows or an error, never with a panic, and within the
// Limits; no goroutines are started; damage is told with its offset, and does not touch the row groups in front of it.
// Equal files give equal bytes.
//
// Values become JSON like this: text is repaired to UTF-8 with U+FFFD, also where a column has bytes; NaN and infinities
// are null; decimals, dates (2024-01-31), times and timestamps (ISO 8601; with Z where the file says that they are UTC),
// durations (P1M2DT3.5S) and UUIDs are strings; lists are arrays, structures and maps objects.
package rows
