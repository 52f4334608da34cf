package pretoken

import (
	"strings"
	"unicode/utf8"
)

// Pattern cuts texts by the expression of a model. It does not change and may be used by many goroutines.
type Pattern struct {
	name, expression string
	next             func(c *classes, text []byte) int
}

// Parts of the expressions.
const (
	contractions = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
	capital      = `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
	small        = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
	before       = `[^\r\n\p{L}\p{N}]?`
	ending       = `|\s*[\r\n]+|\s+(?!\S)|\s+`

	expressionGPT2   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	expressionCL100K = contractions + `|` + before + `\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*` + ending
	expressionQwen2  = contractions + `|` + before + `\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*` + ending
	expressionGPT4O  = before + capital + `*` + small + `+` + contractions + `?|` + before + capital + `+` + small + `*` + contractions +
		`?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*` + ending
)

// patterns are the known ones. cl100k is what tokenizer.json files of GPT-3.5 and GPT-4 have, and Llama 3 took it over as it was.
var patterns = []*Pattern{
	{"gpt2", expressionGPT2, nextGPT2},
	{"cl100k", expressionCL100K, nextCL100K},
	{"llama3", expressionCL100K, nextCL100K},
	{"qwen2", expressionQwen2, nextQwen2},
	{"gpt4o", expressionGPT4O, nextGPT4O},
}

// others are known patterns that nothing is trained with. Those without a name are parts of a sequence of several.
var others = []*Pattern{
	{"cl100k_base", expressionCL100KBase, nextCL100KBase},
	{"", Digits3, nextDigits3},
	{"", expressionHanKana, nextHanKana},
	{"", expressionDeepSeek3, nextDeepSeek3},
}

// Names are the names of the known patterns: gpt2, cl100k (GPT-3.5 and GPT-4), llama3 (the same), qwen2 (Qwen 2, 2.5 and 3) and gpt4o (o200k).
func Names() []string {
	var list []string
	for _, p := range patterns {
		list = append(list, p.name)
	}
	return list
}

// ByName is a pattern of Names, or cl100k_base, which is tiktoken's for GPT-3.5 and GPT-4 and differs in white space at the end of a text.
func ByName(name string) (p *Pattern, ok bool) {
	for _, list := range [][]*Pattern{patterns, others} {
		for _, p := range list {
			if p.name == name && name != "" {
				return p, true
			}
		}
	}
	return nil, false
}

// lineEnds writes those of an expression as it is written here.
var lineEnds = strings.NewReplacer("\r", `\r`, "\n", `\n`)

// ByExpression is the pattern with an expression; of several the first. It knows the three by which DeepSeek 3 cuts texts one after the other, too.
func ByExpression(expression string) (p *Pattern, ok bool) {
	expression = lineEnds.Replace(expression)
	for _, list := range [][]*Pattern{patterns, others} {
		for _, p := range list {
			if p.expression == expression {
				return p, true
			}
		}
	}
	return nil, false
}

// Name is what the pattern is called here.
func (p *Pattern) Name() string { return p.name }

// Expression is the regular expression, as a Split in a tokenizer.json has it.
func (p *Pattern) Expression() string { return p.expression }

// Next is how many bytes the first pre-token of a text has: one at least, unless the text is empty. What it is depends on what is behind it, but
// on nothing before it.
func (p *Pattern) Next(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	return p.next(loadClasses(), text)
}

// Cut calls each with the pre-tokens of a text, one after the other.
func (p *Pattern) Cut(text []byte, each func(piece []byte)) {
	c := loadClasses()
	for len(text) > 0 {
		n := p.next(c, text)
		each(text[:n:n])
		text = text[n:]
	}
}

func nextGPT2(c *classes, text []byte) int {
	if text[0] == '\'' {
		if n := contraction(text); n > 0 && n == smallLetters(text[:n]) {
			return n
		}
	}
	class, size := c.at(text, 0)
	start := 0
	if text[0] == ' ' {
		if after, n := c.at(text, 1); after&(letter|number|other) != 0 {
			class, size, start = after, n, 1
		}
	}
	switch {
	case class&letter != 0:
		return c.letters(text, start+size)
	case class&number != 0:
		return c.run(text, start+size, number)
	case class&other != 0:
		return c.run(text, start+size, other)
	}
	return c.blanks(text, 0)
}

func nextCL100K(c *classes, text []byte) int { return c.byLetters(text, 3) }
func nextQwen2(c *classes, text []byte) int  { return c.byLetters(text, 1) }

// byLetters is what the patterns of cl100k and Qwen 2 have in common; digits is how many numbers are one pre-token at most.
func (c *classes) byLetters(text []byte, digits int) int {
	if text[0] == '\'' {
		if n := contraction(text); n > 0 {
			return n
		}
	}
	class, size := c.at(text, 0)
	switch {
	case class&letter != 0:
		return c.letters(text, size)
	case class&number != 0:
		return c.numbers(text, size, digits)
	}
	after, n := c.at(text, size)
	switch {
	case after&letter != 0 && class&newline == 0:
		return c.letters(text, size+n)
	case class&other != 0:
		return c.run(text, c.run(text, size, other), newline)
	case text[0] == ' ' && after&other != 0:
		return c.run(text, c.run(text, 1+n, other), newline)
	}
	return c.blanksAndLines(text)
}

func nextGPT4O(c *classes, text []byte) int {
	class, size := c.at(text, 0)
	if class&number != 0 {
		return c.numbers(text, size, 3)
	}
	if class&letter != 0 {
		end, capitals := c.cased(text, 0)
		if end == 0 {
			end = capitals
		}
		return end + contraction(text[end:])
	}
	if class&newline == 0 {
		end, capitals := c.cased(text, size)
		switch {
		case end > 0:
		case class&tail != 0: // a mark, which is a word without what is behind it
			end = size
		default:
			end = capitals
		}
		if end > 0 {
			return end + contraction(text[end:])
		}
	}
	if class&other != 0 {
		return c.run(text, c.run(text, size, other), newline|slash)
	}
	if text[0] == ' ' {
		if after, n := c.at(text, 1); after&other != 0 {
			return c.run(text, c.run(text, 1+n, other), newline|slash)
		}
	}
	return c.blanksAndLines(text)
}

// cased is where capital*small+ ends that begins at i, and if it matches nothing (0), where capital+ ends (0, too). The classes have letters
// and marks in common: where no small letter is behind what is capital, that ends with the last one of these.
func (c *classes) cased(text []byte, i int) (end, capitals int) {
	start, last := i, 0
	for {
		if i < len(text) && text[i] < utf8.RuneSelf && c.ascii[text[i]]&tail != 0 {
			return c.run(text, i+1, tail), 0 // a small letter, as nothing else of ASCII is in tail
		}
		for ideograph(text, i) {
			i += 3
			last = i
		}
		class, size := c.at(text, i)
		if class&head == 0 {
			if class&tail != 0 {
				return c.run(text, i+size, tail), 0
			}
			break
		}
		i += size
		if class&tail != 0 {
			last = i
		}
	}
	if last > 0 || i == start {
		return last, 0
	}
	return 0, i
}

// numbers is the end of a run of at most so many numbers, the first of which has size bytes.
func (c *classes) numbers(text []byte, size, most int) int {
	i := size
	for range most - 1 {
		class, n := c.at(text, i)
		if class&number == 0 {
			break
		}
		i += n
	}
	return i
}

// blanksAndLines is the end of the white space that text begins with and that is one pre-token: up to its last \r or \n if it has any.
func (c *classes) blanksAndLines(text []byte) int {
	end := c.run(text, 0, space)
	for i := end; i > 0; i-- {
		if b := text[i-1]; b == '\n' || b == '\r' {
			return i
		}
	}
	return c.blanks(text, end)
}

// blanks is the end of the white space that text begins with, and that is known to reach to end unless that is 0: its last character belongs to
// what follows, if something does and there is another.
func (c *classes) blanks(text []byte, end int) int {
	if end == 0 {
		end = c.run(text, 0, space)
	}
	if end == len(text) {
		return end
	}
	if _, size := utf8.DecodeLastRune(text[:end]); size < end {
		return end - size
	}
	return end
}

// contraction is the length of 's, 't, 're, 've, 'm, 'll or 'd in large or small letters, if text begins with one. ſ (U+017F) is a small s.
func contraction(text []byte) int {
	if len(text) < 2 || text[0] != '\'' {
		return 0
	}
	switch text[1] | 0x20 {
	case 's', 't', 'm', 'd':
		return 2
	case 'r', 'v':
		if len(text) > 2 && text[2]|0x20 == 'e' {
			return 3
		}
	case 'l':
		if len(text) > 2 && text[2]|0x20 == 'l' {
			return 3
		}
	}
	if len(text) > 2 && text[1] == 0xC5 && text[2] == 0xBF {
		return 3
	}
	return 0
}

// smallLetters is how many bytes of text there are before one that is neither ' nor a small letter of ASCII.
func smallLetters(text []byte) int {
	for i, b := range text {
		if b != '\'' && (b < 'a' || b > 'z') {
			return i
		}
	}
	return len(text)
}
