package fasttext

// Predictor asks a model, for one goroutine.
type Predictor struct {
	m      *Model
	hidden []float32
	output []float32
	hashes []uint32 // of the words
	token  []byte   // a word between < and >
	stack  []path
	rows   int // of the text, of which the last rows%together are yet to be added to hidden
	last   [together]int
}

// Predictor makes one.
func (m *Model) Predictor() *Predictor {
	return &Predictor{m: m, hidden: make([]float32, m.args.dim), output: make([]float32, len(m.words.labels))}
}

// Predict is the label of the greatest probability, by its number in Labels, and the probability in millionths. A text of which the model knows
// nothing has none: -1 and 0. A text ends at its first line break, as for fastText, and at the word </s>.
//
// The probability is the one that fastText prints, to which it adds 10 millionths, or so many for each decision of hierarchical softmax: it can be
// above 1 000 000.
func (p *Predictor) Predict(text []byte) (label int, probability int64) {
	if !p.read(text) {
		return -1, 0
	}
	if p.m.args.loss == hierarchical {
		var best float64
		label, best, p.stack = p.m.best(p.hidden, p.stack)
		return label, millionths(best)
	}
	p.m.outputs(p.hidden, p.output)
	for i, x := range p.output {
		if x >= p.output[label] { // of equals fastText gives the last
			label = i
		}
	}
	return label, millionths(float64(p.output[label]) + least)
}

// Score is the probability of one label, by its number in Labels, as Predict gives it. It is 0 for a text of which the model knows nothing.
func (p *Predictor) Score(text []byte, label int) (probability int64) {
	if !p.read(text) {
		return 0
	}
	switch p.m.args.loss {
	case hierarchical:
		var of float64
		of, p.stack = p.m.down(p.hidden, label, p.stack)
		return millionths(of)
	case softmax:
		p.m.outputs(p.hidden, p.output)
		return millionths(float64(p.output[label]) + least)
	}
	return millionths(float64(sigmoid(p.m.output.times(p.hidden, label))) + least)
}

// read makes the text's vector: the mean of the rows of its words and n-grams. It is false if there are none.
func (p *Predictor) read(text []byte) bool {
	clear(p.hidden)
	p.hashes, p.rows = p.hashes[:0], 0
	for i := 0; ; {
		for i < len(text) && blank[text[i]] && text[i] != '\n' {
			i++
		}
		if i == len(text) || text[i] == '\n' {
			p.add(endMark)
			break
		}
		from := i
		for i < len(text) && !blank[text[i]] {
			i++
		}
		p.add(text[from:i])
		if string(text[from:i]) == endOfText {
			break
		}
	}
	p.addWordGrams()
	if p.rows == 0 {
		return false
	}
	for _, row := range p.last[:p.rows%together] {
		p.m.input.addTo(p.hidden, row)
	}
	share := float32(1 / float64(p.rows))
	for i := range p.hidden {
		p.hidden[i] *= share
	}
	return true
}

var (
	endMark = []byte(endOfText)
	blank   = [256]bool{' ': true, '\n': true, '\r': true, '\t': true, '\v': true, '\f': true, 0: true}
)

func (p *Predictor) addRow(row int) {
	p.last[p.rows%together] = row
	if p.rows++; p.rows%together == 0 {
		p.m.input.addAll(p.hidden, &p.last)
	}
}

// add adds a word, with its n-grams of characters. Labels in the text are none.
func (p *Predictor) add(word []byte) {
	d := &p.m.words
	h := hashBytes(word)
	n := d.find(word, h)
	if n >= d.count || n < 0 && len(word) >= len(labelPrefix) && string(word[:len(labelPrefix)]) == labelPrefix {
		return
	}
	p.hashes = append(p.hashes, h)
	if n >= 0 {
		p.addRow(n)
	}
	if p.m.args.maxn >= p.m.args.minn && p.m.grams.any() && string(word) != endOfText {
		p.token = append(append(append(p.token[:0], '<'), word...), '>')
		p.addCharGrams(p.token)
	}
}

// addCharGrams adds the n-grams of a word between < and >, which alone are none.
func (p *Predictor) addCharGrams(token []byte) {
	minn, maxn := p.m.args.minn, p.m.args.maxn
	for i := range token {
		if token[i]&0xC0 == 0x80 {
			continue
		}
		h := uint32(hashStart)
		for j, n := i, 1; j < len(token) && n <= maxn; n++ {
			h = hashByte(h, token[j])
			for j++; j < len(token) && token[j]&0xC0 == 0x80; j++ {
				h = hashByte(h, token[j])
			}
			if n >= minn && (n > 1 || i > 0 && j < len(token)) {
				if row := p.m.grams.row(h); row >= 0 {
					p.addRow(row)
				}
			}
		}
	}
}

// addWordGrams adds the n-grams of words, which come after all words.
func (p *Predictor) addWordGrams() {
	if p.m.args.wordGrams < 2 || !p.m.grams.any() {
		return
	}
	bucket := uint64(p.m.grams.bucket)
	for i, first := range p.hashes {
		h := uint64(int64(int32(first)))
		for _, next := range p.hashes[i+1 : min(len(p.hashes), i+p.m.args.wordGrams)] {
			h = h*116049371 + uint64(int64(int32(next)))
			if row := p.m.grams.ofBucket(uint32(h % bucket)); row >= 0 {
				p.addRow(row)
			}
		}
	}
}
