package archive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// Signatures and lengths of the records of a zip file (APPNOTE.TXT 4.3).
const (
	localMark      = 0x04034b50
	directoryMark  = 0x02014b50
	endMark        = 0x06054b50
	end64Mark      = 0x06064b50
	locatorMark    = 0x07064b50
	localLength    = 30
	entryLength    = 46
	endLength      = 22
	end64Length    = 56
	locatorLength  = 20
	maxEndDistance = endLength + math.MaxUint16 // with the longest comment
)

// zipMethods are the compression methods that can be read.
var zipMethods = map[uint16]string{
	0: codec.None, 8: codec.Deflate, 12: codec.Bzip2, 20: codec.Zstd, 93: codec.Zstd, 95: codec.Xz,
}

// Zip reads a zip file by its central directory, which it streams: it holds one entry at a time.
type Zip struct {
	object io.ReaderAt
	size   int64
	source *codec.Source // of the member
	dir    *codec.Source
	parts  []zipPart // those behind the current one, the next one last
	base   int64     // what stands before the archive, as the program of one that extracts itself
	start  int64     // of the directory
	seen   int64     // bytes of all members so far, with their headers
	from   int64     // where the last member began
	to     int64     // and up to where at least it goes
	cur    zipEntry
	gaps   gaps
	name   []byte // scratch: name and extra fields of an entry
}

// zipEntry is what the directory says of a member.
type zipEntry struct {
	made, flags, method, disk uint16
	sum                       uint32
	stored, bytes, offset     int64
	attributes                uint32
}

// OpenZip finds the directory of a zip file, or of each of several that were joined end to end. source is what members are
// read with.
func OpenZip(object io.ReaderAt, size int64, source *codec.Source) (*Zip, error) {
	z := &Zip{object: object, size: size, source: source, dir: codec.NewSource()}
	for end := size; ; {
		part, err := z.part(end)
		if err != nil && len(z.parts) > 0 {
			if bad, ok := errors.AsType[*Error](err); !ok || bad.Reason != ingest.ReasonTruncated {
				return nil, err
			}
			z.gaps.before, err = z.isMark(0, localMark) // not a zip file: a program, or what is left of one
		}
		if err != nil {
			return nil, err
		}
		if part.end > 0 && part.end < end && !z.gaps.behind {
			if z.gaps.behind, err = z.holdsData(part.end, end); err != nil {
				return nil, err
			}
		}
		if part.end > 0 {
			z.parts = append(z.parts, part)
		}
		if part.end == 0 || part.base <= 0 {
			break
		}
		if len(z.parts) == maxParts {
			return nil, &Error{ingest.ReasonUnsupported, fmt.Sprintf("more than %d zip files joined: take them apart", maxParts)}
		}
		end = part.base
	}
	z.nextPart()
	return z, nil
}

// maxParts bounds how many zip files one file is joined of.
const maxParts = 1000

// zipPart is a zip file, alone or joined with others.
type zipPart struct {
	base          int64 // where its offsets begin
	start, length int64 // of its directory
	end           int64 // of the file
}

// part finds the zip file that ends at an offset.
func (z *Zip) part(to int64) (p zipPart, err error) {
	at, record, err := z.findEnd(to)
	if err != nil {
		return p, err
	}
	le := binary.LittleEndian
	p.end = at + endLength + int64(le.Uint16(record[20:]))
	disk, length, offset := le.Uint16(record[4:]), uint64(le.Uint32(record[12:])), uint64(le.Uint32(record[16:]))
	if end64, ok, err := z.findEnd64(at); err != nil {
		return p, err
	} else if ok {
		at = end64.at
		disk, length, offset = uint16(min(end64.disk, math.MaxUint16)), end64.length, end64.offset
	}
	if disk != 0 {
		return p, &Error{ingest.ReasonUnsupported, "a zip file in several parts: join them with zip -s 0"}
	}
	if length > uint64(at) || offset > uint64(at)-length {
		return p, corrupt("the directory of %d bytes at %d lies outside of the zip file", length, offset)
	}
	p.start, p.length = at-int64(length), int64(length)
	p.base = p.start - int64(offset)
	if p.base > 0 && length > 0 { // something stands before the archive, or between the directory and its end
		here, err := z.isMark(p.start, directoryMark)
		if err != nil || here {
			return p, err
		}
		there, err := z.isMark(int64(offset), directoryMark)
		if err != nil {
			return p, err
		}
		if there {
			p.start, p.base = int64(offset), 0
		}
	}
	return p, nil
}

// nextPart goes to the next of the files that were joined.
func (z *Zip) nextPart() {
	p := z.parts[len(z.parts)-1]
	z.parts = z.parts[:len(z.parts)-1]
	z.base, z.start, z.from, z.to = p.base, p.start, 0, 0
	z.gaps.from, z.gaps.to = 0, 0
	z.dir.Reset(z.object, p.start, p.start+p.length)
}

// findEnd looks for the last end record before an offset whose comment does not go beyond that.
func (z *Zip) findEnd(to int64) (at int64, record []byte, err error) {
	tail := make([]byte, min(to, maxEndDistance))
	if err := readAt(z.object, tail, to-int64(len(tail))); err != nil {
		return 0, nil, err
	}
	mark := binary.LittleEndian.AppendUint32(nil, endMark)
	for end := len(tail); ; {
		i := bytes.LastIndex(tail[:end], mark)
		if i < 0 {
			return 0, nil, &Error{ingest.ReasonTruncated, "the zip file has no end record"}
		}
		if i+endLength <= len(tail) && i+endLength+int(binary.LittleEndian.Uint16(tail[i+20:])) <= len(tail) {
			return to - int64(len(tail)) + int64(i), tail[i : i+endLength], nil
		}
		end = i + len(mark) - 1
	}
}

type zipEnd64 struct {
	at             int64
	disk           uint32
	length, offset uint64
}

// findEnd64 reads the end record of large files, to which a locator before the other one points.
func (z *Zip) findEnd64(end int64) (r zipEnd64, ok bool, err error) {
	if end < locatorLength {
		return r, false, nil
	}
	le := binary.LittleEndian
	buf := make([]byte, end64Length)
	if err := readAt(z.object, buf[:locatorLength], end-locatorLength); err != nil {
		return r, false, err
	}
	at := le.Uint64(buf[8:])
	if le.Uint32(buf) != locatorMark {
		return r, false, nil
	}
	// Where something stands before the archive, the record is right before its locator.
	for _, at := range []uint64{at, uint64(end) - locatorLength - end64Length} {
		if at > uint64(end) || uint64(end)-at < end64Length {
			continue
		}
		if err := readAt(z.object, buf, int64(at)); err != nil {
			return r, false, err
		}
		if le.Uint32(buf) == end64Mark {
			return zipEnd64{int64(at), le.Uint32(buf[16:]), le.Uint64(buf[40:]), le.Uint64(buf[48:])}, true, nil
		}
	}
	return r, false, corrupt("the zip file has no large end record where it should be")
}

// Next implements Reader.
func (z *Zip) Next() (Member, error) {
	for !z.dir.More() {
		if err := z.dir.Err(); err != nil {
			return Member{}, err
		}
		if err := z.gap(z.start - z.base); err != nil {
			return Member{}, err
		}
		if len(z.parts) == 0 {
			return Member{}, z.over()
		}
		z.nextPart()
	}
	var head [entryLength]byte
	if _, err := io.ReadFull(z.dir, head[:]); err != nil {
		return Member{}, z.cutDirectory(err)
	}
	le := binary.LittleEndian
	if le.Uint32(head[:]) != directoryMark {
		return Member{}, corrupt("no entry of the zip directory where there should be one")
	}
	e := zipEntry{
		made: le.Uint16(head[4:]), flags: le.Uint16(head[8:]), method: le.Uint16(head[10:]), sum: le.Uint32(head[16:]),
		stored: int64(le.Uint32(head[20:])), bytes: int64(le.Uint32(head[24:])), disk: le.Uint16(head[34:]),
		attributes: le.Uint32(head[38:]), offset: int64(le.Uint32(head[42:])),
	}
	nameLength, extraLength := int(le.Uint16(head[28:])), int(le.Uint16(head[30:]))
	z.name = append(z.name[:0], make([]byte, nameLength+extraLength)...)
	if _, err := io.ReadFull(z.dir, z.name); err != nil {
		return Member{}, z.cutDirectory(err)
	}
	if _, err := io.CopyN(io.Discard, z.dir, int64(le.Uint16(head[32:]))); err != nil {
		return Member{}, z.cutDirectory(err)
	}
	name := z.name[:nameLength]
	if better, ok := e.extra(name, z.name[nameLength:]); ok {
		name = better
	}
	z.cur = e
	m := Member{Name: memberName(name), Bytes: max(e.stored, 0), Expanded: max(e.bytes, 0)}
	if e.stored < 0 || e.bytes < 0 || e.offset < 0 || e.offset > z.size-z.base || e.stored > z.size {
		return Member{}, corrupt("member %.200q lies outside of the zip file", m.Name)
	}
	// No member shares bytes with another one. So no archive holds more than it has: the sum finds overlaps in any order, late;
	// most that are made to expand have each member overlap the one before.
	if err := z.gap(e.offset); err != nil {
		return Member{}, err
	}
	end := e.offset + localLength + e.stored
	overlaps := e.offset < z.to && z.from < end
	z.from, z.to = e.offset, end
	if end > z.gaps.to {
		z.gaps.from, z.gaps.to, z.gaps.slack = e.offset, end, int64(nameLength)+e.slack(extraLength)
	}
	if z.seen += localLength + int64(nameLength) + e.stored; z.seen > z.size || overlaps {
		return Member{}, corrupt("the members of the zip file overlap, %.200q or one before it", m.Name)
	}
	method, known := zipMethods[e.method]
	switch {
	case e.skip(name), hidden(m.Name):
		m.Skip = true
	case e.flags&0x2041 != 0:
		m.Reject, m.Detail = ingest.ReasonEncrypted, fmt.Sprintf("at %d", z.base+e.offset)
	case !known:
		m.Reject, m.Detail = ingest.ReasonUnsupported, fmt.Sprintf("zip method %d at %d", e.method, z.base+e.offset)
	case method == codec.None && e.stored != e.bytes:
		m.Reject, m.Detail = ingest.ReasonCorrupt, fmt.Sprintf("%d of %d bytes stored at %d", e.stored, e.bytes, z.base+e.offset)
	}
	return m, nil
}

func (z *Zip) cutDirectory(err error) error {
	if cause := z.dir.Err(); cause != nil {
		return cause
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return corrupt("the zip directory ends within an entry")
	}
	return err
}

// extra reads what does not fit into an entry: sizes and offset of large files, and the name in Unicode.
func (e *zipEntry) extra(name, fields []byte) (better []byte, ok bool) {
	const large, unicodePath = 0x0001, 0x7075
	le := binary.LittleEndian
	for len(fields) >= 4 {
		id, size := le.Uint16(fields), int(le.Uint16(fields[2:]))
		if fields = fields[4:]; size > len(fields) {
			break
		}
		field := fields[:size]
		fields = fields[size:]
		switch {
		case id == large:
			for _, v := range []*int64{&e.bytes, &e.stored, &e.offset} {
				if *v == math.MaxUint32 && len(field) >= 8 {
					*v = int64(le.Uint64(field))
					field = field[8:]
				}
			}
		case id == unicodePath && len(field) > 5 && field[0] == 1 && le.Uint32(field[1:]) == crc32.ChecksumIEEE(name):
			better, ok = field[5:], true
		}
	}
	return better, ok
}

// skip says whether an entry is no file: it ends in a slash, or was no file on the Unix it comes from.
func (e *zipEntry) skip(name []byte) bool {
	const unix, darwin = 3, 19
	if len(name) > 0 && name[len(name)-1] == '/' {
		return true
	}
	if made := e.made >> 8; made == unix || made == darwin {
		switch e.attributes >> 28 { // S_IFMT
		case 0, 0o10:
			return false
		}
		return true
	}
	return strings.HasSuffix(string(name), `\`) && e.bytes == 0
}

// Open implements Reader.
func (z *Zip) Open() (codec.Stream, error) {
	e := &z.cur
	var head [localLength]byte
	at := z.base + e.offset
	if at > z.size-localLength {
		return nil, corrupt("a member at %d lies outside of the zip file", at)
	}
	if err := readAt(z.object, head[:], at); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	if le.Uint32(head[:]) != localMark {
		return nil, corrupt("no member at %d", at)
	}
	at += localLength + int64(le.Uint16(head[26:])) + int64(le.Uint16(head[28:]))
	if at > z.size-e.stored {
		return nil, corrupt("a member of %d bytes at %d goes beyond the zip file", e.stored, at)
	}
	z.source.Reset(z.object, at, at+e.stored)
	s, err := codec.Open(zipMethods[e.method], z.source)
	if err != nil {
		return nil, err
	}
	return &checked{Stream: s, left: e.bytes, want: e.sum}, nil
}

// checked compares a member with the size and the checksum of the directory.
type checked struct {
	codec.Stream
	left      int64
	sum, want uint32
	err       error
}

func (c *checked) Read(p []byte) (int, error) {
	if c.err != nil || len(p) == 0 {
		return 0, c.err
	}
	n, err := c.Stream.Read(p)
	c.sum = crc32.Update(c.sum, crc32.IEEETable, p[:n])
	if c.left -= int64(n); c.left < 0 {
		c.err = corrupt("the member is longer than the directory says")
		return 0, c.err
	}
	if errors.Is(err, io.EOF) && (c.left > 0 || c.sum != c.want) {
		err = corrupt("the member does not have the checksum or size of the directory")
	}
	c.err = err
	return n, err
}

// readAt fills p. That the object ends before it should is an error of the object.
func readAt(object io.ReaderAt, p []byte, at int64) error {
	n, err := object.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case err == nil:
		return io.ErrNoProgress
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}
