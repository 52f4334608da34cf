package normalize

import "github.com/millrace/millrace/pipeline/columnar"

// counter names a class of change in a stage's own counts.
type counter int

const (
	countLineEnds counter = iota
	countNFC
	countFullwidth
	countSpaces
	countRadicals
	countControls
	countInvisible
	countVariation
	countReplacement
	countPrivateUse
	countTrimmed
	countNFKC
	counterEnd
)

var counterNames = [counterEnd]string{
	"line_ends", "nfc", "fullwidth", "spaces", "radicals", "controls", "invisible", "variation", "replacement",
	"private_use", "trimmed", "nfkc",
}

// counts adds up the changes of one batch.
type counts [counterEnd]int64

// flush moves the counts to those of the batch.
func (c *counts) flush(to *columnar.Counters) {
	for i, n := range c {
		to.Add(counterNames[i], n)
	}
	clear(c[:])
}
