package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
)

// manifestFormat is the layout of a release.
const manifestFormat = 1

// Manifest is manifest.json. There is nothing of time or place in it.
type Manifest struct {
	Format int    `json:"format"`
	Name   string `json:"name,omitempty"` // what people call it
	Code   string `json:"code"`           // code version of the program
	Plan   string `json:"plan"`           // digest
	// Recipe is what it was made of, with digests in place of files, and Corpus what the corpus was like.
	Recipe recipe.Recipe  `json:"recipe"`
	Corpus State          `json:"corpus"`
	Read   []dataset.File `json:"read"` // files of the corpus
	Tokens *tokensOf      `json:"tokens,omitempty"`

	Totals Totals         `json:"totals"`
	Files  []dataset.File `json:"files"`  // by path
	Digest string         `json:"digest"` // over the files: see dataset.Digest

	Checksum string `json:"checksum"`
}

// Totals are the sums of a release.
type Totals struct {
	Documents int64            `json:"documents"` // of the corpus
	Released  int64            `json:"released"`  // of them, without copies
	LeftOut   map[string]int64 `json:"left_out,omitempty"`
	Cut       *CutTotals       `json:"cut,omitempty"`
	Copies    int64            `json:"copies"` // documents with all their copies
	Splits    []SplitTotals    `json:"splits"`
	Strata    []StratumTotals  `json:"strata,omitempty"`
	// Borders are those of the buckets of a signal that are strata.
	Borders []int64 `json:"borders,omitempty"`
}

// SplitTotals are the sums of a split.
type SplitTotals struct {
	Name      string `json:"name"`
	Shards    int    `json:"shards"`
	Documents int64  `json:"documents"` // with all copies
	Tokens    int64  `json:"tokens,omitempty"`
	Padded    int64  `json:"padded,omitempty"`    // tokens that are no text
	Sequences int64  `json:"sequences,omitempty"` // of tokens
	Parts     int64  `json:"parts,omitempty"`     // of documents, in sequences
}

// StratumTotals say what was there of a stratum, and what is in the release, in the unit of the mixture.
type StratumTotals struct {
	Name      string `json:"name"`
	Documents int64  `json:"documents"` // that are available
	Available int64  `json:"available"`
	Target    int64  `json:"target"`
	Taken     int64  `json:"taken"`
	Repeats   string `json:"repeats"` // how often, on average
}

// Made implements folder.Manifest.
func (m *Manifest) Made() (plan string, files []dataset.File) { return m.Plan, m.Files }

// Result is what a release ends with: the object that `release --json` prints.
type Result struct {
	Out    string `json:"out,omitempty"`
	Dry    bool   `json:"dry,omitempty"` // it was only tried
	Name   string `json:"name,omitempty"`
	Corpus State  `json:"corpus"`
	Totals
	Unit string `json:"unit,omitempty"` // of the strata
	// SelectRead is how many bytes of the corpus were read to select documents, of the DataBytes that its documents and signals have; 0 where the
	// release was there.
	SelectRead int64  `json:"select_read,omitempty"`
	DataBytes  int64  `json:"data_bytes,omitempty"`
	Files      int    `json:"files,omitempty"`
	Bytes      int64  `json:"bytes,omitempty"`
	Digest     string `json:"digest,omitempty"` // of the files
}

// result is what a release came to.
func (m *Manifest) result(at string) Result {
	bytes, _ := dataset.Sum(m.Files)
	r := Result{Out: at, Name: m.Name, Corpus: m.Corpus, Totals: m.Totals, Files: len(m.Files), Bytes: bytes, Digest: m.Digest}
	if m.Recipe.Mix != nil {
		r.Unit = m.Recipe.Mix.Unit
	}
	return r
}

// look returns what the release of a plan has made, nil if it has made nothing yet.
func (k *Kind) look(ctx context.Context, s *engine.Site, p *pipeline.Plan, planning bool) (*engine.Outcome, error) {
	b, err := bodyOf(p)
	if err != nil || b.Dry {
		return nil, err
	}
	l, err := localOf(p)
	if err != nil {
		return nil, err
	}
	place, err := k.placeOf(s, l.Out)
	if err != nil {
		return nil, err
	}
	var m Manifest
	made, err := place.Look(ctx, p, &m, planning, func(pipeline.Store) error { return nil })
	if err != nil || !made {
		return nil, err
	}
	return &engine.Outcome{Result: m.result(place.At), Plan: m.Plan}, nil
}

// Commit implements engine.Kind: it writes what says of all shards what there is, and the manifest, and gives the folder its name.
func (k *Kind) Commit(ctx context.Context, s *engine.Site, job *pipeline.Job, in engine.Commit) (o engine.Outcome, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return o, err
	}
	if b.Dry {
		d, err := readDecision(ctx, job)
		if err != nil {
			return o, err
		}
		r := Result{Dry: true, Name: b.Recipe.Name, Corpus: b.Corpus, Totals: d.totals()}
		if b.Recipe.Mix != nil {
			r.Unit = b.Recipe.Mix.Unit
		}
		err = r.selected(ctx, job, b)
		return engine.Outcome{Result: r}, err
	}
	l, err := localOf(job.Plan)
	if err != nil {
		return o, err
	}
	place, err := k.placeOf(s, l.Out)
	if err != nil {
		return o, err
	}
	there, err := k.look(ctx, s, job.Plan, true)
	if err != nil {
		return o, err
	}
	if there != nil {
		return *there, errors.Join(place.Clear(ctx, job.Plan), place.Ended(ctx, job.Plan))
	}
	m, err := k.manifest(ctx, job, b)
	if err != nil {
		return o, err
	}
	s.Options().Point("release:checked")
	data, _, err := dataset.Encode(m)
	if err != nil {
		return o, err
	}
	if err := place.Finish(ctx, job.Plan, data, func() { s.Options().Point("release:written") }, in.Lead); err != nil {
		return o, err
	}
	s.Options().Point("release:made")
	if err := place.Ended(ctx, job.Plan); err != nil {
		return o, err
	}
	if there, err = k.look(ctx, s, job.Plan, true); err == nil && there == nil {
		err = fmt.Errorf("%s is not there, though it was made", place.At)
	}
	if err != nil {
		return o, err
	}
	r := there.Result.(Result)
	err = r.selected(ctx, job, b)
	there.Result = r
	return *there, err
}

// selected says what was read to select documents.
func (r *Result) selected(ctx context.Context, job *pipeline.Job, b *body) error {
	entries, err := job.Entries(ctx, stageSelect)
	for i := range entries {
		r.SelectRead += entries[i].Counters[countRead]
	}
	for i := range b.Shards {
		r.DataBytes += b.Shards[i].Bytes
		if s := b.Shards[i].Signals; s != nil {
			r.DataBytes += s.Bytes
		}
	}
	return err
}

// manifest adds up what the tasks left, and writes the files that stand for all shards.
func (k *Kind) manifest(ctx context.Context, job *pipeline.Job, b *body) (*Manifest, error) {
	d, err := readDecision(ctx, job)
	if err != nil {
		return nil, err
	}
	encoded, err := job.Entries(ctx, stageEncode)
	if err != nil {
		return nil, err
	}
	written, err := job.Entries(ctx, stageWrite)
	if err != nil {
		return nil, err
	}
	if len(encoded) != len(b.Splits) || len(written) != d.shards() { // invariant 4
		return nil, fmt.Errorf("there are %d and %d ledger entries of %s and %s, there should be %d and %d", len(encoded), len(written), stageEncode, stageWrite,
			len(b.Splits), d.shards())
	}
	m := &Manifest{Format: manifestFormat, Name: b.Recipe.Name, Code: job.Plan.Code, Plan: job.Plan.Digest(), Recipe: b.Recipe, Corpus: b.Corpus, Tokens: b.Tokens}
	m.Read = append(m.Read, b.LineFiles...)
	for i := range b.Shards {
		m.Read = append(m.Read, b.Shards[i].File)
		if s := b.Shards[i].Signals; s != nil && b.readsSignals() {
			m.Read = append(m.Read, *s)
		}
	}
	m.Totals = d.totals()
	if b.Lines != nil {
		m.Totals.Cut = &CutTotals{}
	}
	outputs := []pipeline.Output{}
	if err := m.Totals.encoded(encoded, &outputs); err != nil {
		return nil, err
	}
	copies := int64(0)
	for i := range d.Splits {
		t := &m.Totals.Splits[i]
		t.Documents = 0
		of := map[string][][]pipeline.Output{} // by folder
		for _, e := range written[:d.Splits[i].Shards] {
			t.Documents += e.Rows
			t.Tokens += e.Counters[countWritten]
			t.Padded += e.Counters[countPadded]
			t.Sequences += e.Counters[countSequences]
			t.Parts += e.Counters[countParts]
			outputs = append(outputs, e.Outputs...)
			for _, f := range k.options.Tokens {
				of[f.Name] = append(of[f.Name], in(e.Outputs, f.Name))
			}
		}
		copies += t.Documents
		written = written[d.Splits[i].Shards:]
		for _, w := range b.Recipe.Write {
			if f := k.tokens(w.Format); f != nil && f.Index != nil {
				list, err := f.Index(ctx, job, f.Name, t.Name, of[f.Name], b.spec())
				if err != nil {
					return nil, err
				}
				outputs = append(outputs, list...)
			}
		}
	}
	if copies != m.Totals.Copies { // invariant 7
		return nil, fmt.Errorf("%d documents were written, with their copies, of %d", copies, m.Totals.Copies)
	}
	for _, o := range outputs {
		m.Files = append(m.Files, dataset.FileOf(o))
	}
	folder.Sort(m.Files)
	cards, err := k.cards(ctx, job, m, b)
	if err != nil {
		return nil, err
	}
	for _, o := range cards {
		m.Files = append(m.Files, dataset.FileOf(o))
	}
	folder.Sort(m.Files)
	m.Digest = dataset.Digest(m.Files)
	return m, nil
}

// in are the outputs in a folder.
func in(list []pipeline.Output, folder string) (of []pipeline.Output) {
	for _, o := range list {
		if len(o.Name) > len(folder) && o.Name[:len(folder)+1] == folder+"/" {
			of = append(of, o)
		}
	}
	return of
}

// encoded adds up the entries of encode.
func (t *Totals) encoded(entries []pipeline.Entry, outputs *[]pipeline.Output) error {
	t.Released, t.Copies, t.LeftOut = 0, 0, map[string]int64{}
	if t.Cut != nil {
		for i := range entries {
			n := entries[i].Counters
			t.Cut.Documents += n[countCut]
			t.Cut.Lines += n[countCutLines]
			t.Cut.Chars += n[countCutChars]
		}
	}
	left, seen := int64(0), int64(0)
	for i := range entries {
		e := &entries[i]
		t.Released += e.Rows
		t.Copies += e.Counters[countCopies]
		seen += e.Sum.In
		for key, n := range e.Sum.Left {
			t.LeftOut[key[len(pipeline.LeftFiltered)+1:]] += n
			left += n
		}
		for _, o := range e.Outputs {
			if o.Out {
				*outputs = append(*outputs, o)
			}
		}
	}
	if t.Released+left != t.Documents || seen != t.Documents { // invariant 7
		return fmt.Errorf("documents do not add up: %d released and %d left out, of %d", t.Released, left, t.Documents)
	}
	return nil
}

// readsSignals says whether files of signals were read.
func (b *body) readsSignals() bool {
	for _, s := range b.Signals {
		if !s.Own {
			return true
		}
	}
	return false
}

// cards writes what people, and what machines, read first, of a manifest that names all other files.
func (k *Kind) cards(ctx context.Context, job *pipeline.Job, m *Manifest, b *body) (list []pipeline.Output, err error) {
	about := manifest.About{}
	if b.About != nil {
		about = *b.About
	}
	about.Name, about.License = m.Name, cmp.Or(m.Recipe.License, about.License)
	tables := k.tables(m)
	for _, file := range []struct {
		name string
		data []byte
	}{{cardName, k.cardOf(m, &about, tables)}, {croissant.Name, croissantOf(m, &about, tables)}} {
		o, err := writeOut(ctx, job, file.name, file.data)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

func writeOut(ctx context.Context, job *pipeline.Job, name string, data []byte) (out pipeline.Output, err error) {
	f, err := pipeline.CreateOut(ctx, job, name)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return out, err
	}
	return f.Commit(0)
}

// cardName is the file of the card.
const cardName = "README.md"
