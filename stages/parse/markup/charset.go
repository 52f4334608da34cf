package markup

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

const (
	maxHead  = 16 << 10 // bytes of a page that are searched; the standard says 1024, and some pages say it later
	maxLabel = 40       // bytes of a name of a character encoding
)

// Charset returns the character encoding that a page declares in its first bytes, by an XML declaration or a <meta>, in
// lower case; empty: none. The bytes need not be valid UTF-8. What is declared is a hint and may be no encoding at all. A
// declaration of UTF-16 that can be read like this means UTF-8 (HTML Standard, 13.2.3.2).
func Charset(head []byte) string {
	head = head[:min(len(head), maxHead)]
	label := xmlEncoding(head)
	if label == "" {
		label = metaCharset(head)
	}
	label = strings.ToLower(strings.Trim(label, " \t\r\n\f\"'"))
	if strings.HasPrefix(label, "utf-16") {
		return "utf-8"
	}
	for _, c := range []byte(label) {
		if c <= ' ' || c >= 0x7f {
			return ""
		}
	}
	if len(label) > maxLabel {
		return ""
	}
	return label
}

// xmlEncoding reads <?xml version="1.0" encoding="label"?>.
func xmlEncoding(head []byte) string {
	decl, ok := bytes.CutPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("<?xml"))
	if !ok {
		return ""
	}
	decl, _, ok = bytes.Cut(decl, []byte("?>"))
	if !ok {
		return ""
	}
	_, value, _ := bytes.Cut(decl, []byte("encoding"))
	value, ok = bytes.CutPrefix(bytes.TrimSpace(value), []byte("="))
	if value = bytes.TrimSpace(value); !ok || len(value) == 0 || value[0] != '"' && value[0] != '\'' {
		return ""
	}
	label, _, _ := bytes.Cut(value[1:], value[:1])
	return string(label)
}

// metaCharset reads <meta charset="label"> and <meta http-equiv="Content-Type" content="text/html; charset=label">.
func metaCharset(head []byte) string {
	z := html.NewTokenizer(bytes.NewReader(head))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if string(name) == "body" {
				return ""
			}
			if string(name) != "meta" {
				continue
			}
			var direct, equiv, content string
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				switch string(key) {
				case "charset":
					direct = string(value)
				case "http-equiv":
					equiv = string(value)
				case "content":
					content = string(value)
				}
			}
			if direct != "" {
				return direct
			}
			if strings.EqualFold(strings.TrimSpace(equiv), "content-type") {
				if label := contentCharset(content); label != "" {
					return label
				}
			}
		case html.TextToken, html.EndTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}

// contentCharset reads the charset out of a content type.
func contentCharset(content string) string {
	_, value, _ := strings.Cut(strings.ToLower(content), "charset")
	value, ok := strings.CutPrefix(strings.TrimSpace(value), "=")
	if !ok {
		return ""
	}
	value = strings.TrimSpace(value)
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		value, _, _ = strings.Cut(value[1:], value[:1])
		return value
	}
	if end := strings.IndexAny(value, "; \t"); end >= 0 {
		value = value[:end]
	}
	return value
}
