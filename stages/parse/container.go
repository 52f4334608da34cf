package parse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/archive"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
)

// Formats of files that hold other files, and their document rule: a document is what it is in the member. Settings of
// format and document are for the members, each of which is a file of its own, with its own format and compression.
const (
	Zip        = "zip"
	Tar        = "tar"
	RuleMember = "member"
)

func isContainer(format string) bool { return format == Zip || format == Tar }

// containerOf recognises a container by its first bytes, and by the name what only looks like one.
func containerOf(s sample, compression string) string {
	switch {
	case archive.IsTar(s.head):
		return Tar
	case compression != codec.None || zipKind(s.ext, s.head) != nil:
	case bytes.HasPrefix(s.head, []byte("PK\x05\x06")):
		return Zip
	case bytes.HasPrefix(s.head, []byte("PK\x03\x04")):
		return Zip
	}
	return ""
}

// container is an open container of which the members are read one after the other, as pieces of their own. The offset of
// what is in them is that of all members decoded and laid end to end, with one byte between two of them: so it is unique,
// also among empty members and such as cannot be read, and follows from content alone (invariant 1).
type container struct {
	outer   *piece
	archive archive.Reader
	ctx     context.Context // of the call in progress, for a tar file, which is read as a stream
	next    int64           // offset of the next member
	limit   int64           // what all members may hold
	head    []byte          // scratch
	inner   *codec.Source   // scratch

	members *codec.Members // of a file whose documents are numbered; archive is nil then
	total   int64          // what its members held so far
}

// openContainer takes the piece, of a whole file, and closes it with the container.
func openContainer(ctx context.Context, cfg Config, p *piece) (*container, error) {
	c := &container{
		outer: p, ctx: ctx, limit: expandedLimit(cfg, p.object), head: make([]byte, HeadBytes), inner: codec.NewSource(),
	}
	c.inner.SetWindows(cfg.windows())
	if p.format == Tar {
		c.archive = archive.NewTar(c)
		return c, nil
	}
	z, err := archive.OpenZip(p.object, p.object.Size(), p.source)
	if err != nil {
		return c, c.damage(ctx, err)
	}
	c.archive = z
	return c, nil
}

// Read reads the decoded tar file.
func (c *container) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.outer.read(c.ctx, p)
	if damage, ok := errors.AsType[*damageError](err); ok {
		err = &damageError{damage.reason, damage.detail, true}
	}
	return n, err
}

// damage says what an error of the container itself means.
func (c *container) damage(ctx context.Context, err error) error {
	if bad, ok := errors.AsType[*archive.Error](err); ok {
		return &damageError{bad.Reason, bad.Detail, true}
	}
	if c.outer.format == Zip { // nothing else can go wrong with it
		return lost(ctx, err)
	}
	return damageOf(err)
}

func (c *container) close() error { return c.outer.close() }

// reject rejects a member, of which nothing was read.
func (c *container) reject(b *columnar.Batch, at archive.Member, reason, detail string) {
	b.Rejects = append(b.Rejects, columnar.Reject{
		File: c.outer.file, Scope: columnar.ScopeFile, Offset: c.next, Bytes: max(1, c.stored(at)), Reason: reason,
		Detail: nameDetail(at.Name, detail),
	})
	c.next++
}

// stored is how much of the stored file a member takes; 0 if nobody knows.
func (c *container) stored(at archive.Member) int64 {
	if !c.outer.plain {
		return 0
	}
	return at.Bytes
}

func nameDetail(name, detail string) string {
	if detail == "" {
		return clip(name)
	}
	const most = maxDetail / 2
	if len(name) > most {
		name = "…" + strings.ToValidUTF8(name[len(name)-most:], "") // the end of a path says more
	}
	return clip(name + ": " + detail)
}

// open opens a member as a piece. ok is false if it was rejected.
func (c *container) open(ctx context.Context, cfg Config, at archive.Member, decoder *charset.Reader, b *columnar.Batch) (p *piece, ok bool, err error) {
	start := c.outer.source.Pos()
	s, err := c.archive.Open()
	if bad, found := errors.AsType[*archive.Error](err); found {
		c.reject(b, at, bad.Reason, bad.Detail)
		return nil, false, nil
	}
	if err != nil {
		return nil, false, c.damage(ctx, err)
	}
	if c.outer.format == Zip {
		start = c.outer.source.Pos()
	}
	from := &peeked{stream: s, head: c.head[:0]}
	from.peek(HeadBytes)
	name := strings.ReplaceAll(at.Name, `\`, "/")
	d := Detect(name, from.head, cfg)
	if d.More {
		from.peek(MaxHeadBytes)
		d = Detect(name, from.head, cfg)
	}
	reason, detail := d.Reject, ""
	if reason != "" {
		detail = d.Why
	}
	if isContainer(d.Format) || isStored(d.Format) {
		reason, detail = ingest.ReasonUnsupported, d.Format+" in "+c.outer.format
	}
	if reason != "" {
		c.reject(b, at, reason, detail)
		return nil, false, from.Close()
	}
	m := &member{box: c, at: at, from: from, start: c.next}
	p = &piece{
		file: c.outer.file, format: d.Format, rule: d.Document, encoding: d.Encoding, member: m, object: c.outer.object,
		source: c.outer.source, stream: from, end: math.MaxInt64, limit: max(0, c.limit-c.next), track: c.outer.track, storedStart: start,
	}
	if d.Compression != codec.None {
		m.inner = c.inner
		m.inner.ResetStream(from)
		if p.stream, err = codec.Open(d.Compression, m.inner); err != nil {
			return nil, false, errors.Join(err, from.Close())
		}
	}
	p.withReturns(d.Returns)
	if p.stream, err = recode(p.encoding, p.stream, decoder, &cfg); err != nil {
		return nil, false, errors.Join(err, p.close())
	}
	return p, true, nil
}

// member is what a piece knows of the container it is a member of.
type member struct {
	box   *container
	at    archive.Member
	start int64         // offset of its first byte
	from  *peeked       // the member as the container has it
	inner *codec.Source // of from, if the member is compressed itself; nil if not

	numbered bool  // its documents are numbered
	records  int64 // of them so far
}

// cause finds the error below the decoder of a member that is compressed itself.
func (m *member) cause(err error) error {
	if m.inner != nil && m.inner.Err() != nil {
		err = m.inner.Err()
	}
	if bad, ok := errors.AsType[*archive.Error](err); ok && m.box.outer.format == Tar {
		return &damageError{bad.Reason, bad.Detail, true} // it is the tar file that ends
	}
	if m.numbered && !errors.Is(err, io.EOF) {
		return &damageError{codec.Reason(err), err.Error(), true} // nobody knows where the next member begins
	}
	return err
}

// lost is how many stored bytes of the member are not read, where the container goes on behind it.
func (m *member) lost() int64 { return m.box.stored(m.at) }

// place gives the rows and rejects that were appended to a batch their place in the container. over ends the member.
func (m *member) place(b *columnar.Batch, p *piece, rows, rejects int) (over bool) {
	if m.numbered {
		return m.number(b, p, rows, rejects)
	}
	for i := rows; i < b.Len(); i++ {
		b.Offset[i] += m.start
	}
	for i := rejects; i < len(b.Rejects); i++ {
		r := &b.Rejects[i]
		r.Offset += m.start
		r.Detail = nameDetail(m.at.Name, r.Detail)
	}
	if rows < b.Len() {
		b.Members = append(b.Members, columnar.Member{Row: rows, Name: m.at.Name, Format: p.format, Document: p.rule, Encoding: p.encoding})
	}
	return false
}

func (m *member) close(p *piece) error {
	if m.numbered {
		m.box.next = p.source.Pos()
		m.box.total += p.pos
		return nil
	}
	m.box.next = m.start + p.pos + 1
	err := p.stream.Close()
	if m.inner != nil {
		err = errors.Join(err, m.from.Close())
	}
	return err
}

// peeked is a stream of which the first bytes have been looked at.
type peeked struct {
	stream codec.Stream
	head   []byte // what was read and not given yet
	err    error  // what came behind it
}

// peek reads until the head has size bytes, or there are no more.
func (s *peeked) peek(size int) {
	n := len(s.head)
	buf := grow(s.head, size-n)[:size]
	for n < size && s.err == nil {
		var k int
		k, s.err = s.stream.Read(buf[n:])
		n += k
	}
	s.head = buf[:n]
}

func (s *peeked) Read(p []byte) (int, error) {
	if len(s.head) > 0 {
		n := copy(p, s.head)
		s.head = s.head[n:]
		return n, nil
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.stream.Read(p)
	s.err = err
	return n, err
}

func (s *peeked) Close() error { return s.stream.Close() }
