package warc

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// httpHeader is what of the header of an HTTP answer is needed to get at its body.
type httpHeader struct {
	status           int
	contentType      string
	contentEncoding  string
	transferEncoding string
	contentLength    int64 // -1: none
	size             int   // bytes of the header
}

// parseHTTP reads status line and fields (RFC 9112, 4 and 5), leniently; n is the size of the header. Without an empty
// line all is header. ok is false if there is no status line.
func parseHTTP(block []byte) (h httpHeader, n int, ok bool) {
	if !bytes.HasPrefix(block, []byte("HTTP/")) {
		return h, 0, false
	}
	h.contentLength = -1
	line, rest, more := cutLine(block)
	if f := bytes.Fields(line); len(f) > 1 {
		h.status, _ = strconv.Atoi(string(f[1])) // 0, unknown, if it is no number
	}
	for more {
		if line, rest, more = cutLine(rest); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch strings.ToLower(string(bytes.TrimSpace(name))) {
		case "content-type":
			h.contentType = clean(value)
		case "content-encoding":
			h.contentEncoding = join(h.contentEncoding, value)
		case "transfer-encoding":
			h.transferEncoding = join(h.transferEncoding, value)
		case "content-length":
			if v, err := strconv.ParseInt(clean(value), 10, 64); err == nil && v >= 0 {
				h.contentLength = v
			}
		}
	}
	h.size = len(block) - len(rest)
	return h, h.size, true
}

// join makes one list of a field that occurs again.
func join(list string, value []byte) string {
	v := strings.ToLower(clean(value))
	if list == "" {
		return v
	}
	return list + "," + v
}

// isChunked says whether the body is in chunks.
func (h httpHeader) isChunked() bool {
	for coding := range strings.SplitSeq(h.transferEncoding, ",") {
		if strings.TrimSpace(coding) == "chunked" {
			return true
		}
	}
	return false
}

// encodings lists the content encodings in the order in which they are removed.
func (h httpHeader) encodings() []string {
	var list []string
	for _, name := range slices.Backward(strings.Split(h.contentEncoding, ",")) {
		if name = strings.TrimSpace(name); name != "" && name != "identity" {
			list = append(list, name)
		}
	}
	return list
}
