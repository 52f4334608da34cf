package corpusreport

import (
	"cmp"
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/report"
)

const (
	// mostWinners is how many duplicates are looked up at the same time: some 150 bytes each.
	mostWinners = 1 << 20
	// mostBetween is how many sources the matrix has; the others are one together.
	mostBetween = 24
	topGroups   = 20
)

// winner is a document that others lost to.
type winner struct {
	id     corpus.VersionedID
	lost   int64
	source int32 // of the first that lost, and how many of its source did
	n      int64
	place  show.Location
	found  bool
	own    int32 // its source
}

// join finds out who lost to whom.
type join struct {
	*maker
	number  map[string]int32 // of a source
	names   []string
	between map[[2]int32]int64 // by the source of the duplicate and that of the winner
	unknown int64
	sizes   *columnar.Histogram
	largest []winner
}

// duplicates are kinds, sizes of groups, and which sources have them of which.
func (m *maker) duplicates(ctx context.Context) error {
	d := m.totals.Documents
	out := &m.out.Duplicates
	for _, k := range []report.Reason{
		{Name: kindExact, Documents: d.ExactDuplicates, Note: "the same text"},
		{Name: kindSameKey, Documents: d.SameKeyDuplicates, Note: "the same but for punctuation, spaces and case"},
		{Name: "near", Documents: d.NearDuplicates, Note: "texts that resemble each other"},
	} {
		if k.Documents > 0 {
			out.Kinds = append(out.Kinds, k)
		}
	}
	j := &join{maker: m, number: map[string]int32{}, between: map[[2]int32]int64{}, sizes: columnar.NewHistogram(columnar.Log)}
	parts := int(d.Duplicates()/mostWinners) + 1
	for part := range parts {
		if d.Duplicates() == 0 {
			break
		}
		if err := j.pass(ctx, part, parts); err != nil {
			return err
		}
	}
	for _, b := range j.sizes.Buckets() {
		out.Sizes = append(out.Sizes, report.Bucket{From: b.From, To: b.To, Documents: b.Count})
	}
	out.Unknown = j.unknown
	j.matrix(out)
	return j.groups(ctx, out)
}

// of is the number of a source.
func (j *join) of(name []byte) int32 {
	n, ok := j.number[string(name)]
	if !ok {
		n = int32(len(j.names))
		j.names = append(j.names, string(name))
		j.number[string(name)] = n
	}
	return n
}

// pass looks up the winners of one part of all ids.
func (j *join) pass(ctx context.Context, part, parts int) error {
	at := map[corpus.VersionedID]int32{}
	var winners []winner
	more := map[[2]int32]int64{} // by the number of a winner and of a source other than the first of it
	columns := columnar.Selection{Text: []string{"winner_id", "source"}, Int: []string{"winner_version"}}
	for _, v := range j.view.Live {
		f, ok := j.view.Table(v, corpus.DuplicatesTable)
		if !ok {
			continue
		}
		err := pipeline.ReadTable(ctx, j.store, f.Path, columns, func(t *columnar.Frame) error {
			ids, names := t.Text("winner_id"), t.Text("source")
			for i, version := range t.Int("winner_version") {
				id, err := ingest.ParseDocumentID(ids.At(i))
				if err != nil {
					return err
				}
				key := corpus.VersionedID{ID: id, Version: int32(version)}
				if key.Part(parts) != part {
					continue
				}
				source := j.of(names.At(i))
				n, ok := at[key]
				if !ok {
					n = int32(len(winners))
					at[key] = n
					winners = append(winners, winner{id: key, source: source})
				}
				w := &winners[n]
				if w.lost++; w.source == source {
					w.n++
				} else {
					more[[2]int32{n, source}]++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := j.find(ctx, at, winners); err != nil {
		return err
	}
	for i := range winners {
		w := &winners[i]
		j.sizes.Add(w.lost + 1)
		if !w.found {
			j.unknown += w.lost
			continue
		}
		j.between[[2]int32{w.source, w.own}] += w.n
	}
	for key, n := range more {
		if w := &winners[key[0]]; w.found {
			j.between[[2]int32{key[1], w.own}] += n
		}
	}
	j.largest = append(j.largest, winners...)
	slices.SortFunc(j.largest, func(a, b winner) int { return cmp.Or(cmp.Compare(b.lost, a.lost), corpus.CompareIDs(a.id, b.id)) })
	j.largest = slices.Clone(j.largest[:min(len(j.largest), topGroups)])
	return nil
}

// find looks where winners lie, in the ids of all shards.
func (j *join) find(ctx context.Context, at map[corpus.VersionedID]int32, winners []winner) error {
	columns := columnar.Selection{Text: []string{"id", "source"}, Int: []string{"version"}}
	for _, shard := range j.view.Shards() {
		err := j.corpus.Formats().Of(shard.Path).ReadTable(ctx, j.store, shard.Path, columns, nil, func(t *columnar.Frame) error {
			ids, names := t.Text("id"), t.Text("source")
			for i, version := range t.Int("version") {
				id, err := ingest.ParseDocumentID(ids.At(i))
				if err != nil {
					return err
				}
				if n, ok := at[corpus.VersionedID{ID: id, Version: int32(version)}]; ok {
					w := &winners[n]
					w.found, w.own, w.place = true, j.of(names.At(i)), show.Location{Shard: shard, Row: t.First() + int64(i)}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// otherSources is what the sources are together that the matrix has no room for.
const otherSources = "all others"

// matrix tells which sources have duplicates of which: those with the most have a row and a column of their own.
func (j *join) matrix(out *report.Duplicates) {
	weight := make([]int64, len(j.names))
	for key, n := range j.between {
		weight[key[0]] += n
		weight[key[1]] += n
	}
	order := make([]int, 0, len(j.names))
	for i, n := range weight {
		if n > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(j.names[a], j.names[b]))
	})
	row := make([]int, len(j.names))
	for at, i := range order {
		if row[i] = at; at >= mostBetween {
			row[i] = mostBetween
			continue
		}
		out.Sources = append(out.Sources, j.names[i])
	}
	if len(order) > mostBetween {
		out.Sources = append(out.Sources, otherSources)
	}
	out.Between = make([][]int64, len(out.Sources))
	for i := range out.Between {
		out.Between[i] = make([]int64, len(out.Sources))
	}
	for key, n := range j.between {
		out.Between[row[key[0]]][row[key[1]]] += n
	}
}

// groups are the largest ones, with the beginning of what stays.
func (j *join) groups(ctx context.Context, out *report.Duplicates) error {
	var places []show.Location
	for i := range j.largest {
		if j.largest[i].found {
			places = append(places, j.largest[i].place)
		}
	}
	documents, err := j.show.At(ctx, places, j.excerpt())
	if err != nil {
		return err
	}
	next := 0
	for i := range j.largest {
		w := &j.largest[i]
		g := report.Group{ID: w.id.Digits(), Lost: w.lost}
		if w.found {
			d := &documents[next]
			g.Source, g.Path, g.Excerpt, next = d.Source, d.Path, d.Text, next+1
		}
		out.Groups = append(out.Groups, g)
	}
	return nil
}

// excerpt is how many bytes of a document are shown.
func (m *maker) excerpt() int {
	if m.NoText {
		return 0
	}
	return excerptBytes
}

// excerptBytes bounds the text of a sample.
const excerptBytes = 900
