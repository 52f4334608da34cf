package warc

import (
	"bytes"
	"errors"
)

var errChunk = errors.New("bad chunk")

// unchunk decodes the chunked transfer encoding (RFC 9112, 7.1). Of damaged input it gives what comes before the damage,
// and all of it if it does not even begin with a chunk: many crawlers remove the encoding and keep the header that
// declares it.
func (d *Decoder) unchunk(in []byte) ([]byte, error) {
	out := d.body[0][:0]
	defer func() { d.body[0] = out[:0] }()
	for rest := in; ; {
		line, next, ok := cutLine(rest)
		size, valid := chunkSize(line)
		switch {
		case valid && ok:
		case len(rest) == len(in):
			return in, errChunk
		default:
			return out, errChunk
		}
		if size == 0 {
			return out, nil // what follows are trailers
		}
		if size > int64(len(next)) {
			return append(out, next...), errChunk
		}
		out = append(out, next[:size]...)
		rest = next[size:]
		if rest, ok = bytes.CutPrefix(rest, []byte("\r\n")); !ok {
			rest = bytes.TrimPrefix(rest, []byte("\n")) // if there is none of the two, then the next size is bad
		}
	}
}

// chunkSize reads the line before a chunk: a number in hex, and perhaps extensions.
func chunkSize(line []byte) (n int64, ok bool) {
	digits, _, _ := bytes.Cut(line, []byte(";"))
	digits = bytes.TrimSpace(digits)
	if len(digits) == 0 || len(digits) > 15 {
		return 0, false
	}
	for _, c := range digits {
		n <<= 4
		switch {
		case isDigit(c):
			n |= int64(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			n |= int64(c|0x20-'a') + 10
		default:
			return 0, false
		}
	}
	return n, true
}
