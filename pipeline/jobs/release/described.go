package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
)

// titleOf is what the release is called.
func titleOf(m *Manifest) string { return cmp.Or(m.Name, "A release") }

// croissantOf is the description for machines. It has no dates: the same recipe on the same version gives the same bytes.
func croissantOf(m *Manifest, about *manifest.About, tables []croissant.Table) []byte {
	d := croissant.Dataset{
		Name: titleOf(m), Description: about.Description, License: about.License, Version: fmt.Sprintf("%d.0.0", m.Corpus.Version), Citation: about.Citation,
		Publisher: about.Publisher, Languages: about.Languages, Tags: about.Tags, Tables: tables,
	}
	if d.Description == "" {
		d.Description = fmt.Sprintf("%s of version %d of a corpus, made by millrace.", pipeline.Counted(m.Totals.Released, "document"), m.Corpus.Version)
	}
	return d.Encode()
}

// tables are those that people open, with the files that the manifest names: the documents of each split in each format, and what became of all.
func (k *Kind) tables(m *Manifest) (tables []croissant.Table) {
	add := func(t croissant.Table, folder, prefix string) {
		for _, f := range m.Files {
			rest, ok := strings.CutPrefix(f.Path, folder+"/"+prefix)
			if ok && (prefix == "" || len(rest) > len("00000-of-") && rest[len("00000"):len("00000-of-")] == "-of-") { // not of a split whose name is longer
				t.Files = append(t.Files, f)
			}
		}
		tables = append(tables, t)
	}
	for _, w := range m.Recipe.Write {
		f := k.documents(w.Format)
		if f == nil {
			continue
		}
		for _, s := range m.Totals.Splits {
			t := croissant.Table{
				ID: w.Format + "-" + s.Name, Place: f.Name + "/" + s.Name + "-*." + f.Extension, What: "the documents of the split " + s.Name + ", a row each",
			}
			if f.Name != pipeline.ParquetTable.Name {
				t.Media = "application/zstd"
			}
			for _, name := range w.Columns {
				c, _ := documentColumn(name)
				if i := slices.IndexFunc(ofRelease, func(c columnar.Column) bool { return c.Name == name }); i >= 0 {
					c = ofRelease[i]
				}
				t.Columns = append(t.Columns, croissant.Column{Name: name, What: cmp.Or(releaseWhat[name], card.ColumnWhat(name)), Type: c.Type})
			}
			add(t, f.Name, s.Name+"-")
		}
	}
	add(croissant.Table{
		ID: releasedFolder, Place: releasedFolder + "/*.parquet", What: "every document that is here, once", Columns: croissant.Columns(releasedSchema, releasedWhat),
	}, releasedFolder, "")
	add(croissant.Table{
		ID: "left-out", Place: leftOutFolder + "/*.parquet", What: "every other document of the corpus", Columns: croissant.Columns(leftOutSchema, leftOutWhat),
		Globs: []string{leftOutFolder + "/*.parquet"}, // they lie by tasks: their names are no part of what a release is
	}, leftOutFolder, "")
	add(croissant.Table{
		ID: idsFolder, Place: idsFolder + "/*.parquet", What: "whose the tokens of a shard are, in their order", Columns: croissant.Columns(idsSchema, idsWhat),
	}, idsFolder, "")
	return tables
}

// What is said of columns. Those that documents have in the corpus too are as there.
var (
	releaseWhat = map[string]string{
		"stratum": "of the mixture", "repeat": "which time it is that the document is here, from 0", "token_count": "its tokens", "tokens": "these, 32 bits each, little-endian",
	}
	releasedWhat = map[string]string{
		"id": "of the document", "split": "that it is in", "stratum": "of the mixture", "copies": "how often it is here", "tokens": "of one copy", "shard": "number in its split, from 0",
		"position": "where its first copy begins there",
	}
	leftOutWhat = map[string]string{"id": "of the document", "reason": "a word, or the rule", "figure": "by which that was decided"}
	idsWhat     = map[string]string{
		"start": "the first token", "end": "one behind the last", "id": "of the document", "copy": "which repeat it is, from 0", "part": "which part of the document, from 0",
	}
)
