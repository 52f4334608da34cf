package merges

import (
	"bytes"
	"encoding/json"
	"strings"
)

// ReadPair reads a pair of the merges of a tokenizer.json: "a b" or ["a","b"].
func ReadPair(data []byte) (left, right string, ok bool) {
	if bytes.HasPrefix(data, []byte{'['}) {
		var list []string
		if json.Unmarshal(data, &list) != nil || len(list) != 2 {
			return "", "", false
		}
		return list[0], list[1], true
	}
	var text string
	if json.Unmarshal(data, &text) != nil {
		return "", "", false
	}
	left, right, ok = strings.Cut(text, " ")
	return left, right, ok && !strings.Contains(right, " ")
}
