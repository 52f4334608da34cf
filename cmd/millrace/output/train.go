package output

import (
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/jobs/train"
)

// NothingToTrain is said of a training whose tokenizer is there.
const NothingToTrain = "nothing to train: the folder holds this tokenizer, of this corpus"

// Trained says what a training came to.
func Trained(w io.Writer, r *train.Result) error {
	p := NewPrinter(w)
	if r.Size == 0 {
		p.Printf("%s\n", NothingToTrain)
		return p.Err()
	}
	p.Printf("%s is a tokenizer (%s) of %s, trained on %s with %s\n", r.Out, r.Kind, pipeline.Counted(int64(r.Size), "token"), pipeline.Counted(r.Documents, "document"),
		pipeline.Counted(r.Pretokens, "different pre-token"))
	if r.LeftOut > 0 {
		p.Printf("left out     %s of pre-tokens: see report.txt\n", pipeline.Counted(r.LeftOut, "occurrence"))
	}
	p.Printf("a token has  %.3f bytes\n", r.BytesPerToken)
	p.Printf("digest       %s\n", r.Digest)
	return p.Err()
}

// TrainedLine is the same in a line of status.
func TrainedLine(p *Printer, r *train.Result) {
	p.Printf("tokenizer    %s, %s, %.3f bytes each, digest %s\n", r.Out, pipeline.Counted(int64(r.Size), "token"), r.BytesPerToken, r.Digest)
}
