package parse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/archive"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
)

// minExpanded is the size of a decoded file up to which the expansion does not matter.
const minExpanded = 64 << 20

// damageError says that a file cannot be read any further. It becomes a file reject.
type damageError struct {
	reason, detail string
	fatal          bool // of a member: the container cannot be read any further either
}

func (e *damageError) Error() string { return e.reason + ": " + e.detail }

// piece is an open piece of a split: a decoded stream, where it stands, and which records are its own.
type piece struct {
	file     int32
	format   string
	rule     string
	encoding string  // "" for UTF-8
	member   *member // nil unless the piece is a member of a container
	object   pipeline.Object
	source   *codec.Source
	stream   codec.Stream // of UTF-8, or what was meant to be

	pos   int64 // in the decoded file, of the next byte that stream gives
	start int64 // records that begin in [start, end) of the decoded file belong to the piece
	end   int64
	limit int64 // the size that the decoded file may have

	track       *track // the piece, or its container, in the stored file
	storedStart int64
	returns     bool // CR ends lines, and is read as LF
	plain       bool // neither compressed nor in another encoding: offsets in the decoded and the stored file are the same
}

// track is how far a range of a stored file was read.
type track struct{ at, end int64 }

// to moves on to an offset and returns how many bytes that is.
func (t *track) to(at int64) int64 {
	n := min(max(at, t.at), t.end) - t.at
	t.at += n
	return n
}

func openPiece(ctx context.Context, cfg Config, in ingest.Input, at ingest.Piece, source *codec.Source, decoder *charset.Reader) (*piece, error) {
	file := &in.Plan.Files[at.File]
	p := &piece{
		file: int32(at.File), format: file.Format, rule: file.Document, encoding: file.Encoding, source: source,
		end: math.MaxInt64, limit: math.MaxInt64, track: &track{at.Start, at.End}, storedStart: at.Start,
		plain: file.Compression == codec.None && file.Encoding == "",
	}
	object, err := in.Open(ctx, at.File)
	if err != nil {
		return nil, err
	}
	p.object = object
	source.SetWindows(cfg.windows())
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
		if file.Compression != codec.None {
			p.limit = expandedLimit(cfg, object)
		}
		if p.pos = at.From; at.From > 0 {
			p.start = at.From + lookBehind
		}
		if at.To > 0 {
			p.end = at.To + lookBehind
		}
		source.Reset(object, at.Start, object.Size())
	}
	if at.To > 0 {
		p.stream, err = openSeam(file.Compression, object, source, at)
	} else {
		p.stream, err = codec.Open(file.Compression, source)
	}
	if err != nil {
		return nil, errors.Join(err, object.Close())
	}
	p.withReturns(file.Returns)
	if p.stream, err = recode(p.encoding, p.stream, decoder, &cfg); err != nil {
		return nil, errors.Join(pipeline.Permanent(err), p.close())
	}
	return p, nil
}

// expandedLimit is how large what a stored file holds may be.
func expandedLimit(cfg Config, object pipeline.Object) int64 { return expandedFrom(cfg, object.Size()) }

// expandedFrom is how large so many bytes may become.
func expandedFrom(cfg Config, bytes int64) int64 {
	return min(cfg.MaxExpandedBytes, max(minExpanded, saturate(cfg.MaxExpansion, bytes)))
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
	if room := max(0, p.limit-p.pos); int64(len(dst)) > room {
		// One byte more than allowed is enough to know. A piece may even begin behind the limit.
		dst = dst[:room+1]
	}
	for range 100 { // as bufio does, against a stream that never gives anything
		n, err := p.stream.Read(dst)
		if n > 0 {
			if p.returns {
				endLines(dst[:n])
			}
			if p.pos += int64(n); p.pos > p.limit {
				p.pos = p.limit
				return 0, &damageError{ingest.ReasonExpansion, fmt.Sprintf("more than %d bytes from %d", p.limit, p.object.Size()), true}
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
		return lost(ctx, cause)
	}
	if p.member != nil {
		err = p.member.cause(err)
	}
	return damageOf(err)
}

// lost says what an error of the stored file, as against its content, means.
func lost(ctx context.Context, cause error) error {
	if ctx.Err() != nil || errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	if errors.Is(cause, pipeline.ErrUnreachable) { // the store is gone, which says nothing of the file
		return cause
	}
	if reject, ok := errors.AsType[*pipeline.RejectError](cause); ok {
		return &damageError{reject.Reason, fmt.Sprint(reject.Err), true}
	}
	if errors.Is(cause, io.ErrUnexpectedEOF) {
		return &damageError{pipeline.ReasonChanged, "the file is shorter than it was", true}
	}
	return &damageError{pipeline.ReasonUnreadable, cause.Error(), true}
}

// damageOf says what an error of a stream means.
func damageOf(err error) error {
	if damage, ok := errors.AsType[*damageError](err); ok {
		return damage
	}
	if bad, ok := errors.AsType[*archive.Error](err); ok {
		return &damageError{reason: bad.Reason, detail: bad.Detail}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return &damageError{reason: codec.Reason(err), detail: err.Error()}
}

// reject describes the part of the file that is lost.
func (p *piece) reject(damage *damageError) columnar.Reject {
	r := columnar.Reject{
		File: p.file, Scope: columnar.ScopeFile, Offset: p.pos, Bytes: p.track.end - p.source.Pos(),
		Reason: damage.reason, Detail: clip(damage.detail),
	}
	switch {
	case p.rule == RuleFile:
		r.Offset, r.Bytes = 0, p.track.end-p.storedStart
	case p.pos <= p.start: // the decoder has given nothing of the piece, whatever it has read
		r.Bytes = p.track.end - p.storedStart
	}
	if p.member != nil && !damage.fatal {
		r.Bytes = p.member.lost()
	}
	r.Bytes = max(r.Bytes, 1)
	return r
}

// readFor is how many of the stored bytes that were read gave the last n decoded ones, if all gave as many.
func (p *piece) readFor(n int64) int64 {
	if p.pos == 0 {
		return 0
	}
	return int64(float64(n) / float64(p.pos) * float64(p.source.Pos()-p.storedStart))
}

// progress returns the stored bytes of the piece that were consumed since it was asked last.
func (p *piece) progress() int64 { return p.track.to(p.source.Pos()) }

// rest returns what progress has not told yet of the whole piece. A member leaves it to its container.
func (p *piece) rest() int64 {
	if p.member != nil {
		return p.progress()
	}
	return p.track.to(p.track.end)
}

// count adds what the decoder of another encoding met in the piece, which was read as far as it will be.
func (p *piece) count(c *columnar.Counters) {
	if r, ok := p.stream.(recoded); ok {
		c.Add("decoded_"+strings.ReplaceAll(p.encoding, "-", "_"), 1)
		c.Add("replaced", r.Replaced)
		c.Add(otherEncoding, r.Others)
		c.Add("replaced_files", min(1, r.Replaced))
	}
}

func (p *piece) close() error {
	if p.member != nil {
		return p.member.close(p)
	}
	return errors.Join(p.stream.Close(), p.object.Close())
}
