package main

import (
	"github.com/spf13/cobra"
)

// newTokenizer is what is done with tokenizers.
func newTokenizer(a *app) *cobra.Command {
	return parent("tokenizer", "Compare tokenizers on the documents of a corpus", newTokenizerEval(a))
}
