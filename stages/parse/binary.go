package parse

import (
	"bytes"
)

// maxControlShare is the share of control characters, NUL among them, above which a file is not text. Compressed data and
// programs have 11 % and more; damaged texts with a few NULs stay below.
const maxControlShare = 0.05

// signatures are the first bytes of common files that are not text, or not text yet.
var signatures = []string{
	"%PDF-", "\x89PNG\r\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "RIFF", "PK\x03\x04", "PK\x05\x06", "\x7fELF", "MZ\x90",
	"\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd7zXZ\x00", "\x04\x22\x4d\x18", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07",
	"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "SQLite format 3\x00", "PAR1", "ARROW1", "\xca\xfe\xba\xbe", "Obj\x01", "\x00asm",
	"ID3", "OggS", "fLaC",
}

// hasSignature says whether a file that begins with head, as it is stored, is known to be something else than text.
func hasSignature(head []byte) bool {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s)) {
			return true
		}
	}
	if len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && bytes.Equal(head[4:10], []byte("\x31\x41\x59\x26\x53\x59")) {
		return true
	}
	const tarMagic = 257
	return len(head) >= tarMagic+5 && string(head[tarMagic:tarMagic+5]) == "ustar"
}

// isControlled says whether there are more control characters in head, which is UTF-8 or damaged, than text has.
func isControlled(head []byte) bool {
	control := 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' || c == 0x7f {
			control++
		}
	}
	return float64(control) > maxControlShare*float64(len(head))
}
