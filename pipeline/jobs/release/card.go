package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/card"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
)

// cardOf is README.md, with the header by which loaders of datasets find the files of documents.
func (k *Kind) cardOf(m *Manifest, about *manifest.About, tables []croissant.Table) []byte {
	var b bytes.Buffer
	b.WriteString("---\n")
	card.Front(&b, about.Name, about.License, about.Languages, about.Tags)
	for _, w := range m.Recipe.Write {
		f := k.documents(w.Format)
		if f == nil || !f.Loaded {
			continue
		}
		b.WriteString("configs:\n- config_name: default\n  data_files:\n")
		for _, s := range m.Totals.Splits {
			if s.Shards > 0 {
				fmt.Fprintf(&b, "  - split: %s\n    path: %s/%s-*.%s\n", s.Name, f.Name, s.Name, f.Extension)
			}
		}
		break
	}
	fmt.Fprintf(&b, "---\n\n# %s\n\n", card.Line(titleOf(m)))
	if about.Description != "" {
		fmt.Fprintf(&b, "%s\n\n", card.Text(about.Description))
	}
	fmt.Fprintf(&b, "Made by millrace of version %d of a corpus with %s, by the recipe below.\n\n", m.Corpus.Version, pipeline.Counted(m.Totals.Documents, "document"))
	n := pipeline.Thousands[int64]
	b.WriteString("| split | shards | documents, with repeats | tokens | sequences |\n|---|---|---|---|---|\n")
	for _, s := range m.Totals.Splits {
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", s.Name, s.Shards, n(s.Documents), n(s.Tokens), n(s.Sequences))
	}
	fmt.Fprintf(&b, "\n%s of the corpus are here, %s with repeats. Left out:\n\n| reason | documents |\n|---|---|\n", pipeline.Counted(m.Totals.Released, "document"), n(m.Totals.Copies))
	for _, reason := range slices.Sorted(maps.Keys(m.Totals.LeftOut)) {
		fmt.Fprintf(&b, "| %s | %s |\n", card.Line(reason), n(m.Totals.LeftOut[reason]))
	}
	if c := m.Totals.Cut; c != nil {
		fmt.Fprintf(&b, "\nFrom texts of %s that are here %s with %s were cut.\n", pipeline.Counted(c.Documents, "document"), pipeline.Counted(c.Lines, "line"),
			pipeline.Counted(c.Chars, "character"))
	}
	if len(m.Totals.Strata) > 1 {
		fmt.Fprintf(&b, "\n| stratum | documents there | available %s | target | taken | repeats |\n|---|---|---|---|---|---|\n", m.Recipe.Mix.Unit)
		for _, s := range m.Totals.Strata {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", card.Line(s.Name), n(s.Documents), n(s.Available), n(s.Target), n(s.Taken), s.Repeats)
		}
	}
	b.WriteString("\n## Files\n\n")
	for _, w := range m.Recipe.Write {
		fmt.Fprintf(&b, "- `%s/`\n", w.Format)
	}
	if m.Tokens != nil {
		b.WriteString("- `ids/`: for each shard the documents whose tokens it has: first token, one behind the last, id, which repeat, which part of the document\n")
	}
	b.WriteString("- `released/`: every document that is here, with its split, how often, and where it begins\n- `left_out/`: every other one, with the reason and the figure\n")
	if len(about.Sources) > 0 {
		b.WriteString("\n## Sources\n\n| source | license |\n|---|---|\n")
		for _, s := range about.Sources {
			name := card.Line(s.Name)
			if s.Homepage != "" {
				name = card.Link(name, s.Homepage)
			}
			fmt.Fprintf(&b, "| %s | %s |\n", name, card.Line(s.License))
		}
	}
	b.WriteString("\n## Columns\n\n")
	card.Columns(&b, tables)
	b.WriteString("`croissant.json` says the same to machines, `manifest.json` has every file with its sha256.\n")
	if about.Citation != "" {
		fmt.Fprintf(&b, "\n## Citation\n\n%s\n", card.Code(about.Citation))
	}
	recipe, err := m.Recipe.Digestable()
	if err != nil {
		panic(err) // programmer error: it was read
	}
	fmt.Fprintf(&b, "\n## Recipe\n\n```json\n%s\n```\n", indented(recipe))
	return b.Bytes()
}

// indented is JSON as people read it.
func indented(data []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return string(data)
	}
	return b.String()
}
