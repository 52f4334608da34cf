package archive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// gaps is what is known of bytes of a zip file that belong to no member of its directory. Members that were taken out of a
// directory may stand there, or files that were joined by other means: nobody says what of them is meant, so whoever reads
// the members is told at the end that there is more.
type gaps struct {
	before   bool    // something that begins as a member stands before the first archive
	behind   bool    // something stands behind the last one
	from, to int64   // of the member furthest behind, up to where it goes at least
	slack    int64   // how much more than that it may take
	unlisted []int64 // where a member begins of which no directory has told so far, as offsets in the file
	lost     bool    // there were too many to look for them
}

const (
	// maxUnlisted bounds these. A directory that is in no order makes all members unlisted for a while.
	maxUnlisted = 1024
	// Behind a member there may be its sizes once more (APPNOTE.TXT 4.3.9).
	maxDescriptor = 24
	// commonExtra is what the usual programs write before a member beyond what the directory says: times and owners.
	commonExtra = 36
)

// slack is how much more than name and content a member usually takes.
func (e *zipEntry) slack(extra int) int64 {
	n := int64(0)
	if e.flags&8 != 0 {
		n += maxDescriptor
	}
	if extra > 0 {
		n += commonExtra
	}
	return n
}

// gap looks at what lies between the members so far and an offset behind them, if that is enough for a member.
func (z *Zip) gap(to int64) error {
	g := &z.gaps
	at := z.base + to
	if i := slices.Index(g.unlisted, at); i >= 0 {
		g.unlisted = slices.Delete(g.unlisted, i, i+1)
	}
	if to-g.to <= localLength+g.slack && g.to > 0 || to <= g.to || g.lost {
		return nil
	}
	from := z.base + g.to
	if g.to > 0 { // what the last member really takes is in its own header
		var head [localLength]byte
		if err := readAt(z.object, head[:], z.base+g.from); err != nil {
			return cut(err)
		}
		from += int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:]))
	}
	var room [maxDescriptor + 4]byte
	n := min(at-from, int64(len(room)))
	if n < 4 {
		return nil
	}
	if err := readAt(z.object, room[:n], from); err != nil {
		return cut(err)
	}
	i := bytes.Index(room[:n], binary.LittleEndian.AppendUint32(nil, localMark))
	if i < 0 {
		return nil
	}
	if g.unlisted = append(g.unlisted, from+int64(i)); len(g.unlisted) > maxUnlisted {
		g.unlisted, g.lost = nil, true
	}
	return nil
}

// cut takes the end of the file for damage of what says that there is more.
func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return corrupt("a member lies outside of the zip file")
	}
	return err
}

// over is what Next says behind the last member.
func (z *Zip) over() error {
	const wayOut = "unpack it, for instance with 7z, and name the folder"
	switch g := &z.gaps; {
	case len(g.unlisted) > 0:
		return corrupt("the directory of the zip file does not list the member at %d, and perhaps more: %s", g.unlisted[0], wayOut)
	case g.before:
		return corrupt("what stands before the zip file begins as another one, and has no directory: %s", wayOut)
	case g.behind:
		return corrupt("more than zeros stands behind the end of the zip file, and is not read: %s", wayOut)
	}
	return io.EOF
}

// isMark says whether a record begins at an offset.
func (z *Zip) isMark(at int64, mark uint32) (bool, error) {
	var b [4]byte
	if err := readAt(z.object, b[:], at); err != nil {
		return false, err
	}
	return binary.LittleEndian.Uint32(b[:]) == mark, nil
}

// holdsData says whether there is anything but zeros in a range, which is at most as long as the longest comment.
func (z *Zip) holdsData(from, to int64) (bool, error) {
	b := make([]byte, to-from)
	if err := readAt(z.object, b, from); err != nil {
		return false, err
	}
	return slices.ContainsFunc(b, func(c byte) bool { return c != 0 }), nil
}
