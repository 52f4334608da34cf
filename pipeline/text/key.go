package text

// FoldKey maps a code point of a text to the one that stands for it in the key text (lower case, half width, simplified),
// or to 0 if it is not part of the key text: only letters, digits and combining marks are.
func FoldKey(r rune) rune { return r }

// AppendKey appends the key text of t, as code points, to dst. Invalid UTF-8 contributes nothing.
func AppendKey(dst []uint32, t []byte) []uint32 { return dst }

// CountRunes is the number of code points of valid UTF-8.
func CountRunes(t []byte) int { return 0 }
