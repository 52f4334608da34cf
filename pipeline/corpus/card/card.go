package card

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Name is the dataset card, which dataset loaders and people read first. It is a function of the live manifests and
// lies outside of every digest.
const Name = "README.md"

// shownVersions is how many versions the table of the card shows.
const shownVersions = 30

// Render renders the card of a corpus that has these versions, oldest first; there must be one at least. Its front matter names
// the shards of the live ones in one format that load_dataset reads and nothing else, so that it reads no file that is not
// committed. A version without shards in that format is not in it. tables are those that lie beside the documents.
func Render(list []*manifest.Manifest, tables []croissant.Table) []byte {
	var b writer
	v := manifest.ViewOf(list)
	newest := v.Newest
	sum := v.Totals()
	is := sum.Live()
	loads := loadsOf(&v)
	about := v.About()
	frontMatter(&b, &v, &about, &loads, is)
	b.printf("# %s\n\n", Line(title(&about, is.Documents)))
	if about.Description != "" {
		b.printf("%s\n\n", Text(about.Description))
	}
	b.printf("Made by millrace. Version %d, %s characters of %s different ones, %s of text.\n\n",
		newest.Version, pipeline.Thousands(is.Chars), pipeline.Thousands(sum.VocabularyChars), pipeline.ByteSize(is.Bytes))
	reading(&b, &v, &loads)
	others(&b, &v, &loads)
	sources(&b, &v)
	totals(&b, &v, &sum)
	reasons(&b, v.Reasons())
	folders(&b, &v)
	b.WriteString("## Columns\n\n")
	Columns(&b.Buffer, append(documents(&v), tables...))
	if about.Citation != "" {
		b.printf("## Citation\n\n%s\n\n", Code(about.Citation))
	}
	b.WriteString("`millrace verify` recomputes all of it.\n")
	return b.Bytes()
}

// title is what the corpus is called.
func title(about *manifest.About, documents int64) string {
	if about.Name != "" {
		return about.Name
	}
	return "A corpus of " + pipeline.Counted(documents, "document")
}

// sources says of each source what it has, and what people say of it.
func sources(b *writer, v *manifest.View) {
	list, known := v.Sources()
	if len(list) == 0 {
		return
	}
	b.WriteString("## Sources\n\n| source | documents | characters | text | license |\n|---|---:|---:|---:|---|\n")
	for i := range list {
		s := &list[i]
		name := Line(s.Name)
		if s.Homepage != "" {
			name = Link(name, s.Homepage)
		}
		if license := Line(s.License); !known {
			b.printf("| %s | | | | %s |\n", name, license)
		} else {
			b.printf("| %s | %s | %s | %s | %s |\n", name, pipeline.Thousands(s.Text.Documents), pipeline.Thousands(s.Text.Chars), pipeline.ByteSize(s.Text.Bytes), license)
		}
	}
	if !known {
		b.WriteString("\nHow much is of which source is not known: a version was made by an older program.\n")
	}
	b.WriteString("\n")
}

// folders says what lies where: documents in the folders that loaders read.
func folders(b *writer, v *manifest.View) {
	b.WriteString("## What lies where\n\n| folder | holds |\n|---|---|\n")
	list := loaded(v)
	if len(list) == 0 {
		list = pipeline.TableFormats{pipeline.ParquetTable}
	}
	for _, format := range list {
		b.printf("| `%s/` | documents", format.Folder)
		if format.Name != pipeline.ParquetTable.Name {
			b.printf(" as %s", format.Title)
		}
		b.printf(": %s |\n", ingest.DocumentColumnList(v.FormatOf(&format)))
	}
	removed := int64(0)
	for _, m := range v.Versions {
		for _, f := range v.Below(m, pipeline.RemovedFolder) {
			removed += f.Rows
		}
	}
	if removed > 0 {
		b.printf("| `%s/` | %s that filters dropped, kept for reading: no part of the corpus |\n", pipeline.RemovedFolder, pipeline.Counted(removed, "document"))
	}
	b.WriteString(otherFolders)
}

const otherFolders = "| `vocab/` | characters with their counts |\n" +
	"| `ledger/` | what became of every file and document: files, rejects, duplicates (with the winner of each) |\n" +
	"| `index/` | what finds duplicates of these documents in later runs |\n" +
	"| `manifests/` | every file with its sha256, the totals, the settings |\n" +
	"| `croissant.json` | this card for machines |\n\n"

// writer collects the card.
type writer struct{ bytes.Buffer }

func (b *writer) printf(format string, args ...any) { fmt.Fprintf(&b.Buffer, format, args...) }

func frontMatter(b *writer, v *manifest.View, about *manifest.About, l *loads, is manifest.TextTotals) {
	b.WriteString("---\n")
	Front(&b.Buffer, about.Name, about.License, languages(v, about, is), about.Tags)
	b.printf("size_categories:\n- %s\n", sizeCategory(is.Documents))
	if len(l.globs) > 0 {
		b.WriteString("configs:\n- config_name: default\n  data_files:\n  - split: train\n    path:\n")
		for _, g := range l.globs {
			b.printf("    - %q\n", g)
		}
	}
	if len(l.globs) > 0 && !l.format.Inferred {
		b.WriteString("dataset_info:\n  features:\n")
		for _, f := range ingest.DocumentFeatures(v.FormatOf(&l.format)) {
			b.printf("  - name: %s\n    dtype: %s\n", f.Name, f.Type)
		}
	}
	b.WriteString("---\n\n")
}

// languages are those that people say, or else those that were found: by the signal language, or because most characters are Han.
func languages(v *manifest.View, about *manifest.About, is manifest.TextTotals) (list []string) {
	if len(about.Languages) > 0 {
		return about.Languages
	}
	for _, m := range v.Versions {
		list = append(list, m.Languages...)
	}
	if len(list) == 0 && 2*is.HanChars > is.Chars {
		list = append(list, "zh")
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// loaded are the formats of the live versions that load_dataset reads.
func loaded(v *manifest.View) (formats pipeline.TableFormats) {
	for _, format := range v.Newest.Tables {
		if format.Loaded && len(v.In(&format)) > 0 {
			formats = append(formats, format)
		}
	}
	return formats
}

// loads are the shards that load_dataset reads: a glob a folder, none if there are no such shards.
type loads struct {
	format pipeline.TableFormat
	globs  []string
}

// loadsOf says which those are. They are of one format, for what is in several would be read twice: of the first that has most of the
// documents, which are all unless a version was written in others.
func loadsOf(v *manifest.View) (l loads) {
	most := int64(0)
	for _, format := range loaded(v) {
		rows, list := int64(0), []string(nil)
		for _, f := range v.In(&format) {
			rows += f.Rows
			beginning, _, _ := strings.Cut(path.Base(f.Path), "-") // train, or rest of what was written anew
			if g := path.Dir(f.Path) + "/" + beginning + "-*." + format.Extension; !slices.Contains(list, g) {
				list = append(list, g)
			}
		}
		if rows > most {
			most, l = rows, loads{format, list}
		}
	}
	return l
}

// sizeCategory is the word that dataset hubs use for a number of documents.
func sizeCategory(n int64) string {
	bounds := []struct {
		below int64
		name  string
	}{{1e3, "1K"}, {1e4, "10K"}, {1e5, "100K"}, {1e6, "1M"}, {1e7, "10M"}, {1e8, "100M"}, {1e9, "1B"}, {1e10, "10B"}, {1e11, "100B"}, {1e12, "1T"}}
	for i, b := range bounds {
		switch {
		case n >= b.below:
		case i == 0:
			return "n<1K"
		default:
			return bounds[i-1].name + "<n<" + b.name
		}
	}
	return "n>1T"
}

func reading(b *writer, v *manifest.View, l *loads) {
	if len(l.globs) > 0 {
		b.WriteString("```python\nfrom datasets import load_dataset\n\ncorpus = load_dataset(\"path/of/this/folder\", split=\"train\")\n```\n\n")
		if l.format.Note != "" {
			b.printf("%s\n\n", l.format.Note)
		}
		return
	}
	for _, format := range v.Newest.Tables {
		if len(v.In(&format)) > 0 {
			b.printf("%s\n\n", format.Note)
			return
		}
	}
	b.WriteString("There are no documents in it yet.\n\n")
}

func totals(b *writer, v *manifest.View, sum *manifest.Totals) {
	live := v.Live
	b.WriteString("## Versions\n\n")
	b.WriteString("| version | read | kept | exact duplicates | same key | near | filtered | rejected | input | digest |\n")
	b.WriteString("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n")
	row := func(name string, t *manifest.Totals, digest string) {
		d := &t.Documents
		b.printf("| %s |", name)
		for _, n := range []int64{d.Read, d.Kept, d.ExactDuplicates, d.SameKeyDuplicates, d.NearDuplicates, d.Filtered, d.Rejected} {
			b.printf(" %s |", pipeline.Thousands(n))
		}
		b.printf(" %s | %s |\n", pipeline.ByteSize(t.InputBytes), digest)
	}
	hidden := max(len(live)-shownVersions, 0)
	if hidden > 0 {
		var earlier manifest.Totals
		for _, m := range live[:hidden] {
			earlier.AddVersion(m)
		}
		row(fmt.Sprintf("%d earlier ones", hidden), &earlier, "")
	}
	for _, m := range live[hidden:] {
		row(strconv.Itoa(m.Version), &m.Totals, "`"+m.Digest[:16]+"`")
	}
	row("**all**", sum, "")
	f := &sum.Files
	b.printf("\nEvery document read is in one column: read = kept + duplicates + filtered + rejected. Of the files, %s were read, "+
		"%s in part; %s were rejected.\n\n", pipeline.Thousands(f.Read), pipeline.Thousands(f.InPart), pipeline.Thousands(f.Rejected))
}

func reasons(b *writer, sum manifest.Reasons) {
	if len(sum.Rejected)+len(sum.Filtered)+len(sum.Files) == 0 {
		return
	}
	b.WriteString("## What was left out, and why\n\n| reason | documents rejected | documents filtered | files, or parts of files |\n|---|---:|---:|---:|\n")
	all := map[string]bool{}
	for _, counts := range []map[string]int64{sum.Rejected, sum.Filtered, sum.Files} {
		for reason := range counts {
			all[reason] = true
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(all)) {
		b.printf("| %s | %s | %s | %s |\n", Code(reason),
			pipeline.Thousands(sum.Rejected[reason]), pipeline.Thousands(sum.Filtered[reason]), pipeline.Thousands(sum.Files[reason]))
	}
	b.WriteString("\n")
}
