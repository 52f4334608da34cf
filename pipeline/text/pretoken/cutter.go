package pretoken

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/text"
)

// Digits3 is the expression that DeepSeek 3 and others cut numbers by before anything else: three digits at most are a piece.
const Digits3 = `\p{N}{1,3}`

// Words cuts runs of Han into words: it appends the end of each to dst. A Cutter of package jieba is one.
type Words interface {
	Cut(dst []int32, text []byte) []int32
}

// Options say how a Cutter cuts.
type Options struct {
	// Digits cuts numbers out of texts before the pattern cuts what is between them: 0: it does not, 1: into single digits (as tokenizers' Digits
	// does with individual_digits), 3: into groups of at most three from the left (as a Split by Digits3 does). A tokenizer must do so too.
	Digits int
	// Han and Words cut runs of more than Han characters of Han within pre-tokens, so that long ones, of which hardly any is there twice, become
	// short ones that are: into words, if there is Words, otherwise into pieces of Han characters. Neither: no run is cut. What stands in front of a
	// run belongs to its first piece, and what follows it to its last. This is for training only: a tokenizer knows nothing of it, and has no token
	// that reaches across such a cut.
	Han   int
	Words Words
}

// Cutter cuts texts into pre-tokens to train from. It is for one goroutine. What it makes of a text is a function of the text.
type Cutter struct {
	p    *Pattern
	o    Options
	ends []int32
}

// NewCutter makes a cutter by a pattern.
func NewCutter(p *Pattern, o Options) (*Cutter, error) {
	if o.Digits != 0 && o.Digits != 1 && o.Digits != 3 {
		return nil, fmt.Errorf("digits are cut into single ones (1), into groups of three (3), or not (0): not %d", o.Digits)
	}
	if o.Han < 0 {
		return nil, fmt.Errorf("runs of Han of more than %d characters cannot be cut", o.Han)
	}
	return &Cutter{p: p, o: o}, nil
}

// Cut calls each with the pre-tokens of a text, one after the other. They follow each other and are the text; each is valid during the call.
func (c *Cutter) Cut(text []byte, each func(piece []byte)) {
	if c.o.Digits == 0 {
		c.pattern(text, each)
		return
	}
	classes := loadClasses()
	for len(text) > 0 {
		class, size := classes.at(text, 0)
		if class&number != 0 {
			n := classes.numbers(text, size, c.o.Digits)
			each(text[:n:n])
			text = text[n:]
			continue
		}
		n := classes.run(text, 0, ^number)
		c.pattern(text[:n:n], each)
		text = text[n:]
	}
}

func (c *Cutter) pattern(text []byte, each func(piece []byte)) {
	if c.o.Han == 0 && c.o.Words == nil {
		c.p.Cut(text, each)
		return
	}
	classes := loadClasses()
	for len(text) > 0 {
		n := c.p.next(classes, text)
		// A run that is too long has three bytes a character at least.
		if n > 3*c.o.Han {
			c.han(text[:n:n], each)
		} else {
			each(text[:n:n])
		}
		text = text[n:]
	}
}

// han cuts the long runs of Han of a pre-token.
func (c *Cutter) han(piece []byte, each func([]byte)) {
	start := 0
	for i := 0; i < len(piece); {
		r, size := utf8.DecodeRune(piece[i:])
		if !text.IsHan(r) {
			i += size
			continue
		}
		from, n := i, 0
		for i < len(piece) {
			if r, size = utf8.DecodeRune(piece[i:]); !text.IsHan(r) {
				break
			}
			i += size
			n++
		}
		if n <= c.o.Han {
			continue
		}
		c.ends = c.ends[:0]
		if c.o.Words == nil {
			c.pieces(piece[from:i])
		} else if i-from <= math.MaxInt32 {
			c.ends = c.o.Words.Cut(c.ends, piece[from:i])
		}
		for _, end := range c.ends {
			if at := from + int(end); at < i { // what follows the run is not cut off
				each(piece[start:at:at])
				start = at
			}
		}
	}
	each(piece[start:])
}

// pieces makes ends of a run of Han, every Han characters.
func (c *Cutter) pieces(run []byte) {
	n := 0
	for i := 0; i < len(run) && i <= math.MaxInt32; {
		_, size := utf8.DecodeRune(run[i:])
		i += size
		if n++; n%c.o.Han == 0 {
			c.ends = append(c.ends, int32(i))
		}
	}
}
