// Package parse makes documents of files. It has three parts that the chain uses apart:
//
//   - Detect says what a file is, from its name and first bytes, for the plan.
//   - Open reads one split and fills batches with raw records, as they lie in the decoded files.
//   - Stage turns the raw records of a batch into documents, in place.
//
// What is a record is the document rule of the file: the whole file, a line, what stands between blank lines, or what a
// framer of the format finds: an object of a JSON array, a row of CSV, the lines of an article. Which records belong to
// which split depends on where they begin and on nothing else, so any cut of a file into byte ranges gives the same
// documents, with the same offsets (invariant 1). Of files with a framer, only tables and archives of members are cut.
//
// No input is an error (invariant 8): it is parsed, repaired with a counter, or becomes a Reject with a reason. Documents
// that end before damaged or unreadable bytes are kept. Memory is bounded by the batch, one document and one decoder.
// The package does not normalise text and drops no document for what it says.
//
// A new format is one file with its decoder, and its framer if it needs one, and one line in the table of formats; a new
// codec is the same in package codec. Decoders see UTF-8: files in another encoding are turned into it by package charset,
// between codec and piece, before lines are cut or records framed. Such a file is not cut.
//
// Parquet and Arrow are read here and there, as they are stored (package rows): a row group belongs to the piece in which it
// begins, and offsets are numbers of rows in the file.
//
// The encoding is told by the first bytes; if these are ASCII, as of a JSONL file whose first articles are English, by the first
// that are not, up to the first MiB of the text, compressed or not. A file that is ASCII up to there is taken for UTF-8. What
// is found is how a file is read, not a verdict on it: a line of a file in another encoding that is UTF-8 is that, whatever
// the file was taken for, and of a record of a file of UTF-8 that is not valid every line is read as what it is by its own
// evidence (package charset). What is in no encoding that convinces is a reject, encoding_unknown, and never a guess; stray
// bytes in text that is UTF-8 otherwise are repaired. Each is counted: other_encoding, replaced, invalid_utf8. Because nothing
// but the record decides, it is the same in every split, compression and container (invariant 1). A setting other than auto
// leaves only UTF-8 beside itself.
package parse
