package segmented

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/jieba"
)

// Config says how words are found.
type Config struct {
	// Dictionary is the path of a file of words in the format of jieba's user dictionaries. The words of such a family are others, so its columns
	// bear the first 8 hex digits of the file's SHA-256.
	Dictionary string `json:"dictionary,omitempty" yaml:"dictionary"`
}

const (
	lengthFirst, lengthLast = 2, 10 // of n-grams
	lastTop                 = 4     // up to it the top n-gram is told, behind it the duplicates
)

// The columns before those of n-grams.
const (
	columnWords = iota
	columnMeanChars
	columnUnique
	columnEnglish
	columnChinese
	columnStops
	columnGrams
)

// New makes the family. An error is that of the file, with its path.
func New(c Config) (signal.Family, error) {
	// The dictionary of jieba is read when the first measurer is made: not by whoever only asks for the columns.
	dictionary, suffix := jieba.Default, ""
	if c.Dictionary != "" {
		data, err := os.ReadFile(c.Dictionary)
		if err != nil {
			return signal.Family{}, fmt.Errorf("dictionary: %w", err)
		}
		d, err := jieba.Default().With(bytes.NewReader(data))
		if err != nil {
			return signal.Family{}, fmt.Errorf("dictionary %s: %w", c.Dictionary, err)
		}
		sum := sha256.Sum256(data)
		dictionary, suffix = func() *jieba.Dictionary { return d }, "_"+hex.EncodeToString(sum[:4])
	}
	columns := columns()
	for i := range columns {
		columns[i].Name += suffix
	}
	return signal.Family{Name: "segmented", Columns: columns, New: func() signal.Measurer { return newMeasurer(dictionary()) }}, nil
}

func columns() []signal.Column {
	list := []signal.Column{
		{Name: "words", Unit: rule.Count, Note: "words: of jieba where there are ideographs, of UAX #29 elsewhere"},
		{Name: "mean_word_chars", Unit: rule.Mean, Note: "code points of a word"},
		{Name: "unique_word_share", Unit: rule.Share, Note: "different words, of all words"},
		{Name: "stop_words_en", Unit: rule.Count, Note: "how many different ones of the 8 English stop words of Gopher there are, in any case"},
		{Name: "stop_words_zh", Unit: rule.Count, Note: "how many different ones of the Chinese stop words of FineWeb-2 there are"},
		{Name: "stop_word_share", Unit: rule.Share, Note: "of the words, stop words of either list"},
	}
	for n := lengthFirst; n <= lengthLast; n++ {
		name, note := "dup", "runs of %d words that stood before"
		if n <= lastTop {
			name, note = "top", "the most frequent run of %d words, if it is there twice"
		}
		list = append(list, signal.Column{
			Name: fmt.Sprintf("word_%s_%dgram_share", name, n), Unit: rule.Share, Note: "of the characters of words, those of " + fmt.Sprintf(note, n),
		})
	}
	return list
}
