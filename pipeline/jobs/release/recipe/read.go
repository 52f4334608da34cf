package recipe

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/strict"
)

// Defaults of what a recipe leaves out.
const (
	DefaultNgram         = 13
	DefaultLeastOverlap  = rule.One / 10 * 8
	DefaultMostDocuments = 1000
	DefaultLeastShort    = 8
	DefaultSiteShare     = rule.One / 4
	DefaultLeast         = 5
	DefaultShardBytes    = 1 << 30
)

// DefaultColumns are those of parquet and jsonl where none are named.
var DefaultColumns = []string{"id", "text", "source", "path", "metadata"}

// Read reads a recipe. name is the file's, for messages. Every problem is in the error, one a line, each with its line and path. What the
// recipe leaves out has its default afterwards. Where a key or value could not be read, the others are looked at nevertheless, each as far as nothing
// within it is missing for that.
func Read(data []byte, name string) (*Recipe, error) {
	r := &Recipe{}
	file, problems := strict.Read(name, data, r)
	unread := len(problems) > 0
	add := func(p *strict.ProblemError) {
		if !unread || file.Whole(p.Path) {
			problems = append(problems, file.Locate(p))
		}
	}
	if err := r.splitCorpus(); err != nil {
		add(&strict.ProblemError{Path: "corpus", Err: err})
	}
	r.fill(file.Has)
	if r.Mix != nil {
		for _, b := range r.Mix.budgets() {
			if path := "mix." + b.unit; b.amount == 0 && file.Has(path) {
				add(&strict.ProblemError{Path: path, Err: errors.New("0 is nothing: leave it out for all there is")})
			}
		}
	}
	for _, p := range r.problems() {
		add(p)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return r, nil
}

// Keys are those of all sections.
func Keys() (keys []string) {
	for _, f := range strict.Fields(reflect.TypeFor[Recipe]()) {
		keys = append(keys, f.Key)
	}
	return keys
}

// Validate returns all that is wrong with a recipe, joined, each with its path. One that Read returned has nothing wrong.
func (r *Recipe) Validate() error {
	var errs []error
	for _, p := range r.problems() {
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}

// ParseCorpus reads PATH[@VERSION]; the version is 0 if there is none. An @ in a path counts only behind the last slash.
func ParseCorpus(text string) (place string, version int, err error) {
	at := strings.LastIndexByte(text, '@')
	if at < 0 || strings.ContainsAny(text[at:], `/\`) {
		return text, 0, nil
	}
	version, err = strconv.Atoi(text[at+1:])
	if err != nil || version < 1 || at == 0 {
		return "", 0, fmt.Errorf("%q is not PATH@VERSION, as in news@17; behind a path that has an @ itself put a slash", text)
	}
	return text[:at], version, nil
}

func (r *Recipe) splitCorpus() (err error) {
	r.Corpus, r.Version, err = ParseCorpus(r.Corpus)
	return err
}

// Resolve is where a path of a recipe leads: one that is relative begins at the recipe's file, which may lie in an object store.
func Resolve(file, name string) string {
	switch {
	case name == "" || strings.Contains(name, "://") || filepath.IsAbs(name):
		return name
	case strings.Contains(file, "://"):
		scheme, rest, _ := strings.Cut(file, "://")
		return scheme + "://" + path.Join(path.Dir(rest), name)
	}
	return filepath.Join(filepath.Dir(file), name)
}

// fill gives what is not said its default.
func (r *Recipe) fill(said func(path string) bool) {
	for i, s := range r.Select {
		if d, at := s.DropLines, fmt.Sprintf("select[%d].%s", i, keyDropLines); d != nil {
			fill(&d.SiteShare, DefaultSiteShare, said(at+".site_share"))
			fill(&d.Least, DefaultLeast, said(at+".least"))
			fill(&d.Within, WithinEdges, said(at+".within"))
		}
	}
	if d := r.Decontaminate; d != nil {
		fill(&d.Ngram, DefaultNgram, said("decontaminate.ngram"))
		fill(&d.LeastOverlap, DefaultLeastOverlap, said("decontaminate.least_overlap"))
		fill(&d.MostDocuments, DefaultMostDocuments, said("decontaminate.most_documents"))
		fill(&d.LeastShort, DefaultLeastShort, said("decontaminate.least_short"))
		for i := range d.Sets {
			fill(&d.Sets[i].Name, stem(d.Sets[i].Path), said(fmt.Sprintf("decontaminate.sets[%d].name", i)))
		}
	}
	if r.Mix != nil {
		r.Mix.fill(r.Encode != nil, said)
	}
	if s := r.Split; s != nil {
		fill(&s.By, FieldID, said("split.by"))
	}
	how := OrderShuffle
	if r.Order.Signal != "" {
		how = OrderSignal
	}
	fill(&r.Order.How, how, false)
	if e := r.Encode; e != nil {
		fill(&e.Special, SpecialText, said("encode.special"))
		fill(&e.TooLong, TooLongSplit, said("encode.too_long"))
		pack := PackNone
		if e.Pack.Length > 0 {
			pack = PackConcat
		}
		fill(&e.Pack.How, pack, said("encode.pack.how"))
	}
	for i := range r.Write {
		if w := &r.Write[i]; formats[w.Format].columns && w.Columns == nil && !said(fmt.Sprintf("write[%d].columns", i)) {
			w.Columns = append([]string{}, DefaultColumns...)
		}
	}
	if !said("shards.number") {
		fill(&r.Shards.Bytes, DefaultShardBytes, said("shards.bytes"))
	}
}

func (m *Mix) fill(tokens bool, said func(path string) bool) {
	if m.By.Signal == "" {
		fill(&m.By.Field, FieldSource, said("mix.by"))
	}
	unit := UnitChars
	if tokens {
		unit = UnitTokens
	}
	for _, b := range m.budgets() {
		if said("mix." + b.unit) {
			unit = b.unit
		}
	}
	fill(&m.Unit, unit, said("mix.unit"))
	fill(&m.RepeatAtMost, rule.One, said("mix.repeat_at_most"))
}

// fill sets a value that is not said and is not set.
func fill[T comparable](value *T, to T, said bool) {
	var none T
	if *value == none && !said {
		*value = to
	}
}

// stem is the name of a file without its folder and all of its extensions.
func stem(name string) string {
	name = path.Base(filepath.ToSlash(name))
	if short, _, found := strings.Cut(name, "."); found && short != "" {
		return short
	}
	return name
}
