// Package lines counts in how many documents of a group a line stands, and says of documents by it how much of them is boilerplate: what a site
// has on each of its pages.
//
// A line is what lies between line feeds, in the form of Scanner: without the blanks at its edges, with one blank for several, with 0 for
// every decimal digit and ASCII for what is ASCII of full width. A line of fewer than LongChars characters then is short. A document counts once
// for a line, however often it has it. A group is the registered domain of the URL of a document's metadata, or else its source.
//
// It has two halves. Counting is incremental: the entries (key, document) of documents that no run covers yet are sorted (NewCollect) and
// become a run, by tiers with earlier ones (NewCount, package tiers); that pass also leaves the keys that stand in LeastDocuments live documents,
// with how many these are. Measuring (Measurer) looks the lines of documents up there, and so does cutting them (Cutter), for jobs that count nothing
// new (FrequentStage).
//
//	documents ─▶ Collect ─▶ sorted runs ─┐              ┌─▶ run of the version
//	                 earlier runs ────────┴─▶ Count ─────┴─▶ frequent keys ─▶ Measurer ─▶ signals
//
// A key has 64 bits: the upper 40 of the xxh3 of the line, seeded with the hash of the group; 22 bits of that hash, by which the keys of a group
// are told from those of nearly all others; one bit that says that the line is short; and one that says that it stands for the group itself, which has then 40
// more bits of its hash.
// Each document has one entry of the key of its group, so the documents of a group are the entries of its key. Two lines of a group have one key once in
// 2^40 pairs.
//
// Guarantees: what is counted follows from the live documents alone, however many nights they came in, and whatever was compacted, dropped or
// removed since; files are the same for any number of workers (invariant 1). Documents are numbered by rank, so withdrawn ones are passed over
// by their mask, and left out by the next merge.
//
// Memory: collecting takes 512 Ki keys twice, and the keys of one document; counting some blocks of each stream; measuring the keys of some thousand
// documents, one block, and 24 bytes for 256 frequent keys. Beside these last ones, and the mask with 9 bytes a withdrawn document, none of it
// grows with the documents.
//
// What a crash leaves:
//
//	in Collect    nothing, or the file of a split whole; done again it has the same bytes
//	in Count      the same of the files of a partition: those of the version lie where no reader sees them until it is committed
//	in a commit   the runs so far, which the manifest of the version alone takes the place of; see package corpus
//
// With a withdrawal nothing has to be written: until the next merge entries of withdrawn documents are passed over.
package lines
