package main

import (
	"github.com/spf13/cobra"
)

// newTokenizer is what is done with tokenizers.
func newTokenizer(a *app) *cobra.Command {
	return parent("tokenizer", "Train a tokenizer on the documents of a corpus, and compare tokenizers", newTokenizerTrain(a), newTokenizerEval(a))
}
