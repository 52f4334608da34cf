package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/train"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// trainingOptions are those of the kind of job.
func trainingOptions(c config.Config) train.Options {
	return train.Options{Corpus: inCorpus(), Documents: documentTables(), Access: access(c)}
}

func newTokenizerTrain(a *app) *cobra.Command {
	var from, work string
	var p train.Params
	cmd := &cobra.Command{
		Use:   "train --from OUT --out DIR",
		Short: "Train a tokenizer on the live documents of a corpus, or on a release",
		Long: `Trains a tokenizer on the live documents of the corpus in OUT, and makes the folder DIR of it: tokenizer.json, which Hugging Face's
tokenizers and transformers load, the vocabulary with counts, what was trained on and what was left out, and a manifest with digests. The
corpus stays as it is, and is kept from other jobs meanwhile. Documents that were withdrawn or dropped have no part in it.
OUT may also be a release: its split train, or the one that --split names, each document as often as it is there. It has to have texts.
Texts are cut into pre-tokens, which no token crosses, and these are counted first, in bounded memory; training goes by the counts. The same
texts and settings give the same bytes. A training that was interrupted is gone on with by the same command. DIR must be new or empty,
or hold this very tokenizer.`,
		Example: `  millrace tokenizer train --from corpus --kind bpe --size 64000 --out tokenizer
  millrace tokenizer train --from corpus --kind bpe --size 32000 --pattern qwen2 --special '<|endoftext|>' --special '<|pad|>' --out tokenizer
  millrace tokenizer train --from release --out tokenizer`,
		Args: wantArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := trainOut(&p, "--out"); err != nil {
				return err
			}
			if from == "" {
				return usageError("name a corpus or a release: --from OUT", "--from is missing")
			}
			released, err := a.isRelease(cmd.Context(), from)
			if err != nil {
				return err
			}
			if released {
				return a.trainOnRelease(cmd.Context(), from, work, &p)
			}
			o, err := a.upkeepOptions(cmd.Context(), from, work)
			if err != nil {
				return err
			}
			r, err := shown(cmd.Context(), a, &o, train.Name, func(e engine.Options) (train.Result, error) { return train.Run(cmd.Context(), e, p) })
			if err != nil {
				return err
			}
			return a.printTrained(&r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "the corpus or the release in `OUT` has the documents")
	f.StringVar(&p.Split, "split", "", splitUsage)
	f.StringVar(&p.Out, "out", "", "the folder `DIR` is made")
	addTrainFlags(f, &p.Settings)
	addWork(cmd, &work)
	return cmd
}

// trainOut makes the place of a tokenizer absolute.
func trainOut(p *train.Params, flag string) (err error) {
	if p.Out == "" {
		return usageError("name a folder for the tokenizer", "%s is missing", flag)
	}
	p.Out, err = store.Absolute(p.Out)
	return err
}

// addTrainFlags adds the flags of tokenizer train and of start --job tokenizer.
func addTrainFlags(f *pflag.FlagSet, s *train.Settings) {
	f.StringVar(&s.Kind, "kind", "bpe", "`KIND` of tokenizer: "+strings.Join(train.Algorithms(), ", "))
	f.IntVar(&s.Size, "size", 64000, "how many tokens, special and reserved ones included")
	f.StringVar(&s.Name, "name", "", "`NAME` that the manifest has, for people")
	f.StringArrayVar(&s.Special, "special", nil, "special `TOKEN`, which gets the next of the first ids; may be repeated")
	f.IntVar(&s.Reserved, "reserved", 0, "so many tokens <|reserved_0|> and so on behind the special ones")
	f.StringVar(&s.Pattern, "pattern", "", "`NAME` of the pattern of pre-tokens, of bpe: "+strings.Join(pretoken.Names(), ", ")+" (default gpt4o)")
	f.StringVar(&s.Cut, "cut", "", "how runs of Han are cut for training, of bpe and unigram: jieba, none, or after `N` characters (default jieba)")
	f.BoolVar(&s.SplitDigits, "split-digits", false, "each digit is a token of its own")
	f.BoolVar(&s.ByteFallback, "byte-fallback", false, "of unigram: characters that are no token are bytes, not unknown")
	f.BoolVar(&s.Lowercase, "lowercase", false, "of wordpiece: the tokenizer brings texts to small letters without accents first")
	f.IntVar(&s.Alphabet, "alphabet", 0, "of wordpiece: `N` characters are tokens at most, the most frequent (default all)")
	f.BoolVar(&s.NFC, "nfc", false, "the tokenizer brings texts to NFC first")
	f.Int64Var(&s.MinFrequency, "min-frequency", 0, "of bpe and wordpiece: merge no pair that occurs fewer than `N` times")
	f.Int64Var(&s.MinPretoken, "min-pretoken", 0, "leave out pre-tokens that occur fewer than `N` times (default 1)")
	f.Int64Var(&s.MaxPretokens, "max-pretokens", 0, "train on `N` different pre-tokens at most, the most frequent (default 10000000)")
}

func (a *app) printTrained(r *train.Result) error {
	return a.tell(r, func(w io.Writer) error { return output.Trained(w, r) })
}
