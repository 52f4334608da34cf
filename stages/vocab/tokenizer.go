package vocab

import (
	"bufio"
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// The parts of a tokenizer.json round what is in the vocabulary, as the library tokenizers reads it: texts are cut into their code points,
// each of which is a token, and tokens are put together again without anything between them. The expression means any code point, line
// ends among them, in all dialects; (?s:.) is an error in that of Oniguruma.
const (
	tokenizerHead = `{
  "version": "1.0",
  "truncation": null,
  "padding": null,
  "added_tokens": [`
	tokenizerParts = `],
  "normalizer": null,
  "pre_tokenizer": {
    "type": "Split",
    "pattern": {
      "Regex": "[\\s\\S]"
    },
    "behavior": "Isolated",
    "invert": false
  },
  "post_processor": null,
  "decoder": {
    "type": "Fuse"
  },
  "model": {
    "type": "WordLevel",
    "vocab": {`
)

// unknownToken is what tokenizer.json names where no special token is for unknown characters: there has to be a name.
const unknownToken = "<UNK>"

// unknown is the token that stands for characters which the vocabulary has not: the special one that is called unk, in whatever brackets
// and letters, or unknownToken, which is none: tokenizers then refuses a text with such a character.
func unknown(list []token) string {
	for i := range list {
		if t := &list[i]; t.kind == typeSpecial && strings.EqualFold(strings.Trim(t.text, "<>[]|_"), "unk") {
			return t.text
		}
	}
	return unknownToken
}

// writeTokenizer writes tokenizer.json: the vocabulary as a tokenizer of characters, with the ids of chars.parquet.
func writeTokenizer(ctx context.Context, job *pipeline.Job, list []token) (pipeline.Output, error) {
	return writeText(ctx, job, "tokenizer.json", list, func(w *bufio.Writer) {
		_, _ = w.WriteString(tokenizerHead) // the buffer keeps the error
		separator := "\n    "
		for id := range list {
			if t := &list[id]; t.kind == typeSpecial {
				_, _ = w.WriteString(separator + `{"id": ` + strconv.Itoa(id) + `, "content": ` + quoted(t.text) +
					`, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}`)
				separator = ",\n    "
			}
		}
		_, _ = w.WriteString(tokenizerParts)
		separator = "\n      "
		for id := range list {
			_, _ = w.WriteString(separator + quoted(list[id].text) + ": " + strconv.Itoa(id))
			separator = ",\n      "
		}
		_, _ = w.WriteString("\n    },\n    \"unk_token\": " + quoted(unknown(list)) + "\n  }\n}\n")
	})
}

// quoted is a token as a string of JSON.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // programmer error: a string is always encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
