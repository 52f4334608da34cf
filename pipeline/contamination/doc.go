// Package contamination finds the items of evaluation sets (benchmarks) in documents: questions that a model which is trained on the documents would know
// already.
//
//	sets ─▶ Build ─▶ Index ─┬─▶ Counter ─▶ Weigh ─▶ Weights ─▶ Matcher ─▶ hits
//	                        └─ documents ──┘           └─ documents ──┘
//
// Texts are compared by units of the key text (package text): a Han character, kana or syllable of hangul is one, and so is a word of other
// scripts, or a number. So width, case, traditional characters, punctuation, markup, line breaks and blanks between characters fall away. A character weighs 8
// and a word 13 (a letter of Thai and the like 4), for 13 Han characters are about 8 words; an n-gram is the shortest run of units from a place on that
// weighs 8·NGram. N-grams without a letter are none.
//
// An item is told by its question, with its choices if it weighs less than two n-grams, or without choices both by itself and behind its passage. All n-grams of a document are looked up. Around one
// that a question has, both are compared unit by unit either way, over up to 11 units in one place that are others, or more, or fewer; stretches of one question that lie near
// each other are put together. A document has the item if
//
//   - enough of the question is there: LeastOverlap, or up to all of it if it is short. That is the smaller one of two shares: of units, where a number
//     counts as five words, and of units by what their n-grams tell (see Weigh);
//   - or nearly enough, and near it stand the answer and the passage: question, answer and passage contribute 7, 2 and 1 parts, of those that there are;
//   - half of the last n-gram of the question, or of the question itself behind a passage, is there, for that is where texts ask. What has all but that quotes the same law or passage.
//
// A question that gives no n-gram, but has LeastShort characters, must be there as a whole, with the answer near it if the item has one. A passage alone is never
// enough, and an answer alone only where the set says so.
//
// What stands in more than MostDocuments documents of the corpus is boilerplate: it weighs nothing. For that all documents are read twice: Counters
// count, and are merged; then Matchers match. Tasks of a job pass Counters on as files, and build the Index anew from the same sets: its Digest says that it is the
// same.
//
// Guarantees: what is found in a document follows from it, the sets, the options and the counts alone, in whole numbers (invariant 1). An item that
// nothing could be found by is an error, or told (invariant 8). Index and Weights are safe for concurrent use, Counter and Matcher are for one goroutine each.
//
// Memory: an index takes about 30 bytes for each unit of all questions, and 16 more while it is built; all texts of all sets have 48 Mi units at most; a Counter 4 bytes an n-gram; a Matcher 8 bytes a
// question; both a few times the units of the largest document. No state is on disk but Counter.Write, which makes the same bytes of the same counts: a task that
// crashed is done again.
package contamination
