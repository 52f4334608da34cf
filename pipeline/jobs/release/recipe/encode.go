package recipe

// Encode says how texts become tokens.
type Encode struct {
	// Tokenizer is a file, relative to the recipe's, or chars: the characters of the corpus.
	Tokenizer string `yaml:"tokenizer" json:"tokenizer,omitempty"`
	// Pattern is the name of the one that cuts texts before a tiktoken file, which does not say it; "": as is known of the file, or said beside it.
	Pattern string `yaml:"pattern" json:"pattern,omitempty"`
	// BOS and EOS are the tokens before and behind each document; "": none.
	BOS string `yaml:"bos" json:"bos,omitempty"`
	EOS string `yaml:"eos" json:"eos,omitempty"`
	// Special says whether a special token that stands in a text is one, or text.
	Special string `yaml:"special" json:"special,omitempty"`
	// Longest is how many tokens a document may have, BOS and EOS among them; 0: any number. TooLong says what becomes of others.
	Longest int    `yaml:"longest" json:"longest,omitempty"`
	TooLong string `yaml:"too_long" json:"too_long,omitempty"`
	Pack    Pack   `yaml:"pack" json:"pack,omitzero"`
	// Digest is that of the tokenizer. It is set by who reads it, and stands for the path in what is digested.
	Digest string `yaml:"-" json:"digest,omitempty"`
}

// Pack says how documents become sequences of one length.
type Pack struct {
	// Length is how many tokens a sequence has.
	Length int    `yaml:"length" json:"length,omitempty"`
	How    string `yaml:"how" json:"how,omitempty"`
}

// TokenizerChars is the tokenizer of the characters of the corpus.
const TokenizerChars = "chars"

// What a special token in a text is.
const (
	SpecialText    = "text"
	SpecialAllowed = "allowed"
)

// What becomes of a document above the longest.
const (
	TooLongSplit    = "split"
	TooLongLeaveOut = "leave_out"
)

// How documents become sequences: none leaves each as long as it is.
const (
	PackNone    = "none"
	PackConcat  = "concat"
	PackBestFit = "best_fit"
)
