package parse

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/stages/parse/charset"
)

// keepScratch bounds the memory that a Stage keeps from one batch to the next.
const keepScratch = 8 << 20

// Stage turns the raw records of a batch into documents, in the batch's own memory. It is a pipeline.Stage.
//
// Counters: invalid_utf8 (bytes that became U+FFFD), other_encoding (records of which lines were in another encoding than their
// file), lone_surrogate (escapes that did, in text and metadata), repeated_field (further text fields in a line: the last one
// counts), repeated_name (the same of the metadata), not_finite (numbers in metadata that JSON does not have, as NaN, and that
// became null), missing_sentinel (chars lines without Begin or End), annotation (brackets and
// marks of annotation that were removed), hard_wrapped (documents whose lines were broken at a width), joined_lines (line
// ends that were removed from these), odd_lines (lines of conll that are not in columns), unparsed_markdown (documents
// of markdown that are too costly to parse and became their own text), fields_left_out (elements of a record behind the first
// thousands), redirects (pages of a wiki that are only another name of one: they have no text), articles (web pages of which the article
// was taken), no_article (those without one, of which all text was kept), lost_words (documents that came in words which cannot be told from their
// text, if words are kept).
type Stage struct {
	files []recordKind // by number of the file
	sets  []settings   // one for all sources without any of their own, and one for each other
	chars charsScratch

	elements elementFields // of the current record

	*settings     // those of the current record, one of sets
	set       int // its number

	// The text and metadata of the batch so far. While inPlace, out is the front of the memory that holds the raw records,
	// and never longer than what of them has been read.
	out, meta []byte
	inPlace   bool
	at        int // where in the batch's memory the record starts
	end       int // where it ends

	given columnar.Strings // metadata that a framer made; memory for that of the next batch

	member memberState
	pages  pages
	taken  []columnar.Page // of the batch

	head      [recordHead]byte // of the record, as it was read
	scratch   []byte           // a mended record
	mender    charset.Mender
	extracted []byte // the text of a page
	unwrapped []byte // an element as the application behind XML gets it
	spare     []byte // memory for the text of a batch in which repairs took more room than there was

	words given // of the current record

	count counts
}

// recordKind is how the records of a file are decoded.
type recordKind struct {
	format *format
	trim   bool // records are lines, with their ends

	set     int    // of the settings, in Stage.sets
	recoded bool   // they were in another encoding than UTF-8
	members bool   // the file is a container
	name    string // of the member
}

// counts are sums of the batch.
type counts struct {
	invalid, others, missing, annotation, wrapped, joined, odd, unparsed, moreFields, redirects, articles, noArticle, lost int64
}

// pages counts the last page, of which the article was looked for.
func (c *counts) pages(p *pages) {
	if p.page.Article {
		c.articles++
	} else {
		c.noArticle++
	}
}

// New makes a Stage for the files of a plan. It is Permanent if the plan has a format that this code does not know.
func New(cfg Config, plan *ingest.Plan) (pipeline.Stage, error) {
	s := &Stage{files: make([]recordKind, len(plan.Files))}
	var ofSource []int
	s.sets, ofSource = cfg.allSettings(plan)
	s.settings = &s.sets[0]
	for i, f := range plan.Files {
		if f.Reject != "" {
			continue
		}
		kind := &s.files[i]
		if len(cfg.Sources) > 0 {
			kind.set = ofSource[f.Source]
		}
		if kind.members = isContainer(f.Format); kind.members {
			continue
		}
		kind.format, kind.recoded = formatByName(f.Format), f.Encoding != ""
		kind.trim = f.Document == RuleLine || f.Document == RuleBlankLine
		if s.files[i].format == nil {
			return nil, pipeline.Permanent(fmt.Errorf("unknown format %q of %s: known are %s", f.Format, f.Path,
				strings.Join(formatNames(), ", ")))
		}
	}
	return s, nil
}

// Process implements pipeline.Stage.
func (s *Stage) Process(ctx context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	raw, offsets := b.Text.Data, b.Text.Offsets
	given := s.takeMeta(b)
	s.out, s.meta, s.inPlace = raw[:0], b.Meta.Data, true
	s.member = memberState{}
	s.taken = s.taken[:0]
	framed := b.Pages // what a framer has taken the text of
	rows, end := 0, int32(0)
	for i, file := range b.File {
		start := end
		end = offsets[i+1]
		s.at = int(start)
		rec := raw[start:end]
		kind := s.files[file]
		if kind.set != s.set {
			s.use(kind.set)
		}
		if kind.members {
			kind = s.memberKind(b.Members, i)
		}
		if kind.trim {
			rec = trimBOM(trimEnd(rec))
		}
		textEnd, metaEnd := len(s.out), len(s.meta)
		head := s.head[:copy(s.head[:], rec)] // the text of the record may be written over it
		others := s.count.others
		s.pages.looked, s.pages.name = false, kind.name
		s.words.on = false
		reason, detail := s.document(kind, rec, int(end))
		b.AddMixed(file, s.count.others-others)
		if reason != "" {
			if kind.name != "" {
				detail = nameDetail(kind.name, detail)
			}
			if reason != ingest.ReasonNoArticle { // of which the head says nothing
				detail = withHead(detail, head)
			}
			s.out, s.meta = s.out[:textEnd], s.meta[:metaEnd]
			b.Rejects = append(b.Rejects, columnar.Reject{
				File: file, Scope: columnar.ScopeDocument, Offset: b.Offset[i], Bytes: int64(len(rec)),
				Reason: reason, Detail: clip(detail),
			})
			continue
		}
		if given.Len() > 0 {
			s.meta = mergeObjects(s.meta, metaEnd, given.At(i))
		}
		if kind.members {
			s.meta = s.nameMember(s.meta, metaEnd)
		}
		if !s.cfg.Metadata.all() {
			s.meta = s.scan.Pick(s.meta, metaEnd, s.cfg.Metadata.keeps)
		}
		if s.words.on {
			var lost bool
			if s.meta, lost = s.words.appendTo(s.meta, metaEnd, s.out, textEnd); lost {
				s.count.lost++
			}
		}
		if s.pages.looked {
			s.count.pages(&s.pages)
			s.take(s.pages.page, file, b.Offset[i])
		}
		for len(framed) > 0 && framed[0].Row <= i {
			if framed[0].Row == i {
				s.take(framed[0], file, b.Offset[i])
			}
			framed = framed[1:]
		}
		b.File[rows], b.Offset[rows] = file, b.Offset[i]
		rows++
		offsets[rows] = int32(len(s.out))
		b.Meta.Data = s.meta
		b.Meta.Seal()
	}
	b.File, b.Offset = b.File[:rows], b.Offset[:rows]
	b.Text.Offsets = offsets[:min(rows+1, len(offsets))]
	b.Text.Data = s.out
	b.Meta.Data = s.meta
	b.Pages, s.taken = s.taken, b.Pages[:0]
	if !s.inPlace {
		s.spare = raw[:0]
	}
	s.finish(b)
	return b, nil
}

// take notes what was taken of a page that became a document.
func (s *Stage) take(p columnar.Page, file int32, offset int64) {
	p.Row, p.File, p.Offset = 0, file, offset
	s.taken = append(s.taken, p)
}

// use changes to the settings of another source.
func (s *Stage) use(set int) {
	s.set, s.settings = set, &s.sets[set]
	s.chars.begin, s.chars.end = nil, nil
}

// document validates one record, of which the bytes up to end belong to it in the batch's memory, and decodes it.
func (s *Stage) document(kind recordKind, rec []byte, end int) (reason, detail string) {
	f := kind.format
	if kind.recoded {
		if replaced, allowed, ok := s.replacedShare(rec); !ok {
			return ingest.ReasonEncoding, fmt.Sprintf("%d characters could not be decoded, more than %d", replaced, allowed)
		}
	}
	s.end = end
	good := text.ValidPrefix(rec)
	if good == len(rec) {
		return f.decode(s, rec)
	}
	before := s.count // of what only counts where it is kept
	rec, reason, detail = s.mended(rec, good, f)
	if reason != "" {
		return reason, detail
	}
	if s.inPlace && len(s.out)+len(rec) > end {
		s.out, s.inPlace = append(s.spare[:0], s.out...), false
	}
	mended := s.count
	if reason, detail = f.decode(s, rec); reason != "" {
		s.count.invalid -= mended.invalid - before.invalid
		s.count.others -= mended.others - before.others
	}
	return reason, detail
}

// appendRecord appends a record as it is, which costs nothing where it stands in its place already.
func (s *Stage) appendRecord(rec []byte) {
	end := len(s.out) + len(rec)
	if s.inPlace && len(s.out) == s.at && end <= cap(s.out) && len(rec) > 0 && &s.out[:end][s.at] == &rec[0] {
		s.out = s.out[:end]
		return
	}
	s.out = append(s.out, rec...)
}

// finish hands the counters over and lets go of the batch's memory.
func (s *Stage) finish(b *columnar.Batch) {
	b.Counters.Add("invalid_utf8", s.count.invalid)
	b.Counters.Add(otherEncoding, s.count.others)
	b.Counters.Add("missing_sentinel", s.count.missing)
	b.Counters.Add("annotation", s.count.annotation)
	for _, set := range s.sets {
		b.Counters.Add("lone_surrogate", set.scan.Surrogates)
		b.Counters.Add("repeated_field", set.scan.Repeated)
		b.Counters.Add("repeated_name", set.scan.RepeatedNames)
		b.Counters.Add("not_finite", set.scan.NotFinite)
		set.scan.Surrogates, set.scan.Repeated, set.scan.RepeatedNames, set.scan.NotFinite = 0, 0, 0, 0
	}
	b.Counters.Add("hard_wrapped", s.count.wrapped)
	b.Counters.Add("joined_lines", s.count.joined)
	b.Counters.Add("odd_lines", s.count.odd)
	b.Counters.Add("unparsed_markdown", s.count.unparsed)
	b.Counters.Add("fields_left_out", s.count.moreFields)
	b.Counters.Add("redirects", s.count.redirects)
	b.Counters.Add(ingest.CounterArticles, s.count.articles)
	b.Counters.Add(ingest.CounterNoArticle, s.count.noArticle)
	b.Counters.Add(ingest.CounterLostWords, s.count.lost)
	s.count = counts{}
	s.out, s.meta = nil, nil
	clear(b.Members)
	b.Members = b.Members[:0]
	if !s.inPlace && cap(s.spare) > keepScratch {
		s.spare = nil
	}
	if cap(s.given.Data) > keepScratch {
		s.given = columnar.Strings{}
	}
	if cap(s.scratch) > keepScratch {
		s.scratch = nil
	}
}

// cutLine cuts the first line off a text, without its end.
func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// trimEnd cuts the line end off a record of lines.
func trimEnd(rec []byte) []byte {
	rec = bytes.TrimSuffix(rec, []byte("\n"))
	return bytes.TrimSuffix(rec, []byte("\r"))
}
