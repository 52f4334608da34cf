package train

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Settings say what is trained. All of them have a part in the result.
type Settings struct {
	Kind string `json:"kind"`           // an algorithm: see Algorithms
	Size int    `json:"size"`           // of the vocabulary, special and reserved tokens included
	Name string `json:"name,omitempty"` // what people call it

	Special  []string `json:"special,omitempty"`  // the first ids, in this order
	Reserved int      `json:"reserved,omitempty"` // ids <|reserved_0|> and so on, behind them

	Pattern      string `json:"pattern,omitempty"` // of pre-tokens, by a name of package pretoken; of bpe
	Cut          string `json:"cut,omitempty"`     // how long runs of Han are cut for training: none, jieba, or after so many characters; of bpe and unigram
	SplitDigits  bool   `json:"split_digits,omitempty"`
	ByteFallback bool   `json:"byte_fallback,omitempty"` // of unigram
	NFC          bool   `json:"nfc,omitempty"`           // texts are brought to NFC first, by the tokenizer too
	Lowercase    bool   `json:"lowercase,omitempty"`     // of wordpiece: texts are brought to small letters without accents first
	Alphabet     int    `json:"alphabet,omitempty"`      // of wordpiece: how many characters are tokens at most, the most frequent; 0: all

	MinFrequency int64 `json:"min_frequency,omitempty"` // of the pairs that are merged; of bpe and wordpiece
	MinPretoken  int64 `json:"min_pretoken,omitempty"`  // pre-tokens that occur more rarely are left out; 0 is 1
	MaxPretokens int64 `json:"max_pretokens,omitempty"` // different pre-tokens that are trained on; 0 is DefaultMaxPretokens
}

// Bounds of settings.
const (
	DefaultMaxPretokens = 10_000_000

	mostSize     = 1 << 20
	mostSpecial  = 4096
	pretokenMean = 16 // bytes: MaxPretokens have at most so many each, on the average
)

// Ways of Cut beside a number of characters.
const (
	CutNone  = "none"
	CutJieba = "jieba"
)

// settle puts defaults in the place of what is not set, and says all that is wrong.
func (s *Settings) settle() error {
	a, ok := algorithms[s.Kind]
	if !ok {
		return fmt.Errorf("kind %q: known are %s", s.Kind, strings.Join(Algorithms(), ", "))
	}
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	if s.MinPretoken == 0 {
		s.MinPretoken = 1
	}
	if s.MaxPretokens == 0 {
		s.MaxPretokens = DefaultMaxPretokens
	}
	check(s.Size > 0 && s.Size <= mostSize, "size %d is not from 1 to %d", s.Size, mostSize)
	check(s.Reserved >= 0 && s.Reserved <= mostSize, "reserved %d is not from 0 to %d", s.Reserved, mostSize)
	check(len(s.Special) <= mostSpecial, "%d special tokens: there are %d at most", len(s.Special), mostSpecial)
	for i, t := range s.Special {
		check(t != "" && utf8.ValidString(t), "special token %q is empty, or not valid UTF-8", t)
		check(!slices.Contains(s.Special[:i], t), "special token %q stands twice", t)
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(t, "<|reserved_"), "|>"))
		check(err != nil || n < 0 || n >= s.Reserved || t != fmt.Sprintf("<|reserved_%d|>", n), "special token %q is a reserved one", t)
	}
	check(utf8.ValidString(s.Name), "name %q is not valid UTF-8", s.Name)
	check(s.Alphabet >= 0, "alphabet %d is negative", s.Alphabet)
	check(s.MinFrequency >= 0, "min_frequency %d is negative", s.MinFrequency)
	check(s.MinPretoken > 0, "min_pretoken %d is less than 1", s.MinPretoken)
	check(s.MaxPretokens > 0, "max_pretokens %d is less than 1", s.MaxPretokens)
	if err := errors.Join(append(errs, a.settle(s))...); err != nil {
		return err
	}
	_, err := a.trainer(s) // what it would say behind all the counting
	return err
}

// fits says whether size has room for special and reserved tokens and so many more.
func (s *Settings) fits(more int) error {
	if least := len(s.Special) + s.Reserved + more; s.Size < least {
		return fmt.Errorf("size %d: there are %d tokens without any that is trained: special and reserved ones, and %d", s.Size, least, more)
	}
	return nil
}

// unset says of a setting that an algorithm does not go by that it has to be as it is by default.
func unset(kind, name string, is bool) error {
	if is {
		return nil
	}
	return fmt.Errorf("%s is no setting of %s", name, kind)
}

// checkCut checks Cut.
func (s *Settings) checkCut() error {
	if s.Cut == CutNone || s.Cut == CutJieba {
		return nil
	}
	if n, err := strconv.Atoi(s.Cut); err != nil || n < 1 || n > 1000 {
		return fmt.Errorf("cut %q is neither %s nor %s nor a number of characters from 1 to 1000", s.Cut, CutJieba, CutNone)
	}
	return nil
}
