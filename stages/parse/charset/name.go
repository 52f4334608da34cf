package charset

import (
	"slices"
	"strings"
)

// The encodings of Chinese text and of what stands beside it, by the words of settings and plans. More are in named.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	GB18030     = "gb18030"      // with GB2312, GBK, CP936
	Big5        = "big5"         // with CP950, Big5-HKSCS
	HZ          = "hz"           // GB2312 in seven bits, RFC 1843
	Windows1252 = "windows-1252" // with ISO 8859-1
)

// The encodings that Detect can tell by their mark, but that nothing here reads, and what it calls a file that may be in any
// of a dozen.
const (
	UTF32LE = "utf-32le"
	UTF32BE = "utf-32be"
	Unknown = "unknown"
)

// Names returns the encodings that NewReader reads, those of Chinese text first.
func Names() []string {
	names := []string{UTF8, UTF16LE, UTF16BE, HZ, GB18030, Big5, Windows1252}
	for _, e := range named {
		names = append(names, e.name)
	}
	return names
}

// aliases are the labels under which encodings are declared, in HTML, in HTTP, in WARC, by hand. Like browsers it takes the
// smaller sets for the larger ones that contain them.
var aliases = map[string][]string{
	UTF8:    {"utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8", "utf-8-sig", "utf8mb4", "cp65001"},
	UTF16LE: {"utf-16", "utf16", "utf16le", "ucs-2", "ucs-2le", "unicode", "iso-10646-ucs-2", "csunicode", "unicodefeff"},
	UTF16BE: {"utf16be", "ucs-2be", "unicodefffe"},
	GB18030: {
		"gb-18030", "gbk", "x-gbk", "gb2312", "gb-2312", "gb2312-80", "gb-2312-80", "csgb2312", "csiso58gb231280", "iso-ir-58",
		"chinese", "cp936", "ms936", "windows-936", "936", "euc-cn", "euccn", "x-euc-cn", "cn-gb", "54936",
	},
	Big5: {
		"big-5", "big5hkscs", "big5-hkscs", "big5-eten", "big5-tw", "cn-big5", "csbig5", "x-x-big5", "cp950", "ms950",
		"windows-950", "950", "cp951",
	},
	HZ:          {"hz-gb-2312", "hz-gb2312", "hzgb2312", "x-hz"},
	Windows1252: {"cp1252", "x-cp1252", "windows1252", "1252", "latin1", "latin-1", "l1", "iso-8859-1", "iso8859-1", "iso88591", "iso-ir-100", "csisolatin1"},
}

// Canonical returns the name of a declared encoding: whatever people and HTML call it, in any case, with _ for -. It
// reports false for a label that stands for nothing on the list, such as utf-7. A label that says little about the
// bytes, us-ascii, is none of the list either.
func Canonical(label string) (name string, ok bool) {
	label = strings.ToLower(strings.Trim(label, " \t\r\n\f\"'"))
	label = strings.ReplaceAll(label, "_", "-")
	for name, others := range aliases {
		if label == name || slices.Contains(others, label) {
			return name, true
		}
	}
	for _, e := range named {
		if label == e.name || slices.Contains(e.aliases, label) {
			return e.name, true
		}
	}
	return "", false
}

// Aliases are the other labels that Canonical knows, in small letters, in order.
func Aliases() (list []string) {
	for _, others := range aliases {
		list = append(list, others...)
	}
	for _, e := range named {
		list = append(list, e.aliases...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
