package fasttext

import (
	"crypto/sha256"
	"io"
)

// Model is a classifier.
type Model struct {
	args   args
	words  dictionary
	grams  gramRows
	input  matrix
	output matrix
	tree   []node // of hierarchical softmax
	digest [sha256.Size]byte
}

// Labels are the model's labels, as they stand in the file: with their prefix, most often __label__.
func (m *Model) Labels() []string { return m.words.labels }

// Digest is the SHA-256 of the file.
func (m *Model) Digest() [sha256.Size]byte { return m.digest }

// Read reads a model of size bytes. What is no model, or a damaged one, is an error that says where in the file and what is wrong. The memory
// that it takes is bounded by the size, whatever the file says.
func Read(from io.Reader, size int64) (*Model, error) {
	r := newReader(from, size)
	m := &Model{}
	m.read(r)
	if r.err == nil && r.left() > 0 {
		r.fail("%d bytes more than the model has", r.left())
	}
	if r.err != nil {
		return nil, r.err
	}
	r.digest.Sum(m.digest[:0])
	return m, nil
}

func (m *Model) read(r *reader) {
	m.args.read(r)
	m.words.read(r)
	m.grams.read(r, &m.words, &m.args)
	quantized := r.boolean("whether the input matrix is quantized")
	if r.err == nil && !quantized && m.grams.pruned() {
		r.fail("a pruned dictionary with a matrix that is not quantized, which fastText refuses too")
	}
	m.input.read(r, "input matrix", quantized, true)
	m.checkShape(r, "input matrix", &m.input, m.inputRows(), true)
	quantized = r.boolean("whether the output matrix is quantized") && quantized
	m.output.read(r, "output matrix", quantized, false)
	m.checkShape(r, "output matrix", &m.output, int64(len(m.words.labels)), false)
	if r.err == nil && m.args.loss == hierarchical {
		m.tree = buildTree(r, m.words.labelCounts)
	}
}

// inputRows is how many rows words and n-grams can ask for.
func (m *Model) inputRows() int64 {
	return int64(m.words.count) + m.grams.rows
}

func (m *Model) checkShape(r *reader, part string, x *matrix, rows int64, more bool) {
	if r.err != nil {
		return
	}
	if x.dim != m.args.dim {
		r.fail("the %s has %d columns, vectors have %d", part, x.dim, m.args.dim)
	}
	if int64(x.rows) < rows || !more && int64(x.rows) > rows {
		r.fail("the %s has %d rows, %d are needed", part, x.rows, rows)
	}
}
