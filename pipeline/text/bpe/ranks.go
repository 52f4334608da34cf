package bpe

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"golang.org/x/text/unicode/norm"

	"github.com/millrace/millrace/pipeline/text/bpe/merges"
	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// mostPairs bounds the pairs of tokens that make a token: a file of ranks has them for each place that a token may be cut at.
const mostPairs = 8 << 20

// mostToken is the longest token of such a file, in bytes: it is looked at as often as it is long.
const mostToken = 512

// RankOptions say what a file of ranks does not.
type RankOptions struct {
	// Pattern cuts texts before pairs are merged: a name that pretoken.ByName knows.
	Pattern string
	// Special are tokens that no text is merged into, with their ids.
	Special map[string]int32
	// NFC brings texts to NFC first.
	NFC bool
}

// ReadRanks reads a file of tiktoken: lines of a token in base64 and its rank, which is its id. Of two parts of a text that stand next to each other
// and are a token together, those of the least rank are merged. The ids are those of tiktoken (0.12).
func ReadRanks(data []byte, o RankOptions) (*Tokenizer, error) {
	ranks, err := readRanks(data)
	if err != nil {
		return nil, err
	}
	pattern, ok := pretoken.ByName(o.Pattern)
	if !ok {
		return nil, fmt.Errorf("the pattern %q is not known", o.Pattern)
	}
	t := &Tokenizer{ids: make(map[string]int32, len(ranks)), splits: []splitter{pattern.Cut}}
	if o.NFC {
		t.forms = append(t.forms, norm.NFC)
	}
	for _, r := range ranks {
		if err := t.set(r.id, r.token); err != nil {
			return nil, err
		}
		if _, ok := t.ids[string(r.token)]; ok {
			return nil, fmt.Errorf("two lines have the token %q", r.token)
		}
		t.ids[string(r.token)] = r.id
	}
	rules, err := t.rulesOf(ranks)
	if err == nil {
		err = t.setTable(rules, true)
	}
	if err != nil {
		return nil, err
	}
	for _, text := range slices.Sorted(maps.Keys(o.Special)) {
		id := o.Special[text]
		if old := t.Bytes(id); old != nil && string(old) != text {
			return nil, fmt.Errorf("the special token %q has the id %d, which is that of %q", text, id, old)
		}
		if err := t.set(id, []byte(text)); err != nil {
			return nil, fmt.Errorf("the special token %q: %w", text, err)
		}
	}
	t.raw = newFinders(o.Special, func(string) bool { return true })
	t.normal = newFinders(nil, nil)
	t.named = o.Special
	return t, nil
}

type rank struct {
	token []byte
	id    int32
}

// readRanks reads the lines, and brings them in the order of their ranks.
func readRanks(data []byte) ([]rank, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%d bytes: a tokenizer has %d at most", len(data), MaxBytes)
	}
	var list []rank
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		code, number, ok := bytes.Cut(line, []byte{' '})
		if !ok {
			return nil, fmt.Errorf("line %d: it is no token and its rank", n)
		}
		token, err := base64.StdEncoding.AppendDecode(nil, code)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		id, err := strconv.ParseInt(string(bytes.TrimSpace(number)), 10, 32)
		if err != nil || id < 0 || id >= mostTokens {
			return nil, fmt.Errorf("line %d: the rank %q is no number from 0 to %d", n, number, mostTokens-1)
		}
		if len(token) == 0 || len(token) > mostToken {
			return nil, fmt.Errorf("line %d: a token of %d bytes: there are of 1 to %d", n, len(token), mostToken)
		}
		list = append(list, rank{token, int32(id)})
	}
	if len(list) == 0 {
		return nil, errors.New("there are no ranks")
	}
	slices.SortFunc(list, func(a, b rank) int { return int(a.id - b.id) })
	for i, r := range list[1:] {
		if r.id == list[i].id {
			return nil, fmt.Errorf("two tokens have the rank %d", r.id)
		}
	}
	return list, nil
}

// IsRanks says whether a file looks like one of ranks: its first line is a token in base64 and a number.
func IsRanks(data []byte) bool {
	line, _, _ := bytes.Cut(data[:min(len(data), 1<<16)], []byte{'\n'})
	_, err := readRanks(line)
	return err == nil
}

// rulesOf makes the pairs that the tokens can be cut into. Those of one token have one rank, so that of these the first in a text counts.
func (t *Tokenizer) rulesOf(ranks []rank) (rules []merges.Rule, err error) {
	for _, r := range ranks {
		for i := 1; i < len(r.token); i++ {
			left, ok := t.ids[string(r.token[:i])]
			if !ok {
				continue
			}
			right, ok := t.ids[string(r.token[i:])]
			if !ok {
				continue
			}
			if len(rules) == mostPairs {
				return nil, fmt.Errorf("more than %d pairs of tokens make a token", mostPairs)
			}
			rules = append(rules, merges.Rule{Left: left, Right: right, Rank: r.id, To: r.id})
		}
	}
	return rules, nil
}
