// Package show is what people look at of a corpus: its versions in short (Inspect, Log), what became of a document or a file
// (Explain), how two states differ (Diff), its characters (Vocab). Each is a value that is written as JSON as it is, and as text
// for a terminal by its WriteText.
//
// It reads manifests, ledgers and shards of documents, and changes nothing. The same corpus gives the same result. What versions that
// are not live have left, because nobody freed it yet, is told as well where that is said.
package show
