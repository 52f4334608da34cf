package segmented

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/jieba"
	"github.com/millrace/millrace/pipeline/text/words"
)

// measurer keeps scratch memory of some 60 bytes a word of the longest text there was, and half as much again for runs of words.
type measurer struct {
	cutter *words.Cutter
	words  []words.Word
	chars  []int32 // code points of the words before each
	table  *table
	seed   maphash.Seed
	first  []int32 // by the number of a word: which word it is
	stops  []uint8 // and in which lists it is
	times  []int32 // and how often it occurs
	grams  grams
}

func newMeasurer(d *jieba.Dictionary) *measurer {
	return &measurer{cutter: words.New(d), table: newTable(), seed: maphash.MakeSeed()}
}

// Measure puts the signals of a document into out.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	m.words = m.cutter.Cut(m.words[:0], d.Text)
	m.numberWords(d.Text)
	all := int64(len(m.words))
	chars := int64(m.chars[len(m.words)])
	out[columnWords] = all
	out[columnMeanChars] = signal.Share(chars, all)
	out[columnUnique] = signal.Share(int64(len(m.first)-1), all)
	var english, chinese, stopped int64
	for number, lists := range m.stops {
		if lists != 0 {
			stopped += int64(m.times[number])
			english += int64(lists & stopEnglish)
			chinese += int64(lists & stopChinese / stopChinese)
		}
	}
	out[columnEnglish], out[columnChinese], out[columnStops] = english, chinese, signal.Share(stopped, all)
	m.grams.begin(m.times)
	for n := lengthFirst; n <= lengthLast; n++ {
		top, repeated := m.grams.next(m.table, m.chars, n)
		if n <= lastTop {
			repeated = top
		}
		out[columnGrams+n-lengthFirst] = signal.Share(int64(repeated), chars)
	}
}

// numberWords gives each different word a number.
func (m *measurer) numberWords(text []byte) {
	m.table.empty(len(m.words))
	m.first, m.stops, m.times = append(m.first[:0], 0), append(m.stops[:0], 0), append(m.times[:0], 0)
	m.chars = append(m.chars[:0], 0)
	m.grams.live = m.grams.live[:0]
	chars := int32(0)
	for i, w := range m.words {
		word := text[w.Start:w.End]
		number, known := m.number(text, word, int(w.Start))
		if !known {
			m.first = append(m.first, int32(i))
			m.stops = append(m.stops, stop(word))
			m.times = append(m.times, 0)
		}
		m.times[number]++
		m.grams.live = append(m.grams.live, place{int32(i), number})
		chars += count(word)
		m.chars = append(m.chars, chars)
	}
}

// number is that of a word. The key of one of at most seven bytes is the word itself with its length; that of a longer one is a hash, and what it
// finds is compared.
func (m *measurer) number(text, word []byte, start int) (uint32, bool) {
	if len(word) <= 7 {
		var key uint64
		if start+8 <= len(text) {
			key = binary.LittleEndian.Uint64(text[start:]) & (1<<(8*len(word)) - 1)
		} else {
			for i, c := range word {
				key |= uint64(c) << (8 * i)
			}
		}
		return m.table.number(key | uint64(len(word))<<56)
	}
	for key := maphash.Bytes(m.seed, word) | 0xFF<<56; ; key = key + 1 | 0xFF<<56 {
		number, known := m.table.number(key)
		if !known {
			return number, false
		}
		if w := m.words[m.first[number]]; string(text[w.Start:w.End]) == string(word) {
			return number, true
		}
	}
}

// count is how many code points a word has: its bytes but those that go on with one. Words are short.
func count(word []byte) int32 {
	n := int32(len(word))
	for _, c := range word {
		n -= int32(c >> 7 &^ (c >> 6) & 1)
	}
	return n
}
