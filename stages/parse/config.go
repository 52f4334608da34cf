package parse

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
)

// Auto lets a file decide for itself.
const Auto = "auto"

// Config says how files are read. All of it changes the result.
type Config struct {
	// Format of every file, or auto: by name and first bytes.
	Format string `json:"format" yaml:"format"`
	// Encoding of every file that is text, or auto: by its content. One of charset.Names.
	Encoding string `json:"encoding" yaml:"encoding"`
	// Document is what one document is: file, line, blank_line, id, or auto, which is the default of the format. A format
	// for which it makes no sense, as jsonl has its lines, goes on with its default.
	Document string `json:"document" yaml:"document"`
	// TextField is where the text of a JSON object or of a row of CSV is: the first that there is. What else the object has
	// becomes the document's metadata.
	TextField Fields `json:"text_field" yaml:"text_field"`
	CSV       CSV    `json:"csv" yaml:"csv"`
	// Metadata chooses from what else there is.
	Metadata Metadata `json:"metadata" yaml:"metadata"`
	// HTML says what of a web page is its text, in html, warc and arc: its article, or the whole page as it is seen.
	HTML string `json:"html" yaml:"html"`
	// NoArticle, Comments and HTMLText are for pages of which the article is looked for: what becomes of one without, whether comments
	// and the posts of a forum are text, and how it is written.
	NoArticle string `json:"no_article" yaml:"no_article"`
	Comments  string `json:"comments" yaml:"comments"`
	HTMLText  string `json:"html_text" yaml:"html_text"`
	// JoinWrapped joins the lines of text that was broken at a width. It is a guess, so it is off unless set.
	JoinWrapped bool `json:"join_wrapped" yaml:"join_wrapped"`
	// Begin and End are the words at the start and end of a chars line.
	Begin string `json:"begin" yaml:"begin"`
	End   string `json:"end" yaml:"end"`
	// MaxDocumentBytes bounds one record, in bytes of the decoded file. What is longer is rejected.
	MaxDocumentBytes int64 `json:"max_document_bytes" yaml:"max_document_bytes"`
	// MaxReplacementShare is the share of a record's bytes, from 0 to 1, that may be invalid UTF-8. Up to it they become
	// U+FFFD; above it the document is rejected. In other encodings it is the share of its characters that are U+FFFD.
	MaxReplacementShare float64 `json:"max_replacement_share" yaml:"max_replacement_share"`
	// MaxExpansion is how many times larger than the stored file a decoded file may get. It does not bind before 64 MiB.
	MaxExpansion int64 `json:"max_expansion" yaml:"max_expansion"`
	// MaxExpandedBytes bounds a decoded file whatever the stored file's size.
	MaxExpandedBytes int64 `json:"max_expanded_bytes" yaml:"max_expanded_bytes"`
	// ZstdWindow and XzWindow bound what a decoder looks back to, in bytes, and so what memory one file takes of each slot.
	ZstdWindow int64 `json:"zstd_window_bytes" yaml:"zstd_window_bytes"`
	XzWindow   int64 `json:"xz_window_bytes" yaml:"xz_window_bytes"`
	// KeepWords has the metadata of a document that came in words say which: see words.Given. Whoever sets it makes it part of the plan's
	// settings.
	KeepWords bool `json:"-" yaml:"-"`
	// Sources are the sources whose files are read otherwise, by name. Whoever fills it in makes it part of the plan's
	// settings, and validates it.
	Sources map[string]Override `json:"-" yaml:"-"`
}

// CSV says how csv and tsv are read.
type CSV struct {
	// Header says that the first row names the columns. Without it they are called 1, 2 and so on.
	Header bool `json:"header" yaml:"header"`
	// Delimiter stands between fields: one character, tab, or auto, which is what the first rows are set apart by.
	Delimiter string `json:"delimiter" yaml:"delimiter"`
	// Quote stands around fields that hold a delimiter, a quote or a line end: one character, none, or auto, which is the double
	// quote, but with tabs only where the first rows prove it.
	Quote string `json:"quote" yaml:"quote"`
}

// defaultFields are the names under which published corpora keep their text.
var defaultFields = Fields{"text", "content", "raw_content", "内容", "正文", "段落[].内容", "answer", "sentence", "abst"}

// Default is the Config of a run that sets nothing. A twentieth of undecodable bytes lets a damaged page of a good text
// pass, and rejects a file of another encoding, where it is nearly half. The expansion is several times what repetitive
// text reaches, and a fraction of what a bomb needs to be one.
func Default() Config {
	return Config{
		Format:              Auto,
		Encoding:            Auto,
		Document:            Auto,
		TextField:           slices.Clone(defaultFields),
		CSV:                 CSV{Header: true, Delimiter: Auto, Quote: Auto},
		Metadata:            Metadata{Keep: Fields{}, Drop: Fields{}},
		HTML:                HTMLArticle,
		NoArticle:           NoArticleKeep,
		Comments:            CommentsDrop,
		HTMLText:            HTMLPlain,
		Begin:               "<BOS>",
		End:                 "<EOS>",
		MaxDocumentBytes:    64 << 20,
		MaxReplacementShare: 0.05,
		MaxExpansion:        250,
		MaxExpandedBytes:    256 << 30,
		ZstdWindow:          codec.DefaultWindow,
		XzWindow:            codec.DefaultWindow,
	}
}

// Validate returns every problem, each with the name of its setting.
func (c Config) Validate() error {
	var errs []error
	problem := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{key}, args...)...))
	}
	if c.Format != Auto && formatByName(c.Format) == nil {
		problem("format", "unknown format %q: known are %s, %s", c.Format, Auto, strings.Join(formatNames(), ", "))
	}
	if c.Encoding != Auto && !slices.Contains(charset.Names(), c.Encoding) {
		problem("encoding", "unknown encoding %q: known are %s, %s", c.Encoding, Auto, strings.Join(charset.Names(), ", "))
	}
	switch c.Document {
	case Auto, RuleFile, RuleLine, RuleBlankLine, RuleID:
	default:
		problem("document", "unknown rule %q: known are %s", c.Document,
			strings.Join([]string{Auto, RuleFile, RuleLine, RuleBlankLine, RuleID}, ", "))
	}
	if err := c.TextField.validate(); err != nil {
		problem("text_field", "%w", err)
	}
	errs = append(errs, c.CSV.validate(), c.Metadata.validate())
	errs = append(errs, c.validateHTML()...)
	for _, m := range []struct{ key, word string }{{"begin", c.Begin}, {"end", c.End}} {
		if m.word == "" || !utf8.ValidString(m.word) || strings.ContainsAny(m.word, " \t\r\n\u3000") {
			problem(m.key, "must be one word without spaces")
		}
	}
	if c.MaxDocumentBytes < minDocumentBytes || c.MaxDocumentBytes > maxDocumentBytes {
		problem("max_document_bytes", "%d is not between %d and %d", c.MaxDocumentBytes, minDocumentBytes, maxDocumentBytes)
	}
	if math.IsNaN(c.MaxReplacementShare) || c.MaxReplacementShare < 0 || c.MaxReplacementShare > 1 {
		problem("max_replacement_share", "%v is not between 0 and 1", c.MaxReplacementShare)
	}
	if c.MaxExpansion < 1 {
		problem("max_expansion", "%d is less than 1", c.MaxExpansion)
	}
	if c.MaxExpandedBytes < 1 {
		problem("max_expanded_bytes", "%d is less than 1", c.MaxExpandedBytes)
	}
	for _, w := range []struct {
		key string
		n   int64
	}{{"zstd_window_bytes", c.ZstdWindow}, {"xz_window_bytes", c.XzWindow}} {
		if w.n != 0 && (w.n < codec.MinWindow || w.n > codec.MaxWindow) {
			problem(w.key, "%d is not between %d and %d", w.n, codec.MinWindow, int64(codec.MaxWindow))
		}
	}
	return errors.Join(errs...)
}

// windows is what decoders of files may allocate.
func (c *Config) windows() codec.Windows { return codec.Windows{Zstd: c.ZstdWindow, Xz: c.XzWindow} }

const (
	// minDocumentBytes keeps the longest line that may count as blank within one document.
	minDocumentBytes = maxBlank
	// maxDocumentBytes keeps a batch of one document, with its repairs, below the 2 GiB that columns can hold.
	maxDocumentBytes = 512 << 20
)
