package recipe

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/strict"
	"github.com/millrace/millrace/pipeline/text/pretoken"
)

// Bounds of what a recipe may say.
const (
	leastNgram   = 5
	maxNgram     = 64
	maxBuckets   = 1000
	maxRepeat    = 1000 * rule.One
	minShard     = 1 << 20
	maxLength    = 1 << 24
	maxCondition = 4096
)

// Fields that documents are grouped by, beside metadata.KEY. A site is the registered domain of the url in the metadata, or else the source.
const (
	FieldID       = "id"
	FieldSource   = "source"
	FieldSite     = "site"
	FieldLanguage = "language"
	FieldScript   = "script"
	FieldMetadata = "metadata."
)

// Reasons why a document of the corpus is not in a release, beside the names of rules.
const (
	ReasonContaminated = "contaminated"
	ReasonBudget       = "budget"
	ReasonCap          = "cap"
	ReasonTooLong      = "too_long"
	ReasonEmpty        = "empty"
)

var reasons = []string{ReasonContaminated, ReasonBudget, ReasonCap, ReasonTooLong, ReasonEmpty}

// names are those of rules, sets and splits.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,63}$`)

// problems collects what is wrong.
type problems []*strict.ProblemError

func (p *problems) add(path, format string, args ...any) {
	*p = append(*p, &strict.ProblemError{Path: path, Err: fmt.Errorf(format, args...)})
}

// one adds a problem with a value that is none of those that are known.
func (p *problems) one(path, value string, known ...string) {
	if !slices.Contains(known, value) {
		hint := "known are " + strings.Join(known, ", ")
		if near := strict.Nearest(value, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		p.add(path, "unknown value %q: %s", value, hint)
	}
}

// field adds a problem with what documents are grouped by.
func (p *problems) field(path, value string, known ...string) {
	if key, of := strings.CutPrefix(value, FieldMetadata); of && key != "" {
		return
	}
	p.one(path, value, append(known, FieldMetadata+"KEY")...)
}

// problems are all that is wrong, in the order of the sections.
func (r *Recipe) problems() (p problems) {
	p.selects(r.Select)
	if r.Decontaminate != nil {
		p.decontaminate(r.Decontaminate)
	}
	if r.Mix != nil {
		p.mix(r.Mix, r.Encode != nil)
	}
	if r.Split != nil {
		p.split(r.Split)
	}
	p.one("order", r.Order.How, OrderShuffle, OrderCorpus, OrderSignal)
	switch {
	case r.Order.Signal != "" && r.Order.Seed != 0:
		p.add("order", "shuffle and by: one of the two")
	case r.Order.Descending && r.Order.Signal == "":
		p.add("order.descending", "by is missing: the signal that documents are sorted by")
	}
	if r.Encode != nil {
		p.encode(r.Encode)
	}
	p.writes(r.Write, r.Encode)
	switch s := r.Shards; {
	case s.Number != 0 && s.Bytes != 0:
		p.add("shards", "number and bytes: one of the two")
	case s.Number < 0 || s.Number > MostShards || s.Number == 0 && s.Bytes == 0:
		p.add("shards.number", "%d is not from 1 to %d", s.Number, MostShards)
	case s.Number == 0 && s.Bytes < minShard:
		p.add("shards.bytes", "%s is less than %s, which only makes files", strict.FormatSize(s.Bytes), strict.FormatSize(minShard))
	}
	return p
}

func (p *problems) selects(list []Rule) {
	named := map[string]bool{}
	lines := false
	for i, s := range list {
		at := fmt.Sprintf("select[%d]", i)
		switch d := s.DropLines; {
		case d != nil:
			at = strict.Join(at, keyDropLines)
			if lines {
				p.add(at, "is there twice")
			}
			lines = true
			p.share(at+".site_share", d.SiteShare)
			if d.Least < DefaultLeast {
				p.add(at+".least", "%d is less than %d: lines in fewer documents of a site are not counted", d.Least, DefaultLeast)
			}
			p.one(at+".within", d.Within, WithinEdges, WithinAll)
		case strings.TrimSpace(s.Rule) == "" || len(s.Rule) > maxCondition:
			p.add(at, "a rule of %d bytes: from 1 to %d are read", len(s.Rule), maxCondition)
		case s.Name == "":
		case !names.MatchString(s.Name):
			p.add(strict.Join(at, s.Name), "a name has small letters, digits, _, - and ., at most 64")
		case slices.Contains(reasons, s.Name):
			p.add(strict.Join(at, s.Name), "this name is for documents that are left out for another reason: %s", strings.Join(reasons, ", "))
		case named[s.Name]:
			p.add(strict.Join(at, s.Name), "is the name of an earlier rule")
		}
		named[s.Name] = s.Name != ""
	}
}

// share adds a problem with a share that is not above 0 and at most 1.
func (p *problems) share(path string, share rule.Number) {
	if share <= 0 || share > rule.One {
		p.add(path, "%s is not above 0, and at most 1", share)
	}
}

func (p *problems) decontaminate(d *Decontaminate) {
	if len(d.Sets) == 0 {
		p.add("decontaminate.sets", "there is none: name a file of evaluation items")
	}
	named := map[string]bool{}
	for i, s := range d.Sets {
		at := fmt.Sprintf("decontaminate.sets[%d]", i)
		switch {
		case s.Path == "":
			p.add(at, "path is missing")
		case named[s.Name]:
			p.add(at, "%s is the name of an earlier set: give it a name", s.Name)
		case s.Name == "" || strings.ContainsAny(s.Name, "\n\r\t"):
			p.add(at+".name", "%q is no name", s.Name)
		}
		named[s.Name] = true
		for _, f := range []struct {
			key    string
			fields []string
		}{{"question", s.Question}, {"choices", s.Choices}, {"answer", s.Answer}, {"passage", s.Passage}} {
			if slices.Contains(f.fields, "") {
				p.add(at+"."+f.key, "a field without a name")
			}
		}
		if len(s.Question) == 0 && len(s.Choices)+len(s.Answer)+len(s.Passage) > 0 {
			p.add(at+".question", "is missing, and other fields are named: documents are found by the question")
		}
	}
	if d.Ngram < leastNgram || d.Ngram > maxNgram {
		p.add("decontaminate.ngram", "%d is not from %d to %d", d.Ngram, leastNgram, maxNgram)
	}
	p.share("decontaminate.least_overlap", d.LeastOverlap)
	if d.MostDocuments < 1 {
		p.add("decontaminate.most_documents", "%d is less than 1", d.MostDocuments)
	}
	if d.LeastShort < 1 {
		p.add("decontaminate.least_short", "%d is less than 1", d.LeastShort)
	}
}

func (p *problems) split(s *Split) {
	var sum rule.Number
	for _, name := range slices.Sorted(maps.Keys(s.Shares)) {
		at, share := "split."+name, s.Shares[name]
		p.share(at, share)
		switch {
		case name == Train:
			p.add(at, "%s is what the other splits leave", Train)
		case !names.MatchString(name):
			p.add(at, "a name has small letters, digits, _, - and ., at most 64")
		}
		if share > 0 && share <= rule.One {
			sum += share
		}
	}
	if sum > rule.One {
		p.add("split", "the shares add up to %s, and 1 is all there is", sum)
	}
	if len(s.Shares) == 0 && s.Frozen == "" {
		p.add("split", "nothing is held back: name a split with its share, as in validation: 0.005")
	}
	p.field("split.by", s.By, FieldID, FieldSource, FieldSite)
}

func (p *problems) encode(e *Encode) {
	if e.Tokenizer == "" {
		p.add("encode.tokenizer", "is missing: name a file, or %s for the characters of the corpus", TokenizerChars)
	}
	if e.Pattern != "" {
		p.one("encode.pattern", e.Pattern, append(pretoken.Names(), "cl100k_base")...)
	}
	p.one("encode.special", e.Special, SpecialText, SpecialAllowed)
	p.one("encode.too_long", e.TooLong, TooLongSplit, TooLongLeaveOut)
	switch {
	case e.Longest < 0:
		p.add("encode.longest", "%d is below 0", e.Longest)
	case e.Longest == 0 && e.TooLong == TooLongLeaveOut:
		p.add("encode.too_long", "longest is missing: how many tokens a document may have")
	}
	p.one("encode.pack.how", e.Pack.How, PackNone, PackConcat, PackBestFit)
	switch {
	case e.Pack.Length < 0 || e.Pack.Length == 1 || e.Pack.Length > maxLength:
		p.add("encode.pack.length", "%d is not from 2 to %d", e.Pack.Length, maxLength)
	case e.Pack.Length == 0 && e.Pack.How != PackNone:
		p.add("encode.pack.length", "is missing: how many tokens a sequence has")
	}
}

func (p *problems) writes(list []Write, e *Encode) {
	if len(list) == 0 {
		p.add("write", "nothing would be written: name a format, as in {format: parquet}; known are %s", strings.Join(Formats(), ", "))
	}
	seen := map[string]bool{}
	for i, w := range list {
		at := fmt.Sprintf("write[%d]", i)
		f, known := formats[w.Format]
		switch {
		case w.Format == "":
			p.add(at+".format", "is missing: known are %s", strings.Join(Formats(), ", "))
			continue
		case !known:
			p.one(at+".format", w.Format, Formats()...)
			continue
		case seen[w.Format]:
			p.add(at+".format", "%s is there twice", w.Format)
		case f.tokens && e == nil:
			p.add(at+".format", "%s has tokens: say under encode by which tokenizer", w.Format)
		case f.fixed && e.Pack.How == PackNone:
			p.add(at+".format", "%s has sequences of one length: say under encode how they are packed, as in pack: {length: 8192, how: %s}", w.Format, PackConcat)
		}
		seen[w.Format] = true
		if !f.columns {
			if w.Columns != nil {
				p.add(at+".columns", "%s has none to choose", w.Format)
			}
			continue
		}
		p.columns(at+".columns", w.Columns, e != nil)
		if k := slices.Index(w.Columns, ColumnTokens); f.text && k >= 0 {
			p.add(fmt.Sprintf("%s.columns[%d]", at, k), "%s are bytes, and %s has text: parquet has room for them", ColumnTokens, w.Format)
		}
	}
}

func (p *problems) columns(at string, list []string, tokens bool) {
	if len(list) == 0 {
		p.add(at, "there is none: known are %s", strings.Join(Columns, ", "))
	}
	for k, c := range list {
		at := fmt.Sprintf("%s[%d]", at, k)
		switch {
		case slices.Contains(list[:k], c):
			p.add(at, "%s is there twice", c)
		case (c == ColumnTokens || c == ColumnTokenCount) && !tokens:
			p.add(at, "%s needs a tokenizer: say under encode which", c)
		default:
			p.one(at, c, Columns...)
		}
	}
}
