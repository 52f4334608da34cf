// Package block has the loops over text that pay as vectors: each looks at 64 bytes at once. They are there if the program was
// built with GOEXPERIMENT=simd for amd64 and the processor has AVX2, some only if it has AVX-512 with VBMI2; everywhere else each
// of them says that it did nothing.
//
// A kernel is a short cut, never an answer of its own: it goes as far as it can and returns how far that was. Callers have a
// portable loop behind it that goes on from there, and that makes the same of the whole text where there are no vectors; their
// tests hold the two to each other. A kernel reads nothing behind the slice that it is given, whatever is in it.
package block
