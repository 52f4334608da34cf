package parse

import (
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/jsonscan"
)

// Override is what is different about the files of one source. What is not set is as in the Config of all files. All of it
// changes the result. The limits have none: they guard the run, not the reading of one folder.
type Override struct {
	Format    string      `json:"format,omitempty" yaml:"format,omitempty"`
	Encoding  string      `json:"encoding,omitempty" yaml:"encoding,omitempty"`
	Document  string      `json:"document,omitempty" yaml:"document,omitempty"`
	TextField Fields      `json:"text_field,omitempty" yaml:"text_field,omitempty"` // in place of the other list, not before it
	CSV       OverrideCSV `json:"csv,omitzero" yaml:"csv,omitempty"`
	Metadata  Metadata    `json:"metadata,omitzero" yaml:"metadata,omitempty"` // in place of the other one
	HTML      string      `json:"html,omitempty" yaml:"html,omitempty"`
	NoArticle string      `json:"no_article,omitempty" yaml:"no_article,omitempty"`
	Comments  string      `json:"comments,omitempty" yaml:"comments,omitempty"`
	HTMLText  string      `json:"html_text,omitempty" yaml:"html_text,omitempty"`
	// JoinWrapped is nil where it is not set.
	JoinWrapped *bool  `json:"join_wrapped,omitempty" yaml:"join_wrapped,omitempty"`
	Begin       string `json:"begin,omitempty" yaml:"begin,omitempty"`
	End         string `json:"end,omitempty" yaml:"end,omitempty"`
}

// OverrideCSV is what is different about csv and tsv.
type OverrideCSV struct {
	// Header is nil where it is not set.
	Header    *bool  `json:"header,omitempty" yaml:"header,omitempty"`
	Delimiter string `json:"delimiter,omitempty" yaml:"delimiter,omitempty"`
	Quote     string `json:"quote,omitempty" yaml:"quote,omitempty"`
}

// Validate returns every problem of what is set, each with the name of its setting.
func (o Override) Validate() error { return o.over(Default()).Validate() }

// over lays what is set over a Config.
func (o Override) over(c Config) Config {
	for _, s := range []struct {
		to *string
		by string
	}{
		{&c.Format, o.Format},
		{&c.Encoding, o.Encoding},
		{&c.Document, o.Document},
		{&c.HTML, o.HTML},
		{&c.NoArticle, o.NoArticle},
		{&c.Comments, o.Comments},
		{&c.HTMLText, o.HTMLText},
		{&c.Begin, o.Begin},
		{&c.End, o.End},
		{&c.CSV.Delimiter, o.CSV.Delimiter},
		{&c.CSV.Quote, o.CSV.Quote},
	} {
		if s.by != "" {
			*s.to = s.by
		}
	}
	if o.TextField != nil {
		c.TextField = o.TextField
	}
	if !o.Metadata.all() {
		c.Metadata = o.Metadata
	}
	if o.CSV.Header != nil {
		c.CSV.Header = *o.CSV.Header
	}
	if o.JoinWrapped != nil {
		c.JoinWrapped = *o.JoinWrapped
	}
	return c
}

// Of is the Config of the files of a source.
func (c Config) Of(source string) Config {
	o, ok := c.Sources[source]
	if !ok {
		return c
	}
	return o.over(c)
}

// ofFile is the Config of a file of a plan.
func (c Config) ofFile(plan *ingest.Plan, file int) Config {
	if len(c.Sources) == 0 {
		return c
	}
	return c.Of(plan.SourceName(int32(file)))
}

// settings are what the records of some sources are decoded with.
type settings struct {
	cfg  Config
	scan *jsonscan.Scanner
}

// allSettings returns the different settings of the files of a plan, those without an Override first, and which of them are
// each source's own.
func (c Config) allSettings(plan *ingest.Plan) (list []settings, ofSource []int) {
	list = []settings{{c, jsonscan.New(c.TextField...)}}
	ofSource = make([]int, len(plan.Sources))
	for i, source := range plan.Sources {
		if o, ok := c.Sources[source.Name]; ok {
			ofSource[i] = len(list)
			own := o.over(c)
			list = append(list, settings{own, jsonscan.New(own.TextField...)})
		}
	}
	return list, ofSource
}
