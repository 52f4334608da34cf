package card

import (
	"fmt"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Croissant is the same for machines, under the name croissant.Name.
func Croissant(list []*manifest.Manifest, tables []croissant.Table) []byte {
	v := manifest.ViewOf(list)
	sum := v.Totals()
	is := sum.Live()
	about := v.About()
	d := croissant.Dataset{
		Name: title(&about, is.Documents), Description: about.Description, License: about.License, Version: fmt.Sprintf("%d.0.0", v.Newest.Version),
		Citation: about.Citation, Publisher: about.Publisher, Languages: languages(&v, &about, is), Tags: about.Tags,
		Published: date(first(&v)), Modified: date(v.Newest), Tables: append(documents(&v), tables...),
	}
	if d.Description == "" {
		d.Description = fmt.Sprintf("%s with %s, made by millrace.", pipeline.Counted(is.Documents, "document"), pipeline.Counted(is.Chars, "character"))
	}
	return d.Encode()
}

// first is the oldest version that is there for as long as what the newest is: gc leaves the manifests of live runs.
func first(v *manifest.View) *manifest.Manifest {
	if len(v.Live) > 0 {
		return v.Live[0]
	}
	return v.Newest
}

// date is when a version was made, as a date of schema.org; "" if its manifest does not say it.
func date(m *manifest.Manifest) string {
	if t, err := time.Parse(time.RFC3339, m.Run.Started); err == nil {
		return t.UTC().Format("2006-01-02T15:04:05")
	}
	return ""
}

// documents are the live shards in the first format that has some: several have the same documents.
func documents(v *manifest.View) []croissant.Table {
	for _, format := range v.Newest.Tables {
		shards := v.In(&format)
		if format.Beside || len(shards) == 0 {
			continue
		}
		t := croissant.Table{
			ID: "documents", Place: format.Folder + "/…/*." + format.Extension, What: "the documents of the corpus, a row each", Media: media[format.Name],
			Columns: documentColumns(v.FormatOf(&format)),
		}
		if t.Media == "" {
			t.Media = "application/octet-stream"
		}
		for _, s := range shards {
			t.Files = append(t.Files, s.File)
		}
		return []croissant.Table{t}
	}
	return nil
}

// media are the media types of formats of documents.
var media = map[string]string{
	pipeline.ParquetTable.Name: croissant.ParquetMedia, pipeline.ArrowTable.Name: "application/vnd.apache.arrow.file", "jsonl": "application/zstd",
}

// documentColumns are the columns of shards of a corpus format.
func documentColumns(format int) (list []croissant.Column) {
	types := map[string]columnar.Type{"int32": columnar.Int32, "int64": columnar.Int64}
	for _, f := range ingest.DocumentFeatures(format) {
		c := croissant.Column{Name: f.Name, What: documentWhat[f.Name]} // columnar.String is the type of none
		if t, ok := types[f.Type]; ok {
			c.Type = t
		}
		list = append(list, c)
	}
	return list
}

// ColumnWhat is what is said of a column of documents, "" of what is none.
func ColumnWhat(name string) string { return documentWhat[name] }

// documentWhat is what is said of the columns of documents.
var documentWhat = map[string]string{
	"id": "32 hexadecimal digits, by source, path and offset", "text": "normalised, never empty", "source": "name of the source", "path": "of the file in its source",
	"offset": "where the record begins in the decoded file, in bytes", "chars": "code points of text", "bytes": "of text, in UTF-8",
	"metadata": "a JSON object with the other fields of the record", "version": "that read the document",
	ingest.CopiesColumn: "how many documents this one stands for, of its version: itself and its duplicates; 0 or null where that was not counted",
}
