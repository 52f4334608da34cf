package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/millrace/millrace/pipeline/text/bpe"
	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// Options say what a file of ranks (of tiktoken) does not: how texts are cut before pairs are merged, and which special tokens there are. Other files say
// it themselves.
type Options struct {
	// Pattern is one of gpt2, cl100k, cl100k_base (tiktoken's own: white space at the end of a text is one pre-token), llama3, qwen2 and gpt4o (o200k).
	Pattern string `json:"pattern,omitempty"`
	// Special are special tokens with their ids.
	Special map[string]int32 `json:"special,omitempty"`
	// NFC brings texts to NFC first.
	NFC bool `json:"nfc,omitempty"`
}

func (o *Options) none() bool { return o.Pattern == "" && len(o.Special) == 0 && !o.NFC }

// known is a file of ranks that is told by how many there are.
type known struct {
	ranks int
	name  string
	Options
}

// knownRanks are the files that are known. Of Llama 3 those tokens stand here whose ids all releases have in common.
var knownRanks = []known{
	{50256, "r50k_base.tiktoken", Options{Pattern: "gpt2", Special: map[string]int32{"<|endoftext|>": 50256}}},
	{50280, "p50k_base.tiktoken", Options{Pattern: "gpt2", Special: map[string]int32{"<|endoftext|>": 50256}}},
	{100256, "cl100k_base.tiktoken", Options{Pattern: "cl100k_base", Special: map[string]int32{
		"<|endoftext|>": 100257, "<|fim_prefix|>": 100258, "<|fim_middle|>": 100259, "<|fim_suffix|>": 100260, "<|endofprompt|>": 100276,
	}}},
	{199998, "o200k_base.tiktoken", Options{Pattern: "gpt4o", Special: map[string]int32{"<|endoftext|>": 199999, "<|endofprompt|>": 200018}}},
	{128000, "Llama 3's tokenizer.model", Options{Pattern: "llama3", Special: map[string]int32{
		"<|begin_of_text|>": 128000, "<|end_of_text|>": 128001, "<|start_header_id|>": 128006, "<|end_header_id|>": 128007, "<|eot_id|>": 128009,
	}}},
	{151643, "qwen.tiktoken", Options{Pattern: "qwen2", NFC: true, Special: qwenSpecial()}},
}

func qwenSpecial() map[string]int32 {
	const first = 151643
	special := map[string]int32{"<|endoftext|>": first, "<|im_start|>": first + 1, "<|im_end|>": first + 2}
	for i := range int32(205) {
		special[fmt.Sprintf("<|extra_%d|>", i)] = first + 3 + i
	}
	return special
}

// RanksSuffix is what is behind the name of a file of ranks in that of the file with its Options.
const RanksSuffix = ".json"

// readRanks reads a file of ranks with its options: those of a known file, if there are none.
func readRanks(data []byte, o Options) (Tokenizer, error) {
	if o.none() {
		n := countLines(data)
		var names []string
		for _, k := range knownRanks {
			if k.ranks == n {
				return newRanks(data, k.Options)
			}
			names = append(names, fmt.Sprintf("%s (%d)", k.name, k.ranks))
		}
		return nil, fmt.Errorf("a file of %d ranks does not say how texts are cut and what is special, and is none of those that are known: %s. Say it in a file beside it, "+
			`with %s behind its name: {"pattern": "%s", "special": {"<|endoftext|>": %d}}`, n, strings.Join(names, ", "), RanksSuffix, pretoken.Names()[1], n)
	}
	if o.Pattern == "" {
		return nil, errors.New("the options of a file of ranks name no pattern")
	}
	return newRanks(data, o)
}

func newRanks(data []byte, o Options) (Tokenizer, error) {
	t, err := bpe.ReadRanks(data, bpe.RankOptions{Pattern: o.Pattern, Special: o.Special, NFC: o.NFC})
	return byteLevel{t}, err
}

// countLines is how many lines of a file are not empty.
func countLines(data []byte) (n int) {
	for line := range bytes.Lines(data) {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}

// optionsBeside reads the options that lie beside a file of ranks, if there are any.
func optionsBeside(name string) (o Options, err error) {
	data, err := readAtMost(name+RanksSuffix, MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return o, fmt.Errorf("%s: %w", name+RanksSuffix, err)
	}
	return o, nil
}
