package charset

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// udhrOther is what is known of the files whose names do not end in UTF8 or Latin1, or are wrong. Where a file has no twin
// in UTF-8, what its letters spell decided.
var udhrOther = map[string]struct {
	detected string // what Detect has to say
	encoding string // that it is in; "" for the bytes of a font of which nobody has the table
	twin     string // the same text in UTF-8
}{
	"Chinese_Mandarin-GB2312":  {detected: GB18030, encoding: GB18030, twin: "Chinese_Mandarin-UTF8"},
	"Chinese_Mandarin-HZ":      {detected: HZ, encoding: HZ, twin: "Chinese_Mandarin-UTF8"},
	"Hungarian_Magyar-Unicode": {detected: UTF16LE, encoding: UTF16LE, twin: "Hungarian_Magyar-UTF8"},
	"Japanese_Nihongo-EUC":     {detected: EUCJP, encoding: EUCJP, twin: "Japanese_Nihongo-UTF8"},
	"Japanese_Nihongo-JIS":     {detected: ISO2022JP, encoding: ISO2022JP, twin: "Japanese_Nihongo-UTF8"},
	"Japanese_Nihongo-SJIS":    {detected: ShiftJIS, encoding: ShiftJIS, twin: "Japanese_Nihongo-UTF8"},
	"Russian_Russky-UTF8~":     {detected: UTF8, encoding: UTF8, twin: "Russian_Russky-UTF8"},
	"Amahuaca":                 {detected: Windows1252, encoding: Windows1252},

	"Abkhaz-Cyrillic+Abkh":          {detected: Unknown, encoding: "windows-1251", twin: "Abkhaz-UTF8"},
	"Belorus_Belaruski-Cyrillic":    {detected: Unknown, encoding: "windows-1251", twin: "Belorus_Belaruski-UTF8"},
	"Bosnian_Bosanski-Cyrillic":     {detected: Unknown, encoding: "windows-1251"},
	"Bulgarian_Balgarski-Cyrillic":  {detected: Unknown, encoding: "windows-1251", twin: "Bulgarian_Balgarski-UTF8"},
	"Kazakh-Cyrillic":               {detected: Unknown, encoding: "windows-1251", twin: "Kazakh-UTF8"},
	"Russian-Cyrillic":              {detected: Unknown, encoding: "windows-1251", twin: "Russian-UTF8"},
	"Russian_Russky-Cyrillic":       {detected: Unknown, encoding: "windows-1251", twin: "Russian_Russky-UTF8"},
	"Serbian_Srpski-Cyrillic":       {detected: Unknown, encoding: "windows-1251", twin: "Serbian_Srpski-UTF8"},
	"Ukrainian-Cyrillic":            {detected: Unknown, encoding: "windows-1251", twin: "Ukrainian-UTF8"},
	"Greek_Ellinika-Greek":          {detected: Unknown, encoding: "iso-8859-7", twin: "Greek_Ellinika-UTF8"},
	"Hebrew_Ivrit-Hebrew":           {detected: Unknown, encoding: "windows-1255", twin: "Hebrew_Ivrit-UTF8"},
	"Turkish_Turkce-Turkish":        {detected: Unknown, encoding: "windows-1254", twin: "Turkish_Turkce-UTF8"},
	"Hungarian_Magyar-Latin2":       {detected: Unknown, encoding: "iso-8859-2", twin: "Hungarian_Magyar-UTF8"},
	"Arabic_Alarabia-Arabic":        {detected: Unknown, encoding: "windows-1256"},
	"Lithuanian_Lietuviskai-Baltic": {detected: Unknown, encoding: "iso-8859-4"},
	"Bosnian_Bosanski-Latin2":       {detected: Unknown, encoding: "windows-1250"},
	"Czech-Latin2":                  {detected: Unknown, encoding: "windows-1250"}, // but for a letter as in Czech-UTF8
	"Czech-Latin2-err":              {detected: Unknown, encoding: "windows-1250"},
	"Czech_Cesky-Latin2":            {detected: Unknown, encoding: "windows-1250"},
	"Czech_Cesky-UTF8":              {detected: Unknown, encoding: "windows-1250"},
	"Polish-Latin2":                 {detected: Unknown, encoding: "windows-1250"},
	"Polish_Polski-Latin2":          {detected: Unknown, encoding: "windows-1250"},
	"Romanian-Latin2":               {detected: Unknown, encoding: "windows-1250"},
	"Romanian_Romana-Latin2":        {detected: Unknown, encoding: "windows-1250"},
	"Serbian_Srpski-Latin2":         {detected: Unknown, encoding: "windows-1250"},
	"Slovak-Latin2":                 {detected: Unknown, encoding: "windows-1250"},
	"Slovak_Slovencina-Latin2":      {detected: Unknown, encoding: "windows-1250"},
	"Slovenian_Slovenscina-Latin2":  {detected: Unknown, encoding: "windows-1250"},
	"Sorbian-Latin2":                {detected: Unknown, encoding: "windows-1250"},

	// Converted with losses: the letters are those of no encoding any more.
	"Croatian_Hrvatski-Latin2": {detected: Unknown},
	"Hrvatski_Croatian-Latin2": {detected: Unknown},
	"Vietnamese-VIQR":          {detected: Unknown},
	"Vietnamese-VPS":           {detected: Unknown},

	"Armenian-DallakHelv":                                {detected: Unknown},
	"Azeri_Azerbaijani_Cyrillic-Az.Times.Cyr.Normal0117": {detected: Unknown},
	"Azeri_Azerbaijani_Latin-Az.Times.Lat0117":           {detected: Unknown},
	"Esperanto-T61":                                      {detected: Unknown},
	"Latvian-Latin1":                                     {detected: Unknown},
	"Magahi-Agra":                                        {detected: Unknown},
	"Mongolian_Khalkha-Cyrillic":                         {detected: Unknown},
	"Vietnamese-TCVN":                                    {detected: Unknown},

	// Languages that the table of letters does not have, whose letters would be at home in another encoding too; of some
	// there are but a few. What is taken for UTF-8 here is rejected where the record is read.
	"HaitianCreole_Kreyol-Latin1":      {detected: Unknown, encoding: Windows1252},
	"HaitianCreole_Popular-Latin1":     {detected: Unknown, encoding: Windows1252},
	"Hungarian_Magyar-Latin1":          {detected: Unknown, encoding: Windows1252},
	"NorthernSotho_Pedi-Sepedi-Latin1": {detected: Unknown, encoding: Windows1252},
	"Sango_Sangho-Latin1":              {detected: Unknown, encoding: Windows1252},
	"Tzeltal-Latin1":                   {detected: Unknown, encoding: Windows1252},
	"Vlach-Latin1":                     {detected: Unknown, encoding: Windows1252},
	"Arabela-Latin1":                   {detected: UTF8, encoding: Windows1252},
	"Chamorro-Latin1":                  {detected: UTF8, encoding: Windows1252},
	"Edo-Latin1":                       {detected: UTF8, encoding: Windows1252},
	"Kituba-Latin1":                    {detected: UTF8, encoding: Windows1252},
	"Maori-Latin1":                     {detected: UTF8, encoding: Windows1252},

	// Fonts whose bytes are ASCII, but for 39, 2, 1 and 1 of them, and Unicode characters that a font shows as others.
	// Nothing in the bytes says so.
	"Amharic-Afenegus6..60375":       {detected: Windows1252},
	"Bhojpuri-Agra":                  {detected: UTF8},
	"Burmese_Myanmar-WinResearcher":  {detected: UTF8},
	"Navaho_Dine-Navajo-Navaho-font": {detected: Windows1252},
	"Tigrinya_Tigrigna-VG2Main":      {detected: Windows1252},
}

// TestSharedUDHR: of the declaration of human rights in 300 languages every file is taken for what it is in, or for unknown,
// and read in its encoding it gives the text of its twin.
func TestSharedUDHR(t *testing.T) {
	files := map[string][]byte{}
	pipelinetest.EachShared(t, "formats.tar.zst", func(name string, data []byte) {
		if path.Base(name) == "udhr.zip" {
			files = unzipped(t, data)
		}
	})
	type sum struct{ files, detected, unknown, undecidable int }
	sums := map[string]sum{}
	twins, seen := 0, 0
	for name, data := range files {
		known, ok := udhrOther[name]
		switch {
		case ok:
			seen++
		case strings.HasSuffix(name, "-Latin1") && bytes.ContainsFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }):
			known.detected, known.encoding = Windows1252, Windows1252
			known.twin = map[string]string{"Mapudungun_Mapuzgun-Latin1": "Mapudungun_Mapuzgun-UTF8", "Uighur_Uyghur-Latin1": "Uighur_Uyghur-UTF8"}[name]
		default:
			known.detected, known.encoding = UTF8, UTF8
		}
		got := detected(data)
		if got != known.detected {
			t.Errorf("%s: %s, want %s", name, got, known.detected)
		}
		s := sums[known.encoding]
		s.files++
		switch got {
		case known.encoding:
			s.detected++
		case Unknown:
			s.unknown++
		default:
			s.undecidable++
		}
		sums[known.encoding] = s
		if known.encoding == "" {
			continue
		}
		text, counts := decodeAll(t, known.encoding, bytes.NewReader(data))
		if counts.Replaced > 6 { // half a character at the end; quotes of Windows in the Latin-4 of Lithuania
			t.Errorf("%s: %d undecodable in %s", name, counts.Replaced, known.encoding)
		}
		if known.twin == "" {
			continue
		}
		twins++
		twin, _ := decodeAll(t, UTF8, bytes.NewReader(files[known.twin]))
		a, b := words(text), words(twin)
		if n := min(len(a), len(b)); n < 2900 || string(a[:n]) != string(b[:n]) {
			t.Errorf("%s is not %s: %.60s, %.60s", name, known.twin, string(a), string(b))
		}
	}
	for encoding, s := range sums {
		t.Logf("%-12s %+v", encoding, s)
	}
	if len(files) != 335 || twins != 21 || seen != len(udhrOther) {
		t.Errorf("%d files, %d twins, %d of %d on the list", len(files), twins, seen, len(udhrOther))
	}
}

// words is text as its words, less what its end may have lost to a cut.
func words(s string) []rune {
	r := []rune(strings.Join(strings.Fields(s), " "))
	return r[:max(0, len(r)-2)]
}

func unzipped(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[path.Base(f.Name)], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}
