// Package manifest is what a version of a corpus is, as a value: its manifest, with the files that it added and what they add up to,
// and the view of a list of manifests, which says what the corpus at the last of them is made of and where its documents lie.
//
// It reads and writes nothing but bytes that it is given: package corpus keeps manifests in a store and makes versions exist. What
// shows or checks a corpus goes by these values, and so by the same rules of what is live.
package manifest
