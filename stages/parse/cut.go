package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// tailBytes is how much is read at once of a record that goes on behind its piece.
const tailBytes = 64 << 10

// cut is the state of cutting a piece into records of lines, within one batch. Between two batches there is none: a batch
// ends behind a record, and what follows starts with a line.
//
// It works in the batch's own memory: the rows up to sealed, then, perhaps behind a gap that blank lines left, the bytes
// of the record and the line that are being read.
type cut struct {
	p      *piece
	b      *columnar.Batch
	max    int64 // bytes of a record, without its last line end
	data   []byte
	sealed int
	bom    int64 // length of the mark before the first line

	line    int   // start of the current line in data
	scanned int   // there is no line end in data between line and here
	lineAt  int64 // offset of the line in the decoded file
	long    bool  // the line is longer than any blank one, and its first bytes may be gone
	prelude bool  // the line begins before the piece

	open      bool  // a record has begun and not ended
	record    int   // its start in data, unless skip
	recordAt  int64 // its offset in the decoded file
	skip      bool  // it is too large, or foreign: its bytes are let go
	foreign   bool  // it belongs to an earlier piece
	contentAt int64 // offset of the end of its last line, without the line end

	blanks int64
}

// cutLines moves records of the current piece into the batch until that is full, or done says that the piece is at its
// end. What is complete before damage is kept.
func (r *reader) cutLines(ctx context.Context, b *columnar.Batch) (done bool, err error) {
	p, sealed := r.cur, len(b.Text.Data)
	c := &r.cut
	*c = cut{
		p: p, b: b, max: r.cfg.MaxDocumentBytes, data: append(b.Text.Data, r.carry...),
		sealed: sealed, line: sealed, scanned: sealed, lineAt: p.pos - int64(len(r.carry)),
	}
	r.carry = r.carry[:0]
	defer c.finish()
	c.prelude = c.lineAt < p.start
	// In the middle of a file the first bytes are those of a line that began before. If it is the last one before the
	// piece, then what was read of it is already more than a blank line has.
	c.long = c.prelude && c.lineAt > 0
	if p.pos == 0 {
		if err := c.skipBOM(ctx); err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
	}
	for !c.beyond() {
		if c.sealed >= batchBytes || b.Len() >= batchRecords {
			r.carry = append(r.carry, c.data[c.line:]...)
			return false, nil
		}
		if c.emptyLines() {
			continue
		}
		if i := bytes.IndexByte(c.data[c.scanned:], '\n'); i >= 0 {
			c.endLine(c.scanned + i + 1)
			continue
		}
		if err := c.more(ctx); errors.Is(err, io.EOF) {
			c.endFile()
			return true, nil
		} else if err != nil {
			return false, err
		}
	}
	return true, nil
}

// beyond says whether all records of the piece are read: none is open, and none can begin any more.
func (c *cut) beyond() bool {
	if c.open && !c.foreign {
		return false
	}
	if c.prelude || c.foreign {
		// A line that no record of the piece begins with, and that goes on to the end of the piece.
		return c.lineAt >= c.p.end || c.p.pos >= c.p.end && bytes.IndexByte(c.data[c.scanned:], '\n') < 0
	}
	return c.lineAt >= c.p.end
}

// skipBOM drops the mark at the start of a file. The first line begins before it, the first record behind it.
func (c *cut) skipBOM(ctx context.Context) error {
	for len(c.data)-c.line < len(bom) {
		if err := c.more(ctx); err != nil {
			c.scanned = c.line
			return err
		}
	}
	if bytes.HasPrefix(c.data[c.line:], []byte(bom)) {
		c.bom = int64(len(bom))
		c.line += len(bom)
	}
	c.scanned = c.line
	return nil
}

// emptyLines takes lines of nothing, as many as follow each other, where each would be counted by endLine and nothing else.
func (c *cut) emptyLines() bool {
	if c.p.rule != RuleLine || c.prelude || c.long || c.lineAt == 0 || c.line != c.scanned {
		return false
	}
	n, most := 0, min(int64(len(c.data)-c.line), c.p.end-c.lineAt)
	line := c.data[c.line:]
	for int64(n) < most && line[n] == '\n' {
		n++
	}
	c.line += n
	c.scanned = c.line
	c.lineAt += int64(n)
	c.blanks += int64(n)
	return n > 0
}

// endLine takes the current line, which ends before end in data.
func (c *cut) endLine(end int) {
	start, at := c.line, c.lineAt
	if at == 0 {
		at = c.bom
	}
	blank := !c.long && isBlank(c.data[start:end])
	c.line, c.scanned, c.long = end, end, false
	c.lineAt = c.p.pos - int64(len(c.data)-end)
	content := c.lineAt // where the content of the line ends
	if end > start && c.data[end-1] == '\n' {
		content--
	}
	switch {
	case c.prelude:
		c.prelude = c.lineAt < c.p.start
		if !c.prelude && !blank && c.p.rule == RuleBlankLine {
			c.open, c.skip, c.foreign = true, true, true
		}
		return
	case blank && c.p.rule == RuleLine:
		c.blanks++
		return
	case blank:
		c.endRecord(start)
		return
	case !c.open:
		c.open, c.record, c.recordAt = true, start, at
	}
	if c.contentAt = content; content-c.recordAt > c.max {
		c.skip = true
	}
	if c.p.rule == RuleLine {
		c.endRecord(end)
	}
}

// endRecord takes the open record, if there is one, which ends before end in data.
func (c *cut) endRecord(end int) {
	if !c.open {
		return
	}
	switch {
	case c.foreign:
	case c.skip:
		c.b.Rejects = append(c.b.Rejects, columnar.Reject{
			File: c.p.file, Scope: columnar.ScopeDocument, Offset: c.recordAt, Bytes: c.contentAt - c.recordAt,
			Reason: ingest.ReasonTooLarge, Detail: fmt.Sprintf("more than %d bytes", c.max),
		})
	default:
		if c.record > c.sealed {
			copy(c.data[c.sealed:], c.data[c.record:end])
		}
		c.sealed += end - c.record
		c.b.Text.Data = c.data[:c.sealed]
		appendRow(c.b, c.p.file, c.recordAt)
	}
	c.open, c.skip, c.foreign = false, false, false
}

// endFile takes what the decoded file ends with.
func (c *cut) endFile() {
	if c.prelude {
		return
	}
	if len(c.data) > c.line || c.long {
		c.endLine(len(c.data))
	}
	c.endRecord(len(c.data))
}

// more reads on, behind what must be kept of data.
func (c *cut) more(ctx context.Context) error {
	kept := c.line
	if c.open && !c.skip {
		kept = c.record
	}
	// Without the last line, which may yet be blank, a record of this length would have been found too large.
	if !c.skip && !c.prelude && int64(len(c.data)-kept) > c.max+1+maxBlank {
		if !c.open {
			c.open, c.recordAt = true, max(c.lineAt, c.bom)
		}
		c.skip = true
	}
	if c.skip || c.prelude {
		if kept = c.line; len(c.data)-c.line > maxBlank {
			c.long, kept = true, len(c.data)
			c.line = kept
		}
	}
	if gap := kept - c.sealed; gap > 0 {
		c.data = c.data[:c.sealed+copy(c.data[c.sealed:], c.data[kept:])]
		c.line -= gap
		c.record -= gap
	}
	c.scanned = len(c.data)

	room := chunkBytes
	if c.p.plain {
		room = int(min(chunkBytes, c.p.end-c.p.pos))
		if room <= 0 {
			room = int(min(tailBytes, c.p.object.Size()-c.p.pos))
		}
	}
	c.data = grow(c.data, room)
	n, err := c.p.read(ctx, c.data[len(c.data):len(c.data)+room])
	c.data = c.data[:len(c.data)+n]
	return err
}

// finish leaves in the batch what is sealed.
func (c *cut) finish() {
	c.b.Text.Data = c.data[:c.sealed]
	c.b.Counters.Add("blank_lines", c.blanks)
	*c = cut{}
}
