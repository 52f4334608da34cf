package parse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/jsonscan"
	"github.com/millrace/millrace/stages/parse/rows"
)

// parquetFormat and arrowFormat are tables: a row is a JSON object of its columns and is read as a line of jsonl is. They
// are read here and there, so the file must be stored as it is. A row group belongs to the piece in which it begins.
//
// The offset of a document is the number of its row in the file. Damage costs the row group, from the damaged row on, as a
// file reject of its own with the group's bytes; Offset there is where the group begins in the stored file.
var (
	parquetFormat = tableFormat(rows.Parquet, []string{".parquet"}, "PAR1")
	arrowFormat   = tableFormat(rows.Arrow, []string{".arrow", ".arrows", ".feather", ".ipc"}, "ARROW1")
)

func tableFormat(name string, suffixes []string, magic string) format {
	return format{
		name:        name,
		rule:        RuleRecord,
		rules:       []string{RuleRecord},
		suffixes:    suffixes,
		anyEncoding: true,
		stored:      true,
		sniff: func(s sample, _ Config) (why string) {
			if bytes.HasPrefix(s.head, []byte(magic)) {
				return "it begins with " + magic
			}
			return ""
		},
		frame:  func(in *stream) framer { return &tableFramer{in: in} },
		decode: decodeJSONL,
	}
}

// isStored says whether files of a format are read only as they are stored.
func isStored(format string) bool {
	f := formatByName(format)
	return f != nil && f.stored
}

// tableFramer reads the rows of the groups that begin in a piece.
type tableFramer struct {
	in    *stream
	file  *rows.File   // nil before the first row
	rows  *rows.Cursor // nil between groups
	group int          // the next one
	place int64        // of the group in the stored file: never in front of the one before it, whatever the index says
	ended bool
	left  int64 // columns of bytes that are not read

	scan       *jsonscan.Scanner // of rows with bytes that are no UTF-8; nil before the file is open
	text, rest []byte            // scratch of it
}

func (f *tableFramer) next(ctx context.Context, rec *rawRecord) error {
	if f.ended {
		return io.EOF
	}
	if f.file == nil {
		if err := f.open(ctx); err != nil {
			return err
		}
	}
	for {
		if f.rows == nil {
			if err := f.seek(ctx); err != nil {
				return err
			}
		}
		row, err := f.rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			f.release()
			continue
		}
		if err != nil {
			f.release()
			return f.lost(ctx, err)
		}
		if row.Refused != nil { // how large it would be, nobody has found out
			limit := f.in.cfg.MaxDocumentBytes
			return tooLarge(row.Number, limit, limit)
		}
		rec.counters.Add("binary_fields", f.left)
		if row.Broken > 0 {
			if err := f.readable(&row, rec.counters); err != nil {
				return err
			}
		}
		if len(rec.text) == 0 && len(row.Object) > batchBytes { // a copy of 60 MB would be worth its memory
			f.rows.Keep(rec.text)
			rec.text = row.Object
		} else {
			rec.text = append(rec.text, row.Object...)
		}
		rec.offset = row.Number
		return nil
	}
}

// readable rejects a row of whose text more became U+FFFD than may. Only the text is held to it: other columns may hold
// pictures.
func (f *tableFramer) readable(row *rows.Row, counters *columnar.Counters) error {
	var status jsonscan.Status
	if f.text, f.rest, status = f.scan.Scan(row.Object, f.text[:0], f.rest[:0]); status != jsonscan.OK {
		return nil // the stage says why
	}
	replaced := min(row.Broken, bytes.Count(f.text, []byte(string(utf8.RuneError))))
	if allowed := int(f.in.cfg.MaxReplacementShare * float64(utf8.RuneCount(f.text))); replaced > allowed {
		return &recordError{
			row.Number, int64(len(row.Object)), ingest.ReasonEncoding,
			fmt.Sprintf("%d characters of the text are no utf-8, more than %d", replaced, allowed),
		}
	}
	counters.Add("replaced", int64(replaced))
	return nil
}

// open opens the file. One that cannot be opened is rejected by its first piece alone.
func (f *tableFramer) open(ctx context.Context) (err error) {
	p, cfg := f.in.piece, f.in.cfg
	size := p.object.Size()
	f.file, err = rows.Open(p.format, p.object, size, rows.Limits{
		ValueBytes: cfg.MaxDocumentBytes, RowBytes: cfg.MaxDocumentBytes, MemoryBytes: tableMemory(cfg.MaxDocumentBytes), Expansion: max(1, expandedLimit(*cfg, p.object)/max(1, size)),
	})
	if err == nil {
		if f.scan == nil {
			f.scan = jsonscan.New(cfg.TextField...)
		}
		f.left = int64(selectColumns(f.file, cfg, f.scan))
		return nil
	}
	damage, ok := errors.AsType[*rows.DamageError](err)
	if !ok {
		return lost(ctx, err)
	}
	f.ended = true
	if size > 0 && !f.own(0) {
		return io.EOF
	}
	return &partError{recordError{0, max(1, size), tableReason(p, damage), err.Error()}}
}

// tableMemory is what the pages and dictionaries of a row group may take: a few documents, and never less than the pages that
// usual writers make, of up to 100 MB.
func tableMemory(document int64) int64 { return max(4*document, 128<<20) }

// seek starts the next group of the piece.
func (f *tableFramer) seek(ctx context.Context) error {
	p, groups := f.in.piece, f.file.Groups()
	for f.group < len(groups) {
		g := f.group
		f.group++
		if f.place = max(f.place, groups[g].Offset); !f.own(f.place) {
			continue
		}
		p.pos = f.place
		p.source.Reset(p.object, f.place, p.end) // for what is said of progress
		var err error
		if f.rows, err = f.file.Rows(ctx, g); err != nil {
			f.rows = nil
			return f.lost(ctx, err)
		}
		return nil
	}
	f.ended = true
	damage, ok := errors.AsType[*rows.DamageError](f.file.Damage())
	if !ok || !f.own(max(f.place, damage.Offset)) {
		return io.EOF
	}
	return &partError{recordError{damage.Offset, max(1, p.object.Size()-damage.Offset), tableReason(p, damage), damage.Error()}}
}

// own says whether what stands at an offset belongs to the piece. What the file puts behind its end belongs to the last.
func (f *tableFramer) own(at int64) bool {
	p := f.in.piece
	at = min(at, p.object.Size()-1)
	return p.start <= at && at < p.end
}

// lost says what an error within the group before the next one means.
func (f *tableFramer) lost(ctx context.Context, err error) error {
	damage, ok := errors.AsType[*rows.DamageError](err)
	if !ok {
		return lost(ctx, err)
	}
	g := &f.file.Groups()[f.group-1]
	return &partError{recordError{g.Offset, max(1, g.Bytes), tableReason(f.in.piece, damage), fmt.Sprint(err)}}
}

// tableReason is the reason for a reject: a file that begins as its format does and does not end so was cut off, unless it is
// one that is not read here. A stream of Arrow has no such marks.
func tableReason(p *piece, damage *rows.DamageError) string {
	magic := "PAR1"
	if p.format == Arrow {
		magic = "ARROW1"
	}
	size := p.object.Size()
	n := int64(len(magic))
	begins, ends := holds(p, 0, magic), size >= 2*n && holds(p, size-n, magic)
	switch {
	case errors.Is(damage, rows.ErrExpansion):
		return ingest.ReasonExpansion
	case errors.Is(damage, rows.ErrMemory):
		return ingest.ReasonTooLarge
	case errors.Is(damage, rows.ErrUnsupported):
		return ingest.ReasonUnsupported
	case size == 0, begins && !ends, !begins && errors.Is(damage, io.ErrUnexpectedEOF):
		return ingest.ReasonTruncated
	}
	return ingest.ReasonCorrupt
}

// holds says whether a mark stands at an offset of the stored file.
func holds(p *piece, at int64, mark string) bool {
	var buf [8]byte
	n, err := p.object.ReadAt(buf[:len(mark)], at)
	return string(buf[:n]) == mark && (err == nil || errors.Is(err, io.EOF))
}

func (f *tableFramer) release() {
	f.rows.Close()
	f.rows = nil
}

// Close implements io.Closer.
func (f *tableFramer) Close() error {
	if f.rows != nil {
		f.release()
	}
	return nil
}
