// Package sorted sorts more keys than fit in memory, keeps them in files, and finds them again.
//
// A key is a number of 64 bits. Keys are hashes: they are spread evenly, so equal parts of the key space (Partition) hold about
// as many of them each, and the work on every part can be a task of its own. The sort has two halves. The first reads a part
// of the input: a Sorter puts items in order in memory, and a Writer writes them as a sorted run, which is cut where a
// partition ends; how many items are sorted at once, and so how many runs a file has, is the caller's choice. The second
// reads one partition: Runs opens its part of every run in many files, and Merge makes one sorted stream of them. Records
// may hold more than a key and a number, and may be sorted by more; then the caller encodes, sorts and decodes them.
//
//	part of the input ─▶ Sorter ─▶ Writer ─▶ runs file ─┐
//	part of the input ─▶ Sorter ─▶ Writer ─▶ runs file ─┼▶ Runs ─▶ Merge ─▶ whatever counts, compares or copies
//	part of the input ─▶ Sorter ─▶ Writer ─▶ runs file ─┘            └────▶ IndexWriter ─▶ index file ─▶ Lookup, Range
//
// An index is for keys that are asked for again and again: one sorted run, in one file a partition, small, and searchable. A
// Lookup finds ascending keys in it and reads little more than the blocks that have them. A Range reads a part of the key
// space from end to end, so several indexes can be merged into one with any number of partitions.
//
// The package knows no document, no task and no name of a file. It writes to an io.Writer and reads files of a
// pipeline.Store, through Handles, which keep few of them open.
//
// Guarantees: the bytes of a file follow from the items, from where the caller ends a run, and from the number of partitions
// (invariant 1). Every byte is checked by xxh3 before it is used, so a damaged file is an ErrDamaged: never other items, never
// a panic, and no more memory than the file is long. Equal keys stay in order: of a run in that in which they were added, of
// several in that of the runs.
//
// Memory: a Sorter takes 32 bytes an item of a key and a number; a Merge some 16 MiB for all its runs, but a block of each at
// least; an open index file 24 bytes for 256 keys.
//
// Files are little-endian. Writer and IndexWriter give their formats, as do docs/formats/sorted.md and index.md for readers of other
// languages.
package sorted
