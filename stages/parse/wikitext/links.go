package wikitext

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// dropped are the namespaces whose links show no words: files and categories, in lower case.
var dropped = map[string]bool{
	"file": true, "image": true, "media": true, "category": true,
	"文件": true, "档案": true, "檔案": true, "图像": true, "圖像": true, "媒体": true, "媒體": true, "分类": true, "分類": true,
	"ファイル": true, "画像": true, "カテゴリ": true, "파일": true, "그림": true, "분류": true,
	"datei": true, "bild": true, "kategorie": true, "fichier": true, "catégorie": true, "archivo": true, "imagen": true, "categoría": true,
	"файл": true, "изображение": true, "категория": true, "ficheiro": true, "arquivo": true, "categoria": true, "immagine": true, "bestand": true,
	"afbeelding": true, "categorie": true, "plik": true, "kategoria": true,
}

// maxTarget is how long the target of a link, and what is known of spellings, may be. Behind it is text.
const maxTarget = 1 << 10

// link takes [[target|words]]: the words, or the target where there are none.
func (w *writer) link(s span) {
	body := w.src[s.start+2 : s.end-2]
	target := body[:min(len(body), maxTarget)]
	bar := bytes.IndexByte(target, '|')
	piped := bar >= 0
	var words []byte
	if piped {
		target, words = body[:bar], body[bar+1:]
	}
	space, _, named := bytes.Cut(target, []byte(":"))
	w.at = s.end
	switch {
	case named && len(space) > 0 && (dropped[string(bytes.ToLower(bytes.TrimSpace(space)))] || !piped && isLanguage(space)):
		return
	case !piped:
		from := s.start + 2
		if named && len(space) == 0 {
			from++ // [[:Category:x]]
		}
		w.enter(from, s.end-2, s.end)
	case len(bytes.TrimSpace(words)) == 0:
		if i := bytes.LastIndexByte(target, ':'); i >= 0 {
			target = target[i+1:]
		}
		target, _, _ = bytes.Cut(target, []byte(" ("))
		w.text(target)
	default:
		w.enter(s.start+2+len(target)+1, s.end-2, s.end)
	}
}

// enter writes a part of the source, and goes on behind what it is a part of.
func (w *writer) enter(from, to, resume int) {
	w.at = from
	w.frames = append(w.frames, frame{to, resume})
}

// isLanguage says whether a prefix is that of a wiki in another language: en, zh-yue.
func isLanguage(b []byte) bool {
	for i, c := range b {
		if c < 'a' || c > 'z' {
			return i >= 2 && c == '-' && i <= 3
		}
	}
	return len(b) == 2 || len(b) == 3
}

// variants are the spellings that are taken, the first that there is.
var variants = []string{"zh-cn", "zh-hans", "zh-sg", "zh-my", "zh"}

// variant takes -{spelling}-, or one of -{zh-cn:a; zh-tw:b}-. One with a flag says how words are written elsewhere, and is left out,
// unless the flag shows it.
func (w *writer) variant(s span) {
	w.at = s.end
	from, to := s.start+2, s.end-2
	if to-from > maxTarget {
		w.enter(from, to, s.end)
		return
	}
	body := w.src[from:to]
	if flag, _, found := bytes.Cut(body, []byte("|")); found && len(flag) <= 2 && isLetters(flag) {
		if f := string(flag); f != "A" && f != "R" && f != "D" && f != "N" && f != "" {
			return
		}
		from += len(flag) + 1
	}
	first, best, rank := 0, 0, len(variants)
	end, bestEnd := 0, 0
	for at := from; at < to; {
		n := bytes.IndexByte(w.src[at:to], ';')
		if n < 0 {
			n = to - at
		}
		name, text, found := bytes.Cut(w.src[at:at+n], []byte(":"))
		if found && isVariant(bytes.TrimSpace(name)) {
			start, stop := at+n-len(text), at+n
			if end == 0 {
				first, end = start, stop
			}
			for r, v := range variants[:rank] {
				if string(bytes.TrimSpace(name)) == v {
					best, bestEnd, rank = start, stop, r
					break
				}
			}
		}
		at += n + 1
	}
	switch {
	case bestEnd > 0:
		w.enter(best, bestEnd, s.end)
	case end > 0:
		w.enter(first, end, s.end)
	default:
		w.enter(from, to, s.end)
	}
}

func isLetters(b []byte) bool {
	for _, c := range b {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

func isVariant(name []byte) bool { return bytes.HasPrefix(name, []byte("zh")) && len(name) <= 8 }

// address says whether text begins with an address of the web.
func address(text []byte) bool {
	for _, scheme := range []string{"http://", "https://", "//", "ftp://", "mailto:"} {
		if bytes.HasPrefix(text, []byte(scheme)) {
			return true
		}
	}
	return false
}

// external takes [http://address words].
func (w *writer) external(rest []byte) {
	const longest = 4 << 10
	line, _, _ := bytes.Cut(rest[:min(len(rest), longest)], []byte("\n"))
	end := bytes.IndexByte(line, ']')
	if end < 0 {
		w.text(rest[:1])
		w.at++
		return
	}
	space := bytes.IndexByte(line[:end], ' ')
	if space < 0 {
		w.at += end + 1
		return
	}
	w.enter(w.at+space+1, w.at+end, w.at+end+1)
}

// magicWord is the length of a word such as __TOC__ or __NOTOC__, 0 if text begins with none.
func magicWord(text []byte) int {
	const longest = 40
	if len(text) < len("__A__") || text[1] != '_' {
		return 0
	}
	end := bytes.Index(text[2:min(len(text), longest)], []byte("__"))
	if end <= 0 {
		return 0
	}
	for rest := text[2 : 2+end]; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if !unicode.IsLetter(r) || unicode.IsLower(r) {
			return 0
		}
		rest = rest[size:]
	}
	return end + 4
}
