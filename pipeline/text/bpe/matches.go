package bpe

// Matches reads a regular expression of a tokenizer, which is one of Oniguruma. The function calls f with the matches in a text and with what is
// between them, in their order, and may be called by many goroutines.
func Matches(expr string) (func(text []byte, f func(part []byte, match bool)), error) {
	p, err := compile(expr)
	if err != nil {
		return nil, err
	}
	return p.walk, nil
}
