package parse

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
)

// A batch ends with the record that reaches one of these. Both follow from content alone (invariant 1).
const (
	batchBytes   = 4 << 20
	batchRecords = 16384
)

// chunkBytes is how much is read from a stream at once.
const chunkBytes = 256 << 10

// reader reads the pieces of one split, one after the other. It is a pipeline.Reader.
type reader struct {
	all    Config       // of all files
	cfg    Config       // of the file that is open
	in     ingest.Input // whose Sources are ahead
	ahead  *ahead
	pieces []ingest.Piece // not opened yet
	bytes  int64          // of those, as they are stored
	source *codec.Source
	recode charset.Reader // of cur
	cur    *piece         // nil between pieces
	box    *container     // of which cur is a member; nil if it is none
	carry  []byte         // of cur: decoded, but not in a batch yet; starts where a line starts
	cut    cut
	framer framer // of cur, if it needs one and has begun
	stream stream
	rec    rawRecord // what the framer is at; here, so that it costs no allocation
}

// Open starts to read a split of the plan. The reader appends to a batch what the records are as they lie in the decoded
// files; a record of lines keeps its line end, for the Stage to cut off. Rows are counted by it as blank_lines where the
// document rule is line: these are no documents. Files in another encoding than UTF-8 are decoded before records are looked
// for, and their offsets are those of the UTF-8; it counts the files (and members of containers) as decoded_gb18030 and so
// on, their undecodable sequences, which became U+FFFD, as replaced (those in the texts of tables too), and the files that have
// some as replaced_files.
//
// Files that cannot be opened or that are damaged become file rejects. Of those, Offset is the offset in the decoded file
// up to which it was read (where a file is one document: 0, as nothing of it is kept), and Bytes the stored bytes from
// there on that were not (where these were decoded ahead, by the share of the decoded; of tables: the place and bytes of the
// damaged row group in the stored file); at least 1, because what is missing from a truncated file has no count.
//
// A batch without rows is possible as the last one. Closing the reader gives its decoder back and is needed at all times.
func (fs Formats) Open(ctx context.Context, in ingest.Input, split int) (pipeline.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if split < 0 || split >= len(in.Plan.Splits) {
		return nil, pipeline.Permanent(fmt.Errorf("the plan has no split %d", split))
	}
	r := &reader{all: fs.cfg, in: in, ahead: &ahead{Sources: in.Sources}, pieces: in.Plan.Splits[split].Pieces, source: codec.NewSource()}
	r.in.Sources = r.ahead
	for _, p := range r.pieces {
		r.bytes += p.End - p.Start
	}
	return r, nil
}

// Read implements pipeline.Reader.
func (r *reader) Read(ctx context.Context, b *columnar.Batch) error {
	r.reserve(b)
	for !full(b) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.box != nil {
			r.box.ctx = ctx
		}
		if r.cur == nil {
			next := r.next
			if r.box != nil {
				next = r.nextMember
			} else if len(r.pieces) == 0 {
				break
			}
			if err := next(ctx, b); err != nil {
				return err
			}
			continue
		}
		if err := r.advance(ctx, b); err != nil {
			return err
		}
	}
	switch {
	case r.cur != nil:
		b.Raw += r.cur.progress()
	case r.box != nil:
		b.Raw += r.box.outer.progress()
	}
	if b.Len() == 0 && len(b.Rejects) == 0 && len(b.Counters) == 0 && b.Raw == 0 {
		return io.EOF
	}
	return nil
}

// reserve makes room for the batch that is to come, as far as it is known how much that will be. Text that has doubled again and again has
// left as much behind, all of it new memory in a process that has just begun.
func (r *reader) reserve(b *columnar.Batch) {
	left := r.bytes
	if r.cur != nil && r.cur.plain {
		left += r.cur.end - r.cur.pos
	}
	if left > 0 {
		b.Text.Data = grow(b.Text.Data, int(min(left+tailBytes, batchBytes+chunkBytes)))
	}
}

// Close implements pipeline.Reader.
func (r *reader) Close() error {
	r.pieces = nil
	return errors.Join(r.closePiece(), r.closeBox(), r.ahead.close())
}

func full(b *columnar.Batch) bool {
	return len(b.Text.Data)+len(b.Meta.Data) >= batchBytes || b.Len() >= batchRecords || len(b.Rejects) >= batchRecords
}

// next opens the next piece. One that cannot be opened is rejected.
func (r *reader) next(ctx context.Context, b *columnar.Batch) error {
	at := r.pieces[0]
	r.bytes -= at.End - at.Start
	file := &r.in.Plan.Files[at.File]
	r.cfg = r.all.ofFile(r.in.Plan, at.File)
	r.ahead.begin(ctx, r.in.Plan, r.pieces)
	p, err := openPiece(ctx, r.cfg, r.in, at, r.source, &r.recode)
	if reject, ok := errors.AsType[*pipeline.RejectError](err); ok {
		b.Raw += at.End - at.Start
		offset := at.Start
		if file.Compression != codec.None {
			offset = at.From
		}
		b.Rejects = append(b.Rejects, columnar.Reject{
			File: int32(at.File), Scope: columnar.ScopeFile, Offset: offset, Bytes: at.End - at.Start,
			Reason: reject.Reason, Detail: clip(fmt.Sprint(reject.Err)),
		})
		r.pieces = r.pieces[1:]
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", file.Path, err)
	}
	r.pieces = r.pieces[1:]
	switch {
	case file.Numbered:
		r.box, err = openNumbered(ctx, r.cfg, p)
		return r.endBox(b, err)
	case isContainer(p.format):
		r.box, err = openContainer(ctx, r.cfg, p)
		return r.endBox(b, err)
	}
	r.cur, r.carry = p, r.carry[:0]
	return nil
}

// nextMember opens the next member of the current container, or rejects it, or closes the container behind the last.
func (r *reader) nextMember(ctx context.Context, b *columnar.Batch) error {
	if r.box.members != nil {
		p, err := r.box.nextNumbered(ctx)
		r.cur, r.carry = p, r.carry[:0]
		return r.endBox(b, err)
	}
	at, err := r.box.archive.Next()
	switch {
	case errors.Is(err, io.EOF):
		return r.endBox(b, io.EOF)
	case err != nil:
		return r.endBox(b, r.box.damage(ctx, err))
	case at.Skip:
		b.Counters.Add("members_skipped", 1)
		return nil
	case at.Reject != "":
		r.box.reject(b, at, at.Reject, at.Detail)
		return nil
	}
	p, ok, err := r.box.open(ctx, r.cfg, at, &r.recode, b)
	if !ok {
		return r.endBox(b, err)
	}
	r.cur, r.carry = p, r.carry[:0]
	return nil
}

// endBox closes the current container at its end, and where it is damaged, with a reject of the rest; without an error it
// does nothing.
func (r *reader) endBox(b *columnar.Batch, err error) error {
	damage, damaged := errors.AsType[*damageError](err)
	switch {
	case err == nil:
		return nil
	case damaged:
		reject := r.box.outer.reject(damage)
		reject.Offset = r.box.next
		b.Rejects = append(b.Rejects, reject)
	case !errors.Is(err, io.EOF):
		return err
	}
	b.Raw += r.box.outer.rest()
	return r.closeBox()
}

func (r *reader) closeBox() error {
	if r.box == nil {
		return nil
	}
	c := r.box
	r.box = nil
	return c.close()
}

// advance reads the current piece until the batch is full or the piece at its end.
func (r *reader) advance(ctx context.Context, b *columnar.Batch) error {
	var done, fatal bool
	var err error
	rows, rejects := b.Len(), len(b.Rejects)
	file, others := r.cur.file, b.Counters[otherEncoding]
	defer func() { b.AddMixed(file, b.Counters[otherEncoding]-others) }()
	switch r.cur.rule {
	case RuleFile:
		err = r.whole(ctx, b)
		done = true
	case RuleLine, RuleBlankLine:
		done, err = r.cutLines(ctx, b)
	default:
		done, err = r.frames(ctx, b)
	}
	if damage, ok := errors.AsType[*damageError](err); ok {
		b.Rejects = append(b.Rejects, r.cur.reject(damage))
		done, err, fatal = true, nil, damage.fatal
	}
	if err != nil {
		return err
	}
	if r.cur.member != nil && r.cur.member.place(b, r.cur, rows, rejects) {
		done = true
	}
	if !done {
		return nil
	}
	b.Raw += r.cur.rest()
	r.cur.count(&b.Counters)
	if err := r.closePiece(); err != nil || !fatal || r.box == nil {
		return err
	}
	return r.endBox(b, io.EOF)
}

func (r *reader) closePiece() error {
	if r.cur == nil {
		return nil
	}
	p := r.cur
	r.cur = nil
	return errors.Join(r.closeFramer(), p.close())
}

// appendRow seals what was appended to the batch's text as a raw record.
func appendRow(b *columnar.Batch, file int32, offset int64) {
	b.File = append(b.File, file)
	b.Offset = append(b.Offset, offset)
	b.Text.Seal()
	if len(b.Meta.Offsets) > 0 { // a framer has made metadata for a row before
		b.Meta.Seal()
	}
}

// grow returns data with room for at least n more bytes.
func grow(data []byte, n int) []byte {
	if cap(data)-len(data) >= n {
		return data
	}
	// Doubling is right until a single document fills a batch many times over; then it takes more than the document.
	bigger := make([]byte, len(data), max(len(data)+n, min(2*cap(data), cap(data)+4*batchBytes)))
	copy(bigger, data)
	return bigger
}
