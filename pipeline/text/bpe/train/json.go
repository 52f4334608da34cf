package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// JSONOptions say how a text becomes the pre-tokens that a model was trained from.
type JSONOptions struct {
	Pattern *pretoken.Pattern // that texts are cut by; nil: that of GPT-2
	Digits  int               // numbers are cut before: 0: not, 1: into single digits, 3: into groups of at most three
	NFC     bool              // texts are normalized before that
}

type object = map[string]any

// WriteJSON writes a tokenizer.json, which tokenizers, transformers (PreTrainedTokenizerFast) and package bpe read. The same model and options make
// the same bytes.
func (m *Model) WriteJSON(w io.Writer, o JSONOptions) error {
	cuts, err := o.cuts()
	if err != nil {
		return err
	}
	var normalizer any
	if o.NFC {
		normalizer = object{"type": "NFC"}
	}
	f := newFile(w)
	f.head(m.Tokens[:m.Special], normalizer, object{"type": "Sequence", "pretokenizers": cuts})
	// Offsets of tokens have the blanks in front of words, as GPT-2's have.
	f.field("post_processor", object{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false})
	f.field("decoder", object{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true})
	f.write(`  "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null, `)
	f.write(`"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": {`)
	for id := range m.Tokens {
		f.item(id, f.text(m.word(int32(id)))+": "+f.text(id))
	}
	f.write("\n  }, \"merges\": [")
	for i := range m.Merges {
		f.item(i, "["+f.text(m.word(m.Merges[i].Left))+", "+f.text(m.word(m.Merges[i].Right))+"]")
	}
	f.write("\n  ]}\n}\n")
	return f.close()
}

// cuts are the pre-tokenizers.
func (o *JSONOptions) cuts() (list []object, err error) {
	switch o.Digits {
	case 0:
	case 1:
		list = append(list, object{"type": "Digits", "individual_digits": true})
	case 3:
		list = append(list, split(pretoken.Digits3))
	default:
		return nil, errors.New("digits are cut into single ones (1), into groups of three (3), or not (0)")
	}
	whole := o.Pattern == nil || o.Pattern.Name() == "gpt2" // ByteLevel cuts by that itself
	if !whole {
		list = append(list, split(o.Pattern.Expression()))
	}
	return append(list, object{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": whole}), nil
}

func split(expression string) object {
	return object{"type": "Split", "pattern": object{"Regex": expression}, "behavior": "Isolated", "invert": false}
}

// word is how a token is written in the file.
func (m *Model) word(id int32) string {
	if int(id) < m.Special {
		return string(m.Tokens[id])
	}
	var b strings.Builder
	for _, c := range m.Tokens[id] {
		b.WriteRune(charOf[c])
	}
	return b.String()
}

// file is a tokenizer.json that is being written. The first error is kept.
type file struct {
	w   *bufio.Writer
	err error
}

func newFile(w io.Writer) *file { return &file{w: bufio.NewWriter(w)} }

func (f *file) write(text string) {
	if f.err == nil {
		_, f.err = f.w.WriteString(text)
	}
}

// text is a value as JSON, without line breaks.
func (f *file) text(value any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil && f.err == nil {
		f.err = err
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (f *file) field(name string, value any) {
	f.write("  " + f.text(name) + ": " + f.text(value) + ",\n")
}

// item is the i-th of a list of one a line.
func (f *file) item(i int, text string) {
	if i > 0 {
		f.write(",")
	}
	f.write("\n    " + text)
}

// head is what a file of any model begins with.
func (f *file) head(special [][]byte, normalizer, preTokenizer any) {
	added := []object{}
	for id, token := range special {
		added = append(added, object{
			"id": id, "content": string(token), "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true,
		})
	}
	f.write("{\n")
	f.field("version", "1.0")
	f.field("truncation", nil)
	f.field("padding", nil)
	f.field("added_tokens", added)
	f.field("normalizer", normalizer)
	f.field("pre_tokenizer", preTokenizer)
}

func (f *file) close() error {
	if f.err == nil {
		f.err = f.w.Flush()
	}
	return f.err
}
