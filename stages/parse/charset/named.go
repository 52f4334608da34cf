package charset

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
)

// Encodings of Japan, which Detect knows by their kana.
const (
	EUCJP     = "euc-jp"
	ShiftJIS  = "shift_jis" // with CP932
	ISO2022JP = "iso-2022-jp"
)

// named are the encodings beyond those of Chinese text. They are read where somebody names them, in the setting or, where
// nothing else convinces, in the file; only those of Japan are ever found without a word. The others tell too little of
// themselves: a byte that is a letter in one of them is another letter in the next.
var named = []struct {
	name     string
	encoding encoding.Encoding
	aliases  []string
}{
	{EUCJP, japanese.EUCJP, []string{"eucjp", "x-euc-jp", "cseucpkdfmtjapanese"}},
	{ShiftJIS, japanese.ShiftJIS, []string{"shift-jis", "sjis", "x-sjis", "ms-kanji", "csshiftjis", "windows-31j", "cp932", "ms932", "932"}},
	{ISO2022JP, japanese.ISO2022JP, []string{"csiso2022jp", "jis"}},
	{"euc-kr", korean.EUCKR, []string{"euckr", "ks-c-5601-1987", "ks-c-5601-1989", "ksc5601", "ksc-5601", "korean", "windows-949", "cp949", "uhc", "949", "cseuckr"}},
	{"iso-8859-2", charmap.ISO8859_2, []string{"iso8859-2", "iso88592", "latin2", "latin-2", "l2", "csisolatin2"}},
	{"iso-8859-3", charmap.ISO8859_3, []string{"iso8859-3", "iso88593", "latin3", "latin-3", "l3", "csisolatin3"}},
	{"iso-8859-4", charmap.ISO8859_4, []string{"iso8859-4", "iso88594", "latin4", "latin-4", "l4", "csisolatin4"}},
	{"iso-8859-5", charmap.ISO8859_5, []string{"iso8859-5", "iso88595", "cyrillic", "csisolatincyrillic"}},
	{"iso-8859-6", charmap.ISO8859_6, []string{"iso8859-6", "iso88596", "arabic", "csisolatinarabic"}},
	{"iso-8859-7", charmap.ISO8859_7, []string{"iso8859-7", "iso88597", "greek", "csisolatingreek"}},
	{"iso-8859-8", charmap.ISO8859_8, []string{"iso8859-8", "iso88598", "hebrew", "iso-8859-8-i", "csisolatinhebrew"}},
	{"iso-8859-10", charmap.ISO8859_10, []string{"iso8859-10", "latin6", "l6"}},
	{"iso-8859-13", charmap.ISO8859_13, []string{"iso8859-13", "latin7"}},
	{"iso-8859-14", charmap.ISO8859_14, []string{"iso8859-14", "latin8"}},
	{"iso-8859-15", charmap.ISO8859_15, []string{"iso8859-15", "latin9", "latin-9", "l9"}},
	{"iso-8859-16", charmap.ISO8859_16, []string{"iso8859-16", "latin10"}},
	{"koi8-r", charmap.KOI8R, []string{"koi8r", "koi8", "koi", "cskoi8r"}},
	{"koi8-u", charmap.KOI8U, []string{"koi8u", "koi8-ru"}},
	{"macintosh", charmap.Macintosh, []string{"mac", "macroman", "x-mac-roman", "csmacintosh"}},
	{"windows-874", charmap.Windows874, []string{"cp874", "tis-620", "tis620", "iso-8859-11", "874"}},
	{"windows-1250", charmap.Windows1250, []string{"cp1250", "x-cp1250", "1250"}},
	{"windows-1251", charmap.Windows1251, []string{"cp1251", "x-cp1251", "1251"}},
	{"windows-1253", charmap.Windows1253, []string{"cp1253", "x-cp1253", "1253"}},
	{"windows-1254", charmap.Windows1254, []string{"cp1254", "x-cp1254", "1254", "iso-8859-9", "iso8859-9", "iso88599", "latin5", "latin-5", "l5"}},
	{"windows-1255", charmap.Windows1255, []string{"cp1255", "x-cp1255", "1255"}},
	{"windows-1256", charmap.Windows1256, []string{"cp1256", "x-cp1256", "1256"}},
	{"windows-1257", charmap.Windows1257, []string{"cp1257", "x-cp1257", "1257"}},
	{"windows-1258", charmap.Windows1258, []string{"cp1258", "x-cp1258", "1258"}},
}

// namedDecoder returns the decoder of an encoding in named, or nil.
func namedDecoder(name string) decoder {
	for _, e := range named {
		if e.name == name {
			if table, ok := e.encoding.(*charmap.Charmap); ok {
				return charmapDecoder{table}
			}
			return libraryDecoder{e.encoding.NewDecoder()}
		}
	}
	return nil
}

// libraryDecoder reads with a decoder of the library, which writes U+FFFD for what it cannot decode. Such an encoding has
// no U+FFFD of its own.
type libraryDecoder struct{ *encoding.Decoder }

func (d libraryDecoder) decode(dst, src []byte, last bool, c *Counts) (n, i int) {
	n, i, _ = d.Transform(dst, src, last) // its errors say that dst or src is at its end
	c.Replaced += int64(bytes.Count(dst[:n], []byte(string(utf8.RuneError))))
	return n, i
}
