package parse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/stages/parse/codec"
)

// minExpanded is the size of a decoded file up to which the expansion does not matter.
const minExpanded = 64 << 20

// damageError says that a file cannot be read any further. It becomes a file reject.
type damageError struct{ reason, detail string }

func (e *damageError) Error() string { return e.reason + ": " + e.detail }

// piece is an open piece of a split: a decoded stream, where it stands, and which records are its own.
type piece struct {
	file   int32
	rule   string
	object pipeline.Object
	source *codec.Source
	stream codec.Stream

	pos   int64 // in the decoded file, of the next byte that stream gives
	start int64 // records that begin in [start, end) of the decoded file belong to the piece
	end   int64
	limit int64 // the size that the decoded file may have

	stored, storedEnd int64 // the piece in the stored file; stored moves with progress
	storedStart       int64
	plain             bool // not compressed: offsets in the decoded and the stored file are the same
}

func openPiece(ctx context.Context, cfg Config, files *pipeline.Files, at pipeline.Piece, source *codec.Source) (*piece, error) {
	file := &files.Plan.Files[at.File]
	p := &piece{
		file: int32(at.File), rule: file.Document, source: source, end: math.MaxInt64, limit: math.MaxInt64,
		stored: at.Start, storedStart: at.Start, storedEnd: at.End, plain: file.Compression == codec.None,
	}
	object, err := files.Sources.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	p.object = object
	if p.plain {
		p.start, p.end = at.Start, at.End
		switch p.rule { // from far enough back to see what the line before the piece is like
		case RuleLine:
			p.pos = max(0, at.Start-1)
		case RuleBlankLine:
			p.pos = max(0, at.Start-maxBlank-1)
		}
		source.Reset(object, p.pos, object.Size())
	} else {
		p.limit = min(cfg.MaxExpandedBytes, max(minExpanded, saturate(cfg.MaxExpansion, object.Size())))
		source.Reset(object, 0, object.Size())
	}
	if p.stream, err = codec.Open(file.Compression, source); err != nil {
		return nil, errors.Join(err, object.Close())
	}
	return p, nil
}

func saturate(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

// read reads decoded bytes: at least one, or an error: io.EOF, a *damageError, or one that means to try again.
func (p *piece) read(ctx context.Context, dst []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if room := p.limit - p.pos; int64(len(dst)) > room {
		// One byte more than allowed is enough to know.
		dst = dst[:room+1]
	}
	for range 100 { // as bufio does, against a stream that never gives anything
		n, err := p.stream.Read(dst)
		if n > 0 {
			if p.pos += int64(n); p.pos > p.limit {
				p.pos = p.limit
				return 0, &damageError{pipeline.ReasonExpansion, fmt.Sprintf("more than %d bytes from %d", p.limit, p.object.Size())}
			}
			return n, nil
		}
		if err != nil {
			return 0, p.classify(ctx, err)
		}
	}
	return 0, p.classify(ctx, io.ErrNoProgress)
}

func (p *piece) classify(ctx context.Context, err error) error {
	if cause := p.source.Err(); cause != nil { // the decoder may have made another error of it, or none
		if ctx.Err() != nil || errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
			return cause
		}
		if reject, ok := errors.AsType[*pipeline.RejectError](cause); ok {
			return &damageError{reject.Reason, fmt.Sprint(reject.Err)}
		}
		if errors.Is(cause, io.ErrUnexpectedEOF) {
			return &damageError{pipeline.ReasonChanged, "the file is shorter than it was"}
		}
		return &damageError{pipeline.ReasonUnreadable, cause.Error()}
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return &damageError{codec.Reason(err), err.Error()}
}

// reject describes the part of the file that is lost.
func (p *piece) reject(damage *damageError) columnar.Reject {
	r := columnar.Reject{
		File: p.file, Scope: columnar.ScopeFile, Offset: p.pos, Bytes: p.storedEnd - p.source.Pos(),
		Reason: damage.reason, Detail: clip(damage.detail),
	}
	if p.rule == RuleFile {
		r.Offset, r.Bytes = 0, p.storedEnd-p.storedStart
	}
	r.Bytes = max(r.Bytes, 1)
	return r
}

// progress returns the stored bytes of the piece that were consumed since it was asked last.
func (p *piece) progress() int64 {
	now := min(max(p.source.Pos(), p.stored), p.storedEnd)
	n := now - p.stored
	p.stored = now
	return n
}

// rest returns what progress has not told yet of the whole piece.
func (p *piece) rest() int64 { return p.storedEnd - p.stored }

func (p *piece) close() error { return errors.Join(p.stream.Close(), p.object.Close()) }
