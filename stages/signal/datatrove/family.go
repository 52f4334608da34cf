package datatrove

import (
	"fmt"

	"github.com/millrace/millrace/pipeline/signal"
)

// The languages whose words are known.
const (
	English = "eng_Latn"
	Chinese = "cmn_Hani"
)

// Config says which words are measured.
type Config struct {
	// Language is eng_Latn, which is the default as it is for datatrove, or cmn_Hani.
	Language string `json:"language,omitempty" yaml:"language,omitempty"`
}

// language is what differs between languages.
type language struct {
	family, prefix string
	stopWords      []string
	splitter       func() splitter
}

var languages = map[string]language{
	English: {
		family: "datatrove", prefix: "dt_",
		stopWords: []string{"the", "be", "to", "of", "and", "that", "have", "with"},
		splitter:  func() splitter { return newEnglish() },
	},
	Chinese: {
		family: "datatrove_cmn", prefix: "dt_cmn_",
		// Those of FineWeb-2.
		stopWords: []string{
			"的", "年", "在", "月", "是", "和", "日", "了", "於", "·", "為", "有", "被", "人", "中", "为", "他", "與", "後", "也", "而", "由",
		},
		splitter: func() splitter { return newChinese() },
	},
}

// New is the family of a language: datatrove with columns that start with dt_ for English, datatrove_cmn with dt_cmn_ for Chinese. An unknown
// language is an error.
func New(c Config) (signal.Family, error) {
	name := c.Language
	if name == "" {
		name = English
	}
	l, ok := languages[name]
	if !ok {
		return signal.Family{}, fmt.Errorf("language %q: datatrove's words are known of %s and %s", c.Language, English, Chinese)
	}
	return signal.Family{
		Name:    l.family,
		Columns: columns(l.prefix),
		New:     func() signal.Measurer { return newMeasurer(l) },
	}, nil
}
