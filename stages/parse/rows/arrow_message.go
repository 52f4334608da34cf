package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Kinds of messages (Arrow, Message.fbs).
const (
	messageSchema     = 1
	messageDictionary = 2
	messageBatch      = 3
)

const (
	arrowMagic      = "ARROW1"
	maxMessageBytes = 64 << 20 // of metadata
	maxMessages     = 1 << 20
)

// message is a part of an Arrow stream.
type message struct {
	kind  byte
	at    int64 // of its first byte
	meta  int64 // of the metadata
	size  int64 // of the metadata
	body  int64 // offset
	bytes int64 // of the body
}

func (m *message) end() int64 { return m.body + m.bytes }

// messageWalker reads messages, one behind the other or where an index says. The file format is a stream between two marks,
// with an index behind it; there are writers that leave marks of the stream out, so that the index is needed where it is
// sound, and where the file was cut off the stream.
type messageWalker struct {
	in     *input
	at     int64
	end    int64
	file   bool
	footer table
	buf    []byte
}

func newMessageWalker(in *input) (*messageWalker, error) {
	w := &messageWalker{in: in, end: in.size}
	var start [8]byte
	if in.size < int64(len(start)) {
		return nil, fmt.Errorf("%d bytes are too few for an Arrow file", in.size)
	}
	if err := in.read(start[:], 0); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(start[:], []byte("FEA1")) {
		return nil, fmt.Errorf("version 1 of Feather is %w", ErrUnsupported)
	}
	if !bytes.HasPrefix(start[:], []byte(arrowMagic)) {
		return w, nil
	}
	w.file, w.at = true, int64(len(start))
	var tail [4 + len(arrowMagic)]byte
	if in.size >= w.at+int64(len(tail)) {
		at := in.size - int64(len(tail))
		if err := in.read(tail[:], at); err != nil {
			return nil, err
		}
		footer := int64(binary.LittleEndian.Uint32(tail[:]))
		if string(tail[4:]) == arrowMagic && footer <= min(at-w.at, maxMessageBytes) {
			w.end = at - footer // old writers had no end mark of the stream
			index := make([]byte, footer)
			if err := in.read(index, w.end); err != nil {
				return nil, err
			}
			w.footer = rootTable(index)
		}
	}
	return w, nil
}

// next returns the next message and its metadata, which is valid until the next call; io.EOF at the end.
func (w *messageWalker) next() (m message, header table, err error) {
	m.at = w.at
	if w.at == w.end {
		if w.file && w.end == w.in.size {
			return m, header, errors.New("the end of the file is missing")
		}
		return m, header, io.EOF
	}
	w.buf = sized(w.buf, int(min(1<<10, w.end-w.at)))
	if err := w.in.read(w.buf, w.at); err != nil {
		return m, header, err
	}
	prefix := int64(4)
	m.size = int64(int32(uint32At(w.buf, 0)))
	if m.size == -1 {
		prefix, m.size = 8, int64(int32(uint32At(w.buf, 4)))
	}
	if int64(len(w.buf)) < prefix {
		return m, header, io.ErrUnexpectedEOF
	}
	if m.size == 0 {
		m.at += prefix
		return m, header, w.behind(m.at)
	}
	m.meta = w.at + prefix
	if m.size < 0 || m.size > maxMessageBytes || m.size > w.end-m.meta {
		return m, header, fmt.Errorf("a message of %d bytes where %d are left: %w", m.size, w.end-m.meta, io.ErrUnexpectedEOF)
	}
	meta := w.buf[prefix:]
	if m.size > int64(len(meta)) {
		w.buf = sized(w.buf, int(m.size))
		if err := w.in.read(w.buf, m.meta); err != nil {
			return m, header, err
		}
		meta = w.buf
	}
	root := rootTable(meta[:m.size])
	if header = root.child(2); !header.valid() {
		return m, header, errors.New("a message without content")
	}
	m.kind, m.body, m.bytes = root.byte(1), m.meta+m.size, root.int64(3)
	if m.bytes < 0 || m.bytes > w.end-m.body {
		return m, header, fmt.Errorf("a message with %d bytes of data where %d are left: %w", m.bytes, w.end-m.body, io.ErrUnexpectedEOF)
	}
	w.at = m.end()
	return m, header, nil
}

// behind says what follows the end mark at an offset: io.EOF if it is nothing, or the index of a file. Streams that were laid
// end to end would lose all but the first.
func (w *messageWalker) behind(at int64) error {
	if w.file {
		return io.EOF
	}
	rest := sized(w.buf, int(min(1<<10, w.end-at)))
	if err := w.in.read(rest, at); err != nil {
		return err
	}
	if bytes.ContainsFunc(rest, func(r rune) bool { return r != 0 }) { // zeros only fill up
		return fmt.Errorf("what is behind the end of the stream is %w", ErrUnsupported)
	}
	return io.EOF
}

// indexed returns the message that a block of the index is about (Arrow, File.fbs).
func (w *messageWalker) indexed(block []byte) (m message, header table, err error) {
	m.at = int64(binary.LittleEndian.Uint64(block))
	length, bytes := int64(int32(binary.LittleEndian.Uint32(block[8:]))), int64(binary.LittleEndian.Uint64(block[16:]))
	if m.at <= 0 || m.at >= w.end {
		return m, header, fmt.Errorf("the index has a message behind the end at %d", w.end)
	}
	w.at = m.at
	at := m.at
	if m, header, err = w.next(); err != nil {
		m.at = at
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return m, header, err
	}
	m.body, m.bytes = m.at+length, bytes
	if length < m.meta+m.size-m.at || bytes < 0 || m.body > w.end || bytes > w.end-m.body {
		return m, header, fmt.Errorf("the index has %d and %d bytes of a message", length, bytes)
	}
	return m, header, nil
}

// header reads the content of a message once more.
func (m *message) header(in *input) (table, error) {
	meta := make([]byte, m.size)
	if err := in.read(meta, m.meta); err != nil {
		return table{}, err
	}
	return rootTable(meta).child(2), nil
}
