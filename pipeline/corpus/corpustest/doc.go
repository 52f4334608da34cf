// Package corpustest makes small corpora for the tests of corpus and of what stands on it: runs as the stages leave them, with
// a document of every fate, made wrong in one place where a test wants that, and what every test asks of a corpus afterwards.
package corpustest
