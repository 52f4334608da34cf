package train

// Model is what was trained.
type Model struct {
	Tokens  [][]byte // by id: the text of a special or reserved token, the bytes of others
	Special int      // how many are special or reserved: those with the first ids
	Merges  []Merge  // in the order they are applied in
}

// Merge says what two tokens that stand beside each other become.
type Merge struct {
	Left, Right, ID int32
	Count           int64 // how often they did when they were merged
}

// merges are made one after the other. A pair that is merged again, as its parts have come about in another way, counts with the last time.
type merges struct {
	all  []Merge
	last map[key]int
}

func (m *merges) add(merge Merge) {
	if m.last == nil {
		m.last = map[key]int{}
	}
	m.last[keyOf(merge.Left, merge.Right)] = len(m.all)
	m.all = append(m.all, merge)
}

func (m *merges) list() []Merge {
	var list []Merge
	for i, merge := range m.all {
		if m.last[keyOf(merge.Left, merge.Right)] == i {
			list = append(list, merge)
		}
	}
	return list
}

// charOf are the characters that stand for bytes in a tokenizer.json: printable ones for themselves, others for what has none. alphabet are the
// bytes in the order of these.
var charOf, byteOf, alphabet = func() (chars [letters]rune, bytes map[rune]byte, order []byte) {
	bytes = map[rune]byte{}
	next := rune(letters)
	for b := range letters {
		r := rune(b)
		if b < '!' || b > '~' && b < 0xA1 || b == 0xAD {
			r = next
			next++
		}
		chars[b], bytes[r] = r, byte(b)
	}
	for r := range next {
		if b, ok := bytes[r]; ok {
			order = append(order, b)
		}
	}
	return chars, bytes, order
}()

// bytesOf are the bytes that a word of the file stands for.
func bytesOf(word string) (token []byte, ok bool) {
	for _, r := range word {
		b, ok := byteOf[r]
		if !ok {
			return nil, false
		}
		token = append(token, b)
	}
	return token, word != ""
}
