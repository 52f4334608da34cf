package warc

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Media types of documents.
const (
	mediaHTML  = "text/html"
	mediaXHTML = "application/xhtml+xml"
	mediaText  = "text/plain"
)

// setMedia finds out what the document of a record is. What the crawler found in it (WARC-Identified-Payload-Type) says more
// than what a server says of it. Where neither names HTML, the first bytes may: servers call pages anything. Where there is no
// type at all, or one that says nothing, they may say that it is a text, too. head is what the block begins with.
func (rec *Record) setMedia(h httpHeader, head []byte) {
	declared, label := mediaType(h.contentType)
	rec.Media, rec.Charset = declared, label
	if identified, _ := mediaType(rec.identified); !isVague(identified) {
		rec.Media = identified
	}
	if rec.Media == mediaHTML || rec.Media == mediaXHTML || rec.Type == Conversion && rec.Media != "" {
		return
	}
	body := firstBytes(h, head[min(h.size, len(head)):])
	switch {
	case looksLikeHTML(body, isVague(rec.Media)):
		rec.Media = mediaHTML
	case isVague(rec.Media) && looksLikeText(body):
		rec.Media = mediaText
	}
}

// isVague says whether a media type says nothing of what has it.
func isVague(media string) bool {
	switch media {
	case "", "application/octet-stream", "binary/octet-stream", "unknown/unknown", "application/unknown", "application/x-unknown", "unknown",
		"unk", "application/force-download", "application/download", "application/x-download", "*/*", "none", "null", "no-type",
		"application/x-empty", "content/unknown", "x-unknown/unknown", "application/x-octet-stream", "file/unknown":
		return true
	}
	return !strings.Contains(media, "/")
}

// aliases are what some servers call the types of documents.
var aliases = map[string]string{
	"html": mediaHTML, "text/htm": mediaHTML, "text/x-html": mediaHTML, "application/html": mediaHTML, "text/html5": mediaHTML,
	"text/xhtml": mediaXHTML, "application/xhtml": mediaXHTML, "text/xhtml+xml": mediaXHTML, "application/vnd.wap.xhtml+xml": mediaXHTML,
	"text": mediaText, "plain": mediaText, "txt": mediaText, "text/txt": mediaText, "text/x-markdown": "text/markdown",
}

// mediaType reads type and charset out of the value of a Content-Type (RFC 9110, 8.3), which many get wrong: the type is the
// first thing that may be one, and the charset stands behind its name, whatever is between.
func mediaType(value string) (media, label string) {
	value = strings.ToLower(value)
	value = strings.TrimPrefix(strings.TrimLeft(value, " \t\"'"), "content-type:")
	media = strings.TrimLeft(value, " \t\"'")
	if end := strings.IndexFunc(media, func(r rune) bool { return !isMediaChar(r) }); end >= 0 {
		media = media[:end]
	}
	if strings.HasPrefix(media, "charset") {
		media = ""
	}
	if known := aliases[media]; known != "" {
		media = known
	}
	for rest, ok := value, true; ok && label == ""; {
		if _, rest, ok = strings.Cut(rest, "charset"); !ok {
			break
		}
		v, found := strings.CutPrefix(strings.TrimLeft(rest, " \t"), "=")
		if !found {
			continue
		}
		v = strings.TrimLeft(v, " \t\"'")
		if end := strings.IndexAny(v, " \t\"';,"); end >= 0 {
			v = v[:end]
		}
		label = v
	}
	if len(label) > maxLabel {
		label = ""
	}
	return media, label
}

// isMediaChar says whether a media type can have a character (RFC 6838, 4.2).
func isMediaChar(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("/+-._*", r)
}

// maxLabel is more than the longest name of a character encoding has.
const maxLabel = 40

// sniffBytes is how much of a document is looked at, and sniffStored how much of it as it is stored.
const (
	sniffBytes  = 512
	sniffStored = 1 << 10
)

// firstBytes decodes what the first bytes of a body say it begins with. What is not encoded as declared is what it is.
func firstBytes(h httpHeader, body []byte) []byte {
	body = body[:min(len(body), sniffStored)]
	if h.transferEncoding == "" && h.contentEncoding == "" {
		return body[:min(len(body), sniffBytes)]
	}
	var d Decoder
	if h.isChunked() {
		body, _ = d.unchunk(body) // the last chunk is cut off
	}
	doc := Document{Body: body}
	for _, name := range h.encodings() {
		r, err := d.open(name, doc.Body)
		if err != nil {
			continue
		}
		out := make([]byte, sniffBytes)
		n, _ := io.ReadFull(r, out) // the end of what there is, is no error here
		if c, ok := r.(io.Closer); ok {
			_ = c.Close() // nothing was written
		}
		if n > 0 {
			doc.Body = out[:n]
		}
	}
	return doc.Body[:min(len(doc.Body), sniffBytes)]
}

// looksLikeHTML says whether a document begins as HTML does: behind a declaration and comments with a tag that nothing else
// has, or, where any is enough, with one that pages have (MIME Sniffing Standard, 7.1).
func looksLikeHTML(body []byte, anyTag bool) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n\f")
	if len(body) == 0 || body[0] != '<' {
		return false
	}
	z := html.NewTokenizer(bytes.NewReader(body))
	comment := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return comment && anyTag && bytes.HasPrefix(body, []byte("<!--"))
		case html.CommentToken: // <?xml …?> is one, too
			comment = true
		case html.DoctypeToken:
			name := bytes.Fields(bytes.ToLower(z.Text()))
			return len(name) > 0 && string(name[0]) == "html"
		case html.TextToken:
			if len(bytes.TrimSpace(z.Text())) > 0 {
				return false
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.Html, atom.Head, atom.Body, atom.Title, atom.Meta:
				return true
			case atom.Script, atom.Style, atom.Iframe, atom.Div, atom.P, atom.H1, atom.H2, atom.H3, atom.Table, atom.Font, atom.A, atom.B,
				atom.Br, atom.Center, atom.Span, atom.Ul, atom.Link, atom.Base, atom.Form, atom.Img, atom.Article, atom.Section:
				return anyTag
			}
			return false
		case html.EndTagToken:
			return false
		}
	}
}

// notProse are what texts begin with that are written for programs.
var notProse = []string{
	"{", "[", "<", "(", "/", "#!", "@", "*", "!function", "function", "var ", "let ", "const ", "import ", "export ", "window.", "document.", "define(",
	"$(", "jquery", "\"use strict\"", "'use strict'", ";", "user-agent:", "sitemap:", "%!", "begin:v", "google-site-verification", "svn", "try", "if(",
	"if (",
}

// looksLikeText says whether a document of no type begins as a text for people does.
func looksLikeText(body []byte) bool {
	if len(bytes.TrimSpace(body)) == 0 {
		return false
	}
	for _, c := range body {
		if c < ' ' && (c < '\t' || c > '\r') && c != 0x1b || c == 0x7f {
			return false
		}
	}
	s := strings.ToLower(strings.TrimLeft(string(body[:min(len(body), 64)]), "\ufeff \t\r\n"))
	for _, begin := range notProse {
		if strings.HasPrefix(s, begin) {
			return false
		}
	}
	return strings.ContainsAny(string(body), " \n") || !isASCII(body)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
