package corpus

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Described is a file that says what the corpus is, beside all versions: it is no part of any, and a function of the manifests.
type Described struct {
	Name string
	Data []byte
}

// Describe renders the card and the description for machines, of a corpus that has these versions, oldest first; there must be one at least.
// The card comes last.
func Describe(list []*manifest.Manifest) []Described {
	v := manifest.ViewOf(list)
	tables := tablesOf(&v)
	return []Described{{croissant.Name, card.Croissant(list, tables)}, {card.Name, card.Render(list, tables)}}
}

// tablesOf are the tables of a corpus that people open, with the files that they have in a view.
func tablesOf(v *manifest.View) (tables []croissant.Table) {
	signals := croissant.Table{
		ID: "signals", Place: pipeline.SignalsFolder + "/…/*.parquet", What: "what was measured of documents: a row for each row of a shard; shares and means in millionths",
		Columns: []croissant.Column{{Name: "id", What: "of the document", Type: columnar.String}},
	}
	for _, s := range v.In(&pipeline.SignalTable) {
		signals.Files = append(signals.Files, s.File)
	}
	for _, c := range v.SignalColumns() {
		signals.Columns = append(signals.Columns, croissant.Column{Name: c.Name, What: c.Note + " (" + strings.ReplaceAll(c.Unit, "_", ", ") + ")", Type: columnar.Int64})
	}
	tables = append(tables, signals)
	removed := croissant.Table{
		ID: "removed", Place: pipeline.RemovedFolder + "/…/*.parquet", What: "documents that filters dropped, kept for reading: no part of the corpus",
		Columns: croissant.Columns(ingest.RemovedSchema(), removedWhat),
	}
	for _, m := range v.Versions {
		removed.Files = append(removed.Files, v.Below(m, pipeline.RemovedFolder)...)
	}
	tables = append(tables, removed)
	tables = append(tables, vocabularies(v)...)
	for _, l := range ledger {
		t := croissant.Table{
			ID: strings.TrimSuffix(l.base, ".parquet"), Place: pipeline.LedgerFolder + "/…/" + l.base, What: l.what, Columns: croissant.Columns(l.schema, l.columns),
			Files: v.Tables(l.base),
		}
		tables = append(tables, t)
	}
	return tables
}

// vocabularies are the tables and files of tokens, those of the newest version that has each.
func vocabularies(v *manifest.View) (tables []croissant.Table) {
	newest := map[string]dataset.File{}
	for _, m := range slices.Backward(v.Versions) {
		for _, f := range v.Below(m, pipeline.VocabFolder) {
			if _, ok := newest[path.Base(f.Path)]; !ok {
				newest[path.Base(f.Path)] = f
			}
		}
	}
	one := func(base, id, media, what string, columns []croissant.Column) {
		if f, ok := newest[base]; ok {
			tables = append(tables, croissant.Table{ID: id, Place: f.Path, What: what, Media: media, Files: []dataset.File{f}, Columns: columns})
		}
	}
	one(CharsTable, "characters", "", "characters of the corpus with their counts", charsColumns)
	one("words.parquet", "words", "", "words of the corpus with their counts", tokenColumns)
	for n := 2; n <= 9; n++ {
		one("ngrams-"+strconv.Itoa(n)+".parquet", "ngrams-"+strconv.Itoa(n), "", "runs of "+strconv.Itoa(n)+" characters with their counts", tokenColumns)
	}
	one("vocab.txt", "vocab-txt", "text/plain", "the characters, a line each; white space is escaped", nil)
	one("tokenizer.json", "tokenizer-json", "application/json", "the characters as a tokenizer of Hugging Face", nil)
	return tables
}

// placeWhat are the columns that say where a document was read.
var placeWhat = map[string]string{
	"id": "of the document, 32 hexadecimal digits", "source": "name of the source", "path": "of the file in its source",
	"offset": "where the document begins in the decoded file",
}

// withPlace is what is said of columns, those of a place among them unless they are there.
func withPlace(what map[string]string) map[string]string {
	for name, text := range placeWhat {
		if _, ok := what[name]; !ok {
			what[name] = text
		}
	}
	return what
}

var removedWhat = withPlace(map[string]string{
	"text": "as the rules saw it", "chars": "code points of text", "reason": "the rule that dropped it", "detail": "the figure and the bound",
	"metadata": "a JSON object with the other fields of the record",
})

// The columns of the tables of tokens, which the stage vocab writes: docs/formats/vocabulary.md holds both to the same.
var (
	charsColumns = append([]croissant.Column{
		{Name: "id", What: "number of the row, from 0", Type: columnar.Int32},
		{Name: "token", What: "one character, or a special token", Type: columnar.String},
		{Name: "type", What: "special, char or space", Type: columnar.String},
	}, tokenColumns[1:]...)
	tokenColumns = []croissant.Column{
		{Name: "token", What: "the word, or the characters", Type: columnar.String},
		{Name: "count", What: "how often, in all versions up to this one", Type: columnar.Int64},
		{Name: "documents", What: "in how many documents", Type: columnar.Int64},
		{Name: "new_count", What: "how often in the documents of this version alone", Type: columnar.Int64},
		{Name: "new_documents", What: "in how many of these", Type: columnar.Int64},
	}
)

// ledger are the tables of the ledger, and what is said of them and of their columns.
var ledger = []struct {
	base, what string
	schema     []columnar.Column
	columns    map[string]string
}{
	{FilesTable, "files that were read, or could not be", filesSchema, map[string]string{
		"source": "name of the source", "path": "in the source", "bytes": "size as it is stored", "format": "what it was read as", "document": "what a document is in it",
		"compression": "empty for none", "status": "read, in_part or rejected", "reason": "why it, or a part of it, was not read", "documents": "kept and duplicates",
		"filtered": "documents that filters dropped", "rejected": "documents that could not be read", "unread": "bytes that could not be read",
		"encoding": "that it was decoded from, empty for UTF-8", "other_encoding": "texts of it that were in another one",
	}},
	{TimesTable, "when these files were last changed", timesSchema, map[string]string{
		"source": "name of the source", "path": "in the source", "mod_time": "Unix nanoseconds",
	}},
	{digestsTable, "digests of these files", digestsSchema, map[string]string{
		"source": "name of the source", "path": "in the source", "digest": "xxh3-128 of the stored bytes",
	}},
	{RejectsTable, "documents, files and parts of files that were left out, and why", rejectsSchema, withPlace(map[string]string{
		"bytes": "how long it is there", "scope": "document or file", "verdict": "rejected, or filtered by a rule", "reason": "a word, or the rule",
		"detail": "what exactly, with an excerpt",
	})},
	{DuplicatesTable, "documents that are not kept because another one is", duplicatesSchema, withPlace(map[string]string{
		"winner_id": "of the document that stays", "winner_version": "the version of that", "kind": "exact, same_key or near",
		"score": "up to 256: how many of 256 bytes of the signatures agree; above: the exact resemblance in millionths",
	})},
	{PagesTable, "what of web pages is the text", pagesSchema, withPlace(map[string]string{
		"article": "1: an article was found", "element": "that holds it", "blocks": "lines of the page's text, and cells", "taken_blocks": "of these, what is in the document",
		"chars": "code points of the page's text, without white space", "taken_chars": "of these, what is in the document",
	})},
	{withdrawn.Table, "documents that were kept and are not in the corpus any more", withdrawn.Schema(), withPlace(map[string]string{
		"version": "that kept it", "rank": "its number there, from 0", "chars": "code points of its text", "bytes": "of its text", "reason": "a word",
		"detail": "what there is to say of that", "blocks": "1: what resembles it does not come again",
	})},
	{VanishedTable, "files that were found gone", vanishedSchema, map[string]string{"source": "name of the source", "path": "in the source"}},
	{LostTable, "documents that had lost to some which were withdrawn, and are read again", lostSchema, withPlace(map[string]string{
		"version": "in which it had lost", "winner_id": "of the withdrawn document", "winner_version": "the version that had kept that",
	})},
}
