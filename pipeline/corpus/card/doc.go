// Package card renders the dataset card of a corpus, its README.md, which loaders of datasets and people read first. It is a function
// of the manifests alone, and lies outside of every digest.
package card
