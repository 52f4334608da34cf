package parse

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// recordFormats are the formats whose records are compressed one by one, by their standard: each is a gzip member, and none
// goes on in the next. Such a file can be cut between any two members, though nobody knows the decoded offset there; so
// whether it is cut or not, the offset of its documents is that of their member in the stored file, as indexes of web
// archives have it, plus the number of the document in its member, which is nearly always zero.
var recordFormats = []string{WARC}

// isNumbered says whether the documents of a file have numbers in members instead of decoded offsets.
func isNumbered(format, compression string, head []byte) bool {
	return compression == codec.Gzip && slices.Contains(recordFormats, format) && codec.Memberwise(head) && recordwise(head)
}

// openNumbered takes a piece of a file whose members are read one by one, and closes it with the container.
func openNumbered(ctx context.Context, cfg Config, p *piece) (*container, error) {
	c := &container{outer: p, ctx: ctx, limit: expandedLimit(cfg, p.object), next: p.track.at}
	err := p.stream.Close() // only to be replaced
	p.source.Reset(p.object, p.track.at, p.object.Size())
	c.members = codec.NewMembers(p.source, p.track.end)
	p.stream = c.members
	return c, err
}

// nextNumbered opens the next member as a piece; io.EOF behind the last.
func (c *container) nextNumbered(ctx context.Context) (*piece, error) {
	p := c.outer
	at, err := c.members.Next()
	if errors.Is(err, io.EOF) && p.source.Err() == nil {
		return nil, io.EOF
	}
	if err != nil {
		c.next = max(c.next, at)
		return nil, p.classify(ctx, err)
	}
	return &piece{
		file: p.file, format: p.format, rule: p.rule, member: &member{box: c, start: at, numbered: true}, object: p.object,
		source: p.source, stream: notClosed{c.members}, end: math.MaxInt64, limit: max(0, c.limit-c.total), track: p.track, storedStart: at,
	}, nil
}

// notClosed is a stream that its owner closes.
type notClosed struct{ io.Reader }

func (notClosed) Close() error { return nil }

// number gives the rows and rejects that were appended to a batch their offsets. It says whether there were so many that
// their numbers could reach the next member: then the rest of this one is rejected.
func (m *member) number(b *columnar.Batch, p *piece, rows, rejects int) (over bool) {
	for i := rejects; i < len(b.Rejects); i++ {
		b.Rejects[i].Offset = m.start + m.records
	}
	for i := rows; i < b.Len(); i++ {
		if m.records >= codec.MemberRecords(b.Offset[i]) {
			b.Truncate(i)
			b.Rejects = append(b.Rejects, columnar.Reject{
				File: p.file, Scope: columnar.ScopeFile, Offset: m.start + m.records, Bytes: 1, Reason: ingest.ReasonUnsupported,
				Detail: "too many documents in one gzip member of a file with a member for each",
			})
			return true
		}
		b.Offset[i] = m.start + m.records
		m.records++
	}
	return false
}
