package parse

import "slices"

// compoundTags are the tags that the People's Daily corpus puts behind a bracketed compound, [中央/n 电台/n]nt, and that a
// split into characters leaves as two tokens.
var compoundTags = []string{"nt", "ns", "nz", "nr", "nx"}

// dropAnnotation marks the tokens that annotation of compounds left behind, and returns how many brackets are among them:
// a closing bracket with its tag, as one token (]nt) or in single characters (] n t, only behind an opening bracket), the
// opening bracket of that one, and opening brackets that nothing closes. Balanced brackets without a tag are text, as is a
// closing bracket alone. open is scratch.
func dropAnnotation(sentence []byte, tokens []token, open *[]int) (brackets int64) {
	stack := *open
	drop := func(i int) {
		tokens[i].dropped = true
		brackets++
	}
	for i := range tokens {
		switch word := sentence[tokens[i].start:tokens[i].end]; {
		case string(word) == "[":
			stack = append(stack, i)
		case isTagged(word):
			drop(i)
			if n := len(stack); n > 0 {
				drop(stack[n-1])
				stack = stack[:n-1]
			}
		case string(word) == "]" && len(stack) > 0:
			n := len(stack)
			if tagFollows(sentence, tokens[i+1:]) {
				drop(i)
				drop(stack[n-1])
				tokens[i+1].dropped, tokens[i+2].dropped = true, true
			}
			stack = stack[:n-1]
		}
	}
	for _, i := range stack {
		drop(i)
	}
	*open = stack[:0]
	return brackets
}

// isTagged recognises a closing bracket with a tag of one or two letters.
func isTagged(word []byte) bool {
	if len(word) < 2 || len(word) > 3 || word[0] != ']' {
		return false
	}
	return !slices.ContainsFunc(word[1:], func(c byte) bool { return c < 'a' || c > 'z' })
}

// tagFollows says whether the next two tokens are the letters of a tag, and the one after them is no letter.
func tagFollows(sentence []byte, next []token) bool {
	if len(next) < 2 || next[0].several || next[1].several || len(next) > 2 && next[2].first {
		return false
	}
	tag := string(sentence[next[0].start:next[0].end]) + string(sentence[next[1].start:next[1].end])
	return slices.Contains(compoundTags, tag)
}
