package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/contamination"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/monitor"
)

// decontaminateOptions are the flags of decontaminate.
type decontaminateOptions struct {
	contamination.Options
	sets        []string
	fields      contamination.Fields
	answerAlone bool
	report      string
	excerpts    bool
	top         int
}

func newDecontaminate(a *app) *cobra.Command {
	o := &decontaminateOptions{Options: contamination.Default()}
	cmd := &cobra.Command{
		Use:   "decontaminate OUT --sets FILE...",
		Short: "Say which items of evaluation sets stand in the documents of a corpus",
		Long: `Looks for the questions of evaluation sets in all live documents of the corpus in OUT, and says of each set how many of its items were
found, in how many documents, and which stand in most of them. Nothing in the corpus changes: a release leaves such documents out, or millrace remove
takes them out by their ids.
FILE is JSON Lines or a JSON array, as it is or in gzip or zstd. The fields of C-Eval, CMMLU, MMLU, ARC, GSM8K, MATH, HumanEval, SQuAD, BoolQ, of prompts with
completions and of plain texts are known; --question and the like name others, for all files. A question that says too little to be found by is
an error unless --allow-short is given: then these are counted.
Texts are compared without regard to width, case, traditional characters, punctuation and blanks, and a word or character that was changed, left out or put in makes
no difference. What stands in more than --most-documents documents is boilerplate and tells nothing. All documents are read twice. See docs/decontamination.md.`,
		Example: `  millrace decontaminate corpus --sets ceval.jsonl --sets gsm8k.jsonl
  millrace decontaminate corpus --sets exam.json --question stem --choices options --answer key --report found.jsonl --excerpts`,
		Args: wantArgs(1, 1, "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.decontaminate(cmd.Context(), args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.sets, "sets", nil, "`FILE` of an evaluation set; may be repeated")
	f.StringSliceVar(&o.fields.Question, "question", nil, "`FIELDS` that are the question, separated by commas; with points into objects")
	f.StringSliceVar(&o.fields.Choices, "choices", nil, "`FIELDS` that are the answers to choose from")
	f.StringSliceVar(&o.fields.Answer, "answer", nil, "`FIELDS` that are the answer: a text, or the letter or number of a choice")
	f.StringSliceVar(&o.fields.Passage, "passage", nil, "`FIELDS` that are the text which the question is about")
	f.StringVar(&o.fields.ID, "id", "", "`FIELD` that names an item (default id and the like, or its line)")
	f.BoolVar(&o.answerAlone, "answer-alone", false, "find documents by a long answer without its question, too")
	f.IntVar(&o.NGram, "ngram", o.NGram, "Han characters of an n-gram; 13 are as much as 8 words")
	f.Float64Var(&o.LeastOverlap, "least-overlap", o.LeastOverlap, "`SHARE` of a long question that a document must have; short ones must be there as a whole")
	f.Int64Var(&o.MostDocuments, "most-documents", o.MostDocuments, "an n-gram of more documents is boilerplate")
	f.IntVar(&o.LeastShort, "least-short", o.LeastShort, "Han characters, or as much in words, of a question that is looked for as a whole")
	f.BoolVar(&o.AllowShort, "allow-short", false, "count questions that say too little to be found, rather than stop")
	f.StringVar(&o.report, "report", "", "`FILE` is written: a line for each item of each document, as TSV if it ends in .tsv, else JSON Lines")
	f.BoolVar(&o.excerpts, "excerpts", false, "what stands in the documents is in the report, too")
	f.IntVar(&o.top, "top", 10, "how many items of a set are shown")
	return cmd
}

// check refuses flags that make no sense.
func (o *decontaminateOptions) check() error {
	if len(o.sets) == 0 {
		return usageError("name a file of evaluation items: --sets FILE", "--sets is missing")
	}
	if err := o.Validate(); err != nil {
		return usageError("", "--%s", strings.NewReplacer("\n", "; --", "_", "-").Replace(err.Error()))
	}
	if o.excerpts && o.report == "" {
		return usageError("name a file: --report FILE", "--excerpts without a report")
	}
	return notNegative(map[string]int{"top": o.top})
}

func (a *app) decontaminate(ctx context.Context, out string, o *decontaminateOptions) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	index, err := o.index(ctx)
	if err != nil {
		return err
	}
	return a.withCorpus(ctx, out, func(from *corpus.Corpus) (err error) {
		options := show.ContaminatedOptions{Slots: c.Slots(), Top: o.top, Excerpts: o.excerpts}
		var report *contaminationReport
		if o.report != "" {
			if report, err = newContaminationReport(ctx, o.report, o.excerpts); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, report.Close()) }()
			options.Each = report.Add
		}
		found, err := metered(ctx, a, "decontaminate", func(m *monitor.Meter) (*show.Contaminated, error) {
			options.Progress = m.Set
			return show.Of(from).Contaminated(ctx, index, options)
		})
		if err != nil {
			return err
		}
		if report != nil {
			if err := report.Commit(); err != nil {
				return err
			}
		}
		return a.tell(found, found.WriteText)
	})
}

// index reads the sets. What is wrong with them is the user's to mend.
func (o *decontaminateOptions) index(ctx context.Context) (*contamination.Index, error) {
	var sets []*contamination.Set
	for _, name := range o.sets {
		s, err := contamination.OpenSet(ctx, contamination.SetConfig{Path: name, Fields: o.fields, AnswerAlone: o.answerAlone})
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usageError("FILE is JSON Lines or a JSON array of evaluation items", "%w", err)
		}
		if err != nil {
			return nil, usedWrongly(ctx, err)
		}
		sets = append(sets, s)
	}
	index, err := contamination.Build(ctx, sets, o.Options)
	if err != nil {
		return nil, usedWrongly(ctx, err)
	}
	return index, nil
}

// usedWrongly makes an error of the user's of one, with its hint, unless the work was to end.
func usedWrongly(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return usageError(pipeline.Hint(err), "%w", err)
}
