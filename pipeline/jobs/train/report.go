package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// Names of the files of the report.
const (
	reportName     = "report.json"
	reportTextName = "report.txt"
)

// Report says what a tokenizer was trained on, and what was left out: report.json. There is nothing of time in it.
type Report struct {
	Kind     string   `json:"kind"`
	Settings Settings `json:"settings"`
	Origin

	Documents int64     `json:"documents"`
	Bytes     int64     `json:"bytes"` // of their texts, normalized
	Chars     int64     `json:"chars"`
	Pretokens Pretokens `json:"pretokens"`

	Size int   `json:"size"` // tokens that there are
	Used int64 `json:"used"` // of them, those that the texts have
	// Tokens are those of the pre-tokens that were counted, each as often as it occurs, and TokenizedBytes their text.
	Tokens         int64            `json:"tokens"`
	TokenizedBytes int64            `json:"tokenized_bytes"`
	BytesPerToken  float64          `json:"bytes_per_token"`
	Of             map[string]int64 `json:"of,omitempty"` // numbers of the algorithm

	tells []string
}

// Pretokens are how many there are, and of which it was not trained.
type Pretokens struct {
	Occurrences int64 `json:"occurrences"` // in all
	Different   int64 `json:"different"`   // of those that are not too long
	TooLong     int64 `json:"too_long"`    // occurrences of those with more bytes than a token may have: not counted

	Rare     int64 `json:"rare"` // different ones that occur more rarely than min_pretoken
	RareUses int64 `json:"rare_uses"`

	Least      int64 `json:"least"`  // how often one has to occur, so that there are no more than max_pretokens
	Beyond     int64 `json:"beyond"` // different ones that occur more rarely than that, and are not among Rare
	BeyondUses int64 `json:"beyond_uses"`

	TrainedOn     int64 `json:"trained_on"`
	TrainedOnUses int64 `json:"trained_on_uses"`
}

// leftOut are the occurrences of pre-tokens that it was not trained on.
func (p *Pretokens) leftOut() int64 { return p.Occurrences - p.TrainedOnUses }

func newReport(b *body) *Report {
	return &Report{Kind: b.Settings.Kind, Settings: b.Settings, Origin: b.Origin}
}

// collected adds up what the first two stages have counted.
func (r *Report) collected(ctx context.Context, job *pipeline.Job) error {
	entries, err := job.Entries(ctx, stageCollect)
	if err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		r.Documents += e.Rows
		r.Bytes += e.Bytes
		r.Chars += e.Counters[countChars]
		r.Pretokens.Occurrences += e.Counters[countOccurrences]
		r.Pretokens.TooLong += e.Counters[countLong]
	}
	if n := r.documents(); r.Documents != n { // invariant 7
		return fmt.Errorf("%d documents were read, the plan has %d", r.Documents, n)
	}
	if entries, err = job.Entries(ctx, stageMerge); err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		r.Pretokens.Rare += e.Counters[countRare]
		r.Pretokens.RareUses += e.Counters[countRareUses]
		r.Pretokens.Different += e.Rows + e.Counters[countRare]
	}
	return nil
}

// trained says what came of it.
func (r *Report) trained(t *trained, tok tokenizer.Tokenizer, uses []int64) {
	r.Size, r.Of, r.tells = tok.Size(), t.notes, t.tells
	for _, n := range uses {
		if n > 0 {
			r.Used++
		}
	}
	if r.Tokens > 0 {
		r.BytesPerToken = float64(r.TokenizedBytes) / float64(r.Tokens)
	}
}

// files are those of the report.
func (r *Report) files() []file {
	return []file{{reportName, r.writeJSON}, {reportTextName, r.writeText}}
}

func (r *Report) writeJSON(w io.Writer) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (r *Report) writeText(w io.Writer) error {
	var b strings.Builder
	n := pipeline.Thousands[int64]
	p := &r.Pretokens
	fmt.Fprintf(&b, "%s of %s tokens\n\n", r.Kind, n(int64(r.Size)))
	fmt.Fprintf(&b, "trained on %s: %s, %s, %s\n", r.says(), pipeline.Counted(r.Documents, "document"), pipeline.Counted(r.Bytes, "byte"),
		pipeline.Counted(r.Chars, "character"))
	fmt.Fprintf(&b, "pre-tokens: %s, %s different; trained on %s, %s different\n", n(p.Occurrences), n(p.Different), n(p.TrainedOnUses), n(p.TrainedOn))
	for _, l := range []struct {
		uses, pretokens int64
		why             string
	}{
		{p.TooLong, -1, "too long to be counted"},
		{p.RareUses, p.Rare, fmt.Sprintf("fewer than %s times in the texts (min_pretoken)", n(r.Settings.MinPretoken))},
		{p.BeyondUses, p.Beyond, fmt.Sprintf("fewer than %s times, so that there are no more than %s (max_pretokens)", n(p.Least), n(r.Settings.MaxPretokens))},
	} {
		switch {
		case l.uses == 0:
		case l.pretokens < 0:
			fmt.Fprintf(&b, "left out: %s, %s\n", n(l.uses), l.why)
		default:
			fmt.Fprintf(&b, "left out: %s, %s different, %s\n", n(l.uses), n(l.pretokens), l.why)
		}
	}
	for _, line := range r.tells {
		fmt.Fprintln(&b, line)
	}
	fmt.Fprintf(&b, "\n%s of the counted pre-tokens, %.4f bytes each; %s of %s ids used\n", pipeline.Counted(r.Tokens, "token"), r.BytesPerToken, n(r.Used), n(int64(r.Size)))
	_, err := io.WriteString(w, b.String())
	return err
}
