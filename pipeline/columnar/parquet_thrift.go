package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errThriftCut says that a thrift structure goes on behind the bytes at hand.
var errThriftCut = errors.New("thrift: structure is cut off")

const (
	thriftDepth   = 24      // of nested structures and lists; Parquet's have less than 10
	thriftStructs = 1 << 16 // in one list: decoders allocate for as many as a list claims, before they read the first
)

// thriftLength returns the length of the structure at the start of b, in the compact protocol
// (thrift, doc/specs/thrift-compact-protocol.md). It checks that no length or list claims more than there is, so that a
// decoder that believes its input can be given the structure.
func thriftLength(b []byte) (int, error) {
	w := thriftWalker{b: b}
	if err := w.skip(thriftStruct, 0); err != nil {
		return 0, err
	}
	return w.at, nil
}

// Types of the compact protocol.
const (
	thriftTrue = iota + 1
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

type thriftWalker struct {
	b  []byte
	at int
}

// skip moves behind one value that stands alone or in a list.
func (w *thriftWalker) skip(kind byte, depth int) error {
	if depth > thriftDepth {
		return errors.New("thrift: nested too deeply")
	}
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return w.advance(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := w.uvarint()
		return err
	case thriftDouble:
		return w.advance(8)
	case thriftBinary:
		n, err := w.uvarint()
		if err != nil {
			return err
		}
		return w.advance(n)
	case thriftList, thriftSet:
		return w.skipList(depth)
	case thriftStruct:
		return w.skipStruct(depth)
	default: // Parquet has no maps
		return fmt.Errorf("thrift: unexpected type %d", kind)
	}
}

func (w *thriftWalker) skipList(depth int) error {
	head, err := w.byte()
	if err != nil {
		return err
	}
	kind, n := head&0xF, uint64(head>>4)
	if n == 0xF {
		if n, err = w.uvarint(); err != nil {
			return err
		}
	}
	if n > uint64(len(w.b)-w.at) { // an element has at least one byte
		return errThriftCut
	}
	if kind >= thriftBinary && n > thriftStructs {
		return fmt.Errorf("thrift: a list claims %d elements", n)
	}
	for range n {
		if err := w.skip(kind, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalker) skipStruct(depth int) error {
	for {
		head, err := w.byte()
		if err != nil {
			return err
		}
		kind := head & 0xF
		if kind == 0 {
			return nil // the end of the structure
		}
		if head>>4 == 0 { // the field's number follows
			if _, err := w.uvarint(); err != nil {
				return err
			}
		}
		if kind == thriftTrue || kind == thriftFalse {
			continue // the value is in the type
		}
		if err := w.skip(kind, depth+1); err != nil {
			return err
		}
	}
}

func (w *thriftWalker) byte() (byte, error) {
	if w.at == len(w.b) {
		return 0, errThriftCut
	}
	w.at++
	return w.b[w.at-1], nil
}

func (w *thriftWalker) uvarint() (uint64, error) {
	v, n := binary.Uvarint(w.b[w.at:])
	if n == 0 {
		return 0, errThriftCut
	}
	if n < 0 {
		return 0, errors.New("thrift: a number has more than 64 bits")
	}
	w.at += n
	return v, nil
}

func (w *thriftWalker) advance(n uint64) error {
	if n > uint64(len(w.b)-w.at) {
		return errThriftCut
	}
	w.at += int(n)
	return nil
}
