package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
	"github.com/millrace/millrace/stages/parse/markup"
)

// otherEncoding counts texts that were in another encoding than their file.
const otherEncoding = "other_encoding"

// encodingOf says which encoding text is in, "" for UTF-8, and why; first is what a file begins with, whole if nothing
// follows it. What a page declares is a hint.
func encodingOf(first []byte, whole bool, cfg Config) (name, why string) {
	if cfg.Encoding != Auto {
		name, why = cfg.Encoding, "the setting encoding"
	} else {
		hint := ""
		if bytes.HasPrefix(bytes.TrimLeft(first, " \t\r\n"), []byte("<")) {
			hint = markup.Charset(first)
		}
		name, why = charset.Detect(first, whole, hint)
		why = strings.TrimPrefix(why, name+": ")
	}
	if name == charset.UTF8 {
		name = ""
	}
	return name, why
}

// detectEncoding fills in the encoding of a file that begins with the stored bytes head, and with first when decompressed.
// Where first is nothing but ASCII and not the whole file, it looks for what is not in the first MaxHeadBytes of the text, and at
// HeadBytes from there, so that a file is the same compressed and plain; for that it may ask for more. What begins further on
// has no part in it: it is judged record by record.
func detectEncoding(d *ingest.Detection, first, head []byte, s sample, cfg Config) (why string) {
	d.Encoding, why = encodingOf(first, !s.cut, cfg)
	if d.Encoding != "" || cfg.Encoding != Auto || !s.cut || !isASCII(first) {
		return why
	}
	first = head
	if d.Compression != codec.None {
		first = cfg.windows().Head(d.Compression, head, MaxHeadBytes)
	}
	first = first[:min(len(first), MaxHeadBytes)]
	end := MaxHeadBytes
	if high := slices.IndexFunc(first, func(c byte) bool { return c >= utf8.RuneSelf }); high >= 0 {
		end = min(end, high+HeadBytes)
	}
	d.More = len(first) < end && len(head) >= HeadBytes && len(head) < MaxHeadBytes
	d.Encoding, why = encodingOf(first[:min(len(first), end)], false, cfg)
	return why
}

func isASCII(b []byte) bool { return !hasHigh(b, 1) }

// hasHigh says whether there are n bytes beyond ASCII in b.
func hasHigh(b []byte, n int) bool {
	for ; len(b) >= 8 && n > 0; b = b[8:] {
		n -= bits.OnesCount64(binary.LittleEndian.Uint64(b) & highBits)
	}
	for i := 0; i < len(b) && n > 0; i++ {
		n -= int(b[i] >> 7)
	}
	return n <= 0
}

// decodedHead appends the head of a sample in UTF-8 to dst, and says how many lines of it are in another encoding than the file.
func decodedHead(dst []byte, encoding string, first []byte, cut bool, cfg Config) (head []byte, others int64) {
	head, counts, err := charset.AppendLines(dst, encoding, first, cfg.Encoding != Auto)
	if err != nil {
		return dst, 0 // Detect names no encoding that cannot be read but those it rejects
	}
	if cut && counts.Replaced > 0 {
		head = bytes.TrimSuffix(head, []byte(string(utf8.RuneError)))
	}
	return head, counts.Others
}

// recoded is a stream of another encoding as UTF-8. Its offsets are those of the UTF-8.
type recoded struct {
	*charset.Reader
	stream codec.Stream
}

// recode decodes a stream that is not UTF-8 with the memory of decoder. It returns it as it is with an error.
func recode(encoding string, stream codec.Stream, decoder *charset.Reader, cfg *Config) (codec.Stream, error) {
	if encoding == "" {
		return stream, nil
	}
	if err := decoder.ResetLines(encoding, stream, cfg.Encoding != Auto); err != nil {
		return stream, err
	}
	return recoded{decoder, stream}, nil
}

func (r recoded) Close() error { return r.stream.Close() }

// replacedShare says whether more of the characters of a decoded record are U+FFFD than may be. Those that the text
// brought along count too.
func (s *Stage) replacedShare(rec []byte) (replaced, allowed int, ok bool) {
	replaced = bytes.Count(rec, []byte(string(utf8.RuneError)))
	if replaced == 0 {
		return 0, 0, true
	}
	allowed = int(s.cfg.MaxReplacementShare * float64(utf8.RuneCount(rec)))
	return replaced, allowed, replaced <= allowed
}
