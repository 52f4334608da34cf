package release

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
)

// Counters of entries of encode.
const (
	countCopies = "copies" // documents with all their copies
	countTokens = "tokens" // of each document once

	countCut      = "cut" // documents of which lines were cut, each once
	countCutLines = "cut_lines"
	countCutChars = "cut_chars"
)

// scatterer is the Runner of encode.<split>: it reads the documents that are taken, makes their tokens, and puts each copy to those that stand near it in the
// order of the release. The others it writes into left_out. The entry's rows are the documents that are taken.
type scatterer struct{ kind *Kind }

// Run implements pipeline.Runner.
func (r scatterer) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	b, err := bodyOf(job.Plan)
	if err != nil {
		return e, err
	}
	d, err := readDecision(ctx, job)
	if err != nil {
		return e, err
	}
	s := &scattering{kind: r.kind, job: job, body: b, decision: d, task: task.Index, columns: b.columns()}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx); err != nil {
		return e, err
	}
	if err := s.documents(ctx); err != nil {
		return e, err
	}
	e = pipeline.Entry{Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Counters: s.counters, Sum: pipeline.Sum{In: int64(s.rows.len())}}
	out, err := s.to.commit()
	if err != nil {
		return e, err
	}
	e.Outputs = []pipeline.Output{out}
	left, err := s.leftOut(ctx)
	if err != nil {
		return e, err
	}
	if left != nil {
		e.Outputs = append(e.Outputs, *left)
	}
	for i, n := range s.copies {
		if n > 0 {
			e.Rows++
			e.Bytes += s.rows.bytes[i]
		} else {
			e.Sum.Leave(pipeline.LeftFiltered, s.why[i], 1)
		}
	}
	e.Sum.Out = e.Rows
	return e, nil
}

// scattering is one task.
type scattering struct {
	kind     *Kind
	job      *pipeline.Job
	body     *body
	decision *decision
	task     int
	columns  []string // of documents, in the order in which records have them

	rows     *rows
	copies   []int
	why      []string
	figures  map[int]string // of those that are left out here
	tokens   *tokensReader  // of tokenize, or
	encoder  *encoder       // here; both nil: there are none
	to       *scatter
	strata   map[*stratum]int
	payload  []byte
	taking   *taking
	counters columnar.Counters
}

func (s *scattering) open(ctx context.Context) (err error) {
	if s.rows, err = readRows(ctx, s.job.Work, s.body.settledName(s.task)); err != nil {
		return err
	}
	s.taking = s.decision.taking(s.body.Recipe.Mix, s.rows)
	s.copies, s.why = make([]int, s.rows.len()), make([]string, s.rows.len())
	s.figures = map[int]string{}
	for i := range s.copies {
		s.copies[i], s.why[i] = s.taking.of(i)
	}
	switch {
	case s.body.Tokens == nil:
	case s.body.measured():
		s.tokens, err = openTokens(ctx, s.job.Work, tokensName(s.task))
	default:
		s.encoder, err = s.kind.newEncoder(ctx, s.job, s.body)
	}
	if err != nil {
		return err
	}
	s.strata = map[*stratum]int{}
	for i := range s.decision.Strata {
		s.strata[&s.decision.Strata[i]] = i + 1
	}
	s.counters.Add(countCopies, 1) // makes the map
	s.counters[countCopies] = 0
	s.to, err = newScatter(ctx, s.job, s.task, s.decision.partitions())
	return err
}

func (s *scattering) close() (err error) {
	if s.to != nil {
		err = s.to.close()
	}
	if s.tokens != nil {
		err = errors.Join(err, s.tokens.close())
	}
	return err
}

// documents reads those that are taken.
func (s *scattering) documents(ctx context.Context) error {
	read := slices.Clone(s.columns)
	unread := s.body.Lines != nil && !s.body.measured() // something is left of the text, or nothing
	if (s.encoder != nil || unread) && !slices.Contains(read, "text") {
		read = append(read, "text")
	}
	if len(read) == 0 {
		read = []string{"bytes"}
	}
	next := 0 // whose tokens are read next
	return s.kind.texts(ctx, s.job, s.body, s.task, read, func(i int) bool { return s.copies[i] > 0 }, func(i int, d *document) error {
		var ids []int32
		switch {
		case s.encoder != nil:
			ids = s.encoder.encode(d.text("text"))
		case s.tokens != nil:
			for ; ; next++ {
				if s.rows.why[next] != 0 {
					continue
				}
				var err error
				if ids, err = s.tokens.next(); err != nil {
					return err
				}
				if next == i {
					next++
					break
				}
			}
		}
		return s.document(i, d, ids)
	})
}

// document puts the copies of a document to their places.
func (s *scattering) document(i int, d *document, ids []int32) error {
	if why, figure := s.body.unfit(d, ids); why != "" {
		s.copies[i], s.why[i], s.figures[i] = 0, why, figure
		return nil
	}
	if s.body.Tokens != nil {
		s.counters.Add(countTokens, int64(len(ids)))
	}
	s.cut(i, d)
	p := binary.AppendUvarint(s.payload[:0], uint64(s.copies[i]))
	stratum := 0
	if s.rows.split[i] == 0 {
		stratum = s.strata[s.taking.stratumOf(i)]
	}
	p = binary.AppendUvarint(p, uint64(stratum))
	if s.body.Tokens != nil {
		p = binary.AppendUvarint(p, uint64(len(ids)))
		p = appendIDs(p, ids)
	}
	for _, name := range s.columns {
		if c, _ := documentColumn(name); c.Type == columnar.String {
			text := d.text(name)
			p = append(binary.AppendUvarint(p, uint64(len(text))), text...)
		} else {
			p = binary.AppendVarint(p, d.number(name))
		}
	}
	s.payload = p
	split := &s.decision.Splits[s.rows.split[i]]
	for c := range s.copies[i] {
		at := s.place(i, c)
		if err := s.to.add(split.partition(at), at, &s.rows.id[i], c, p); err != nil {
			return err
		}
		s.counters[countCopies]++
	}
	return nil
}

// cut counts what was cut from a document that is taken.
func (s *scattering) cut(i int, d *document) {
	lines, chars := d.lost()
	if s.body.measured() && s.body.Lines != nil { // its text may not be read again
		lines, chars = int64(s.rows.cutLines[i]), s.rows.cutChars[i]
	}
	if lines > 0 {
		s.counters.Add(countCut, 1)
		s.counters.Add(countCutLines, lines)
		s.counters.Add(countCutChars, chars)
	}
}

// unfit is the reason why a document of such tokens is left out, with what is said of it; "" if it is not.
func (b *body) unfit(d *document, ids []int32) (reason, figure string) {
	if d.cut != nil && d.cut.Lines > 0 && len(d.cut.Text) == 0 {
		return recipe.ReasonEmpty, fmt.Sprintf("%s, all that it has, cut", pipeline.Counted(d.cut.Lines, "line"))
	}
	if b.Tokens == nil {
		return "", ""
	}
	e := b.Recipe.Encode
	switch {
	case len(ids) <= b.Tokens.marks():
		return recipe.ReasonEmpty, b.figure(ids)
	case e.Longest > 0 && len(ids) > e.Longest && e.TooLong == recipe.TooLongLeaveOut:
		return recipe.ReasonTooLong, b.figure(ids)
	}
	return "", ""
}

// figure says how many tokens a document has, for people.
func (b *body) figure(ids []int32) string {
	n := pipeline.Counted(int64(len(ids)), "token")
	if longest := b.Recipe.Encode.Longest; longest > 0 && len(ids) > longest {
		n += fmt.Sprintf(", more than %d", longest)
	}
	return n
}

// place is where a copy of a document stands.
func (s *scattering) place(i, number int) place {
	return placeOf(&s.body.Recipe.Order, s.task, s.rows, i, number)
}

func placeOf(o *recipe.Order, task int, r *rows, i, number int) place {
	switch o.How {
	case recipe.OrderCorpus:
		return place{Major: uint64(task)<<32 | uint64(i)}
	case recipe.OrderSignal:
		major := uint64(r.order[i]) ^ 1<<63
		if o.Descending {
			major = ^major
		}
		return place{major, shuffled(0, &r.id[i], number)}
	}
	return place{Major: shuffled(o.Seed, &r.id[i], number)}
}

// leftOut writes the documents that are left out, in the order of the corpus; nothing where there is none.
func (s *scattering) leftOut(ctx context.Context) (*pipeline.Output, error) {
	var id, reason, figure columnar.Strings
	for i, n := range s.copies {
		if n > 0 {
			continue
		}
		id.Data = hex.AppendEncode(id.Data, s.rows.id[i][:])
		id.Seal()
		reason.Append([]byte(s.why[i]))
		if said, ok := s.figures[i]; ok {
			figure.Append([]byte(said))
		} else {
			figure.Append(s.rows.figure.At(i))
		}
	}
	if id.Len() == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	out, err := pipeline.WriteTable(ctx, s.job, partName(leftOutFolder, s.task, len(s.body.Splits)), pipeline.ParquetTable, leftOutSchema, tableOptions,
		func(w columnar.TableWriter) (int64, error) { return int64(id.Len()), w.Write(&id, &reason, &figure) })
	return &out, err
}

// Folders of a release beside those of formats.
const (
	leftOutFolder  = "left_out"
	releasedFolder = "released"
	idsFolder      = "ids"
)

// tableOptions are those of every table of a release. There is nothing in its footer of the plan: the same documents are the same bytes.
var tableOptions columnar.TableOptions

var leftOutSchema = []columnar.Column{
	{Name: "id", Type: columnar.String},
	{Name: "reason", Type: columnar.String, Dictionary: true, Statistics: true},
	{Name: "figure", Type: columnar.String},
}

func partName(folder string, k, of int) string {
	return fmt.Sprintf("%s/%05d-of-%05d.parquet", folder, k, of)
}
