package parse

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"millrace/stages/parse/charset"
	"millrace/stages/parse/codec"
	"millrace/stages/parse/markup"
)

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
// Where first is nothing but ASCII and not the whole file, it looks at all of head, and may ask for more.
func (d *Detection) detectEncoding(first, head []byte, s sample, cfg Config) (why string) {
	d.Encoding, why = encodingOf(first, !s.cut, cfg)
	if d.Encoding != "" || cfg.Encoding != Auto || !s.cut || !isASCII(first) {
		return why
	}
	first = head
	if d.Compression != codec.None {
		first = codec.Head(d.Compression, head, MaxHeadBytes)
	}
	d.Encoding, why = encodingOf(first, false, cfg)
	d.ASCII = d.Encoding == "" && isASCII(first)
	if d.ASCII && len(first) < MaxHeadBytes && len(head) >= HeadBytes && len(head) < MaxHeadBytes {
		d.More = true
	}
	return why
}

func isASCII(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c >= utf8.RuneSelf })
}

// Encoding says which encoding the text of a file of which Detect says ASCII is in ("" for UTF-8), from a window anywhere
// in it, for engine.Wiring. ok is false if the window is ASCII too. An encoding of two bytes for every character is not
// looked for: its first bytes would not be ASCII.
func Encoding(window []byte) (name, why string, ok bool) {
	high := slices.IndexFunc(window, func(c byte) bool { return c >= utf8.RuneSelf })
	if high > 0 || high < 0 {
		name, why = encodingOf(window, false, Config{Encoding: Auto})
		if name == charset.Unknown {
			name = "" // what is no UTF-8 is rejected where it stands
		}
		return name, why, high > 0 || name != ""
	}
	// It begins inside of a run of characters, perhaps inside of one. Behind such a byte always stands a whole one.
	const neverInside = '0'
	if i := slices.IndexFunc(window, func(c byte) bool { return c < neverInside }); i >= 0 && !isASCII(window[i:]) {
		window = window[i+1:]
	}
	switch name, why = encodingOf(window, false, Config{Encoding: Auto}); name {
	case charset.GB18030, charset.Big5, charset.HZ, charset.Windows1252, charset.EUCJP, charset.ShiftJIS:
		return name, why, true
	}
	return "", why, true
}

// decodedHead is the head of a sample in UTF-8.
func decodedHead(encoding string, first []byte, cut bool) []byte {
	r, err := charset.NewReader(encoding, bytes.NewReader(first))
	if err != nil {
		return nil // Detect names no encoding that cannot be read but those it rejects
	}
	head, err := io.ReadAll(r)
	if err != nil {
		return nil // of bytes in memory
	}
	if cut && r.Replaced > 0 {
		head = bytes.TrimSuffix(head, []byte(string(utf8.RuneError)))
	}
	return head
}

// recoded is a stream of another encoding as UTF-8. Its offsets are those of the UTF-8.
type recoded struct {
	*charset.Reader
	stream codec.Stream
}

// recode decodes a stream that is not UTF-8 with the memory of decoder. It returns it as it is with an error.
func recode(encoding string, stream codec.Stream, decoder *charset.Reader) (codec.Stream, error) {
	if encoding == "" {
		return stream, nil
	}
	if err := decoder.Reset(encoding, stream); err != nil {
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
