// Package dataset knows how a set of files comes to exist as one thing: every file with its size and digest, one document with a
// checksum that names them all, made by one exclusive create. A version of a corpus is one; what the files are for it does not know.
package dataset
