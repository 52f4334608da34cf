package main

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

func newTokenizerEval(a *app) *cobra.Command {
	var on, split string
	var sample int
	cmd := &cobra.Command{
		Use:   "eval TOKENIZER... --on OUT",
		Short: "Say how tokenizers cut the documents of a corpus or a release, side by side",
		Long: `Cuts the live documents of the corpus in OUT by each of the tokenizers, and says how many bytes and characters a token has, how many
tokens a word has (words are those of the signals of the family words: by jieba, or by UAX #29), how many tokens are unknown, one byte, or
part of a character, how much of the vocabulary is used, and which share of all tokens the most frequent ids are; also by source, and by the
script that most of a document is written in. TOKENIZER is a tokenizer.json of Hugging Face's tokenizers (BPE, Unigram, WordPiece,
WordLevel), a tokenizer.model of sentencepiece, a file of ranks of tiktoken, or a folder that has one of the first two.
OUT may also be a release: its split train, or the one that --split names. With --sample it looks at so many documents, which are the same
each time.`,
		Example: "  millrace tokenizer eval tokenizer --on corpus\n  millrace tokenizer eval tokenizer qwen2.json gpt4o.json --on corpus --sample 10000 --json",
		Args:    wantArgs(1, -1, "TOKENIZER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if on == "" {
				return usageError("name a corpus or a release: --on OUT", "--on is missing")
			}
			if err := notNegative(map[string]int{"sample": sample}); err != nil {
				return err
			}
			var list []show.NamedTokenizer
			for _, name := range args {
				t, err := tokenizer.Open(name)
				if errors.Is(err, fs.ErrNotExist) {
					return usageError("TOKENIZER is a tokenizer.json, tokenizer.model or file of ranks, or a folder that has one of the first two", "%w", err)
				}
				if err != nil {
					return usageError("", "%w", err)
				}
				list = append(list, show.NamedTokenizer{Name: name, Tokenizer: t})
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			options := show.TokensOptions{Sample: int64(sample), Slots: c.Slots()}
			released, err := a.isRelease(cmd.Context(), on)
			if err != nil {
				return err
			}
			if released {
				t, err := a.tokensOfRelease(cmd.Context(), on, split, list, options)
				if err != nil {
					return err
				}
				return a.tell(t, t.WriteText)
			}
			if split != "" {
				return usageError("", "a corpus has no splits: split %s is one of a release", split)
			}
			return a.withCorpus(cmd.Context(), on, func(from *corpus.Corpus) error {
				t, err := show.Of(from).Tokens(cmd.Context(), list, options)
				if err != nil {
					return err
				}
				return a.tell(t, t.WriteText)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&on, "on", "", "the corpus or the release in `OUT` has the documents")
	f.StringVar(&split, "split", "", splitUsage)
	f.IntVar(&sample, "sample", 0, "look at so many documents only (default all)")
	return cmd
}
