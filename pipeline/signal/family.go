package signal

import "github.com/millrace/millrace/pipeline/rule"

// Family is a group of signals that are measured together. Its values are safe for concurrent use.
type Family struct {
	// Name is the word for it in the settings, such as text; of several of a kind each has its own, such as edu.
	Name    string
	Columns []Column
	// OfCorpus says that the signals follow from all documents of a corpus: those that come in a night are without them, and a job that measures
	// a corpus measures them of all. New is nil then.
	OfCorpus bool
	// New makes what measures documents, for one goroutine.
	New func() Measurer
}

// Column is one signal.
type Column struct {
	// Name is that of the column in tables and of the signal in rules: lower case, with underscores, unique over all families.
	Name string
	// Unit says what the number is: a count, or millionths of a share or a mean.
	Unit rule.Unit
	// Note says in a line what it is, for people.
	Note string
	// Labels are the words that the numbers stand for, from 0 on, where the signal is one of several words: a language, a script. Such a
	// signal has the unit Count, and rules compare it with its words.
	Labels []string
}

// Document is what is measured.
type Document struct {
	Text         []byte // valid UTF-8, as normalize left it
	Chars        int    // its code points
	Meta         []byte // a JSON object, or nothing
	Source, Path string // of its file
}

// Measurer measures documents, one after the other. It keeps scratch memory, and allocates nothing for a document once that has grown.
type Measurer interface {
	// Measure puts the signals of a document into out, one for each column of the family in their order, none of them negative. They are a
	// function of the document and the family alone.
	Measure(d *Document, out []int64)
}
