package vocab

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// Types of a token in the table.
const (
	typeSpecial = "special"
	typeChar    = "char"
	typeSpace   = "space"
)

// token is one row of the table; its id is its index.
type token struct {
	text string
	kind string
	total
}

// ranked puts the tokens in the order of their ids: special tokens, then characters by count, and white space behind
// them: whoever leaves it out of a vocabulary moves no id.
func (s totals) ranked(special []string) []token {
	list := make([]token, 0, len(special)+len(s))
	for _, t := range special {
		list = append(list, token{text: t, kind: typeSpecial})
	}
	for r, t := range s {
		kind := typeChar
		if unicode.Is(unicode.White_Space, r) {
			kind = typeSpace
		}
		list = append(list, token{string(r), kind, t})
	}
	slices.SortFunc(list[len(special):], func(a, b token) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(b.Count, a.Count), cmp.Compare(a.text, b.text))
	})
	return list
}

// The columns of chars.parquet. count and documents are cumulative, the new ones those of this version.
var tableSchema = []columnar.Column{
	{Name: "id", Type: columnar.Int32},
	{Name: "token", Type: columnar.String},
	{Name: "type", Type: columnar.String, Dictionary: true},
	{Name: "count", Type: columnar.Int64},
	{Name: "documents", Type: columnar.Int64},
	{Name: "new_count", Type: columnar.Int64},
	{Name: "new_documents", Type: columnar.Int64},
}

func folder(p *pipeline.Plan) string {
	return pipeline.VocabFolder + "/" + pipeline.VersionName(p.Version) + "/"
}

// writeTable writes chars.parquet.
func writeTable(ctx context.Context, job *pipeline.Job, list []token) (pipeline.Output, error) {
	var ids []int32
	var texts, kinds columnar.Strings
	var counts, documents, newCounts, newDocuments []int64
	for i, t := range list {
		ids = append(ids, int32(i))
		texts.Append([]byte(t.text))
		kinds.Append([]byte(t.kind))
		counts = append(counts, t.Count)
		documents = append(documents, t.Documents)
		newCounts = append(newCounts, t.NewCount)
		newDocuments = append(newDocuments, t.NewDocuments)
	}
	options := columnar.TableOptions{Level: 3, Metadata: pipeline.Lineage(job.Plan)}
	return pipeline.WriteTable(ctx, job, folder(job.Plan)+"chars.parquet", pipeline.ParquetTable, tableSchema, options,
		func(w columnar.TableWriter) (int64, error) {
			return int64(len(list)), w.Write(ids, &texts, &kinds, counts, documents, newCounts, newDocuments)
		})
}

// writeLines writes vocab.txt: a token a line, whose number from 0 is the token's id.
func writeLines(ctx context.Context, job *pipeline.Job, list []token) (pipeline.Output, error) {
	return writeText(ctx, job, "vocab.txt", list, func(w *bufio.Writer) {
		for i := range list {
			_, _ = w.WriteString(list[i].line()) // the buffer keeps the error
			_ = w.WriteByte('\n')
		}
	})
}

// line is the token as a line of vocab.txt has it. White space, which ends lines or cannot be seen in them, is an escape. No other token
// looks like one: a character is one code point, and the settings refuse such special tokens.
func (t *token) line() string {
	if t.kind != typeSpace {
		return t.text
	}
	r, _ := utf8.DecodeRuneInString(t.text)
	if r > math.MaxUint16 {
		return fmt.Sprintf(`\U%08X`, r)
	}
	return fmt.Sprintf(`\u%04X`, r)
}

// escaped says whether a line of vocab.txt stands for another character.
var escaped = regexp.MustCompile(`^\\(u[0-9A-F]{4}|U[0-9A-F]{8})$`)

// writeText writes a file of text beside chars.parquet, which has as many rows as it has tokens.
func writeText(ctx context.Context, job *pipeline.Job, base string, list []token, write func(w *bufio.Writer)) (o pipeline.Output, err error) {
	w, err := pipeline.CreateOut(ctx, job, folder(job.Plan)+base)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	buffer := bufio.NewWriter(w)
	write(buffer)
	if err := buffer.Flush(); err != nil {
		return o, err
	}
	return w.Commit(int64(len(list)))
}
