package web

import (
	"bytes"
	"net/netip"

	"golang.org/x/net/publicsuffix"
)

// maxURL is how much of a URL is looked at, in bytes.
const maxURL = 2048

// AppendURL appends the URL of a document to dst, as its metadata name it, or the beginning of a long one, and nothing where there is none.
func AppendURL(dst, meta []byte) []byte {
	n := len(dst)
	dst = AppendMember(dst, meta, "url")
	return dst[:min(len(dst), n+maxURL)]
}

// Site returns the registered domain of a host in lower case: the public suffix, and the label before it. Of an address, or of what is itself
// a public suffix or has one label, it is all of the host.
func Site(host string) string {
	if len(host) > 0 && (host[0] == '[' || host[len(host)-1] <= '9') { // no public suffix ends in a digit
		if _, err := netip.ParseAddr(string(bytes.Trim([]byte(host), "[]"))); err == nil {
			return host
		}
	}
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// Cut cuts scheme, user, port and dots at the edges off a URL or its beginning, and puts the host in lower case, in place.
func Cut(u []byte) (host, rest []byte) {
	if i := bytes.Index(u, []byte("://")); i >= 0 && !bytes.ContainsAny(u[:i], "/?#") {
		u = u[i+3:]
	}
	end := bytes.IndexAny(u, "/?#")
	if end < 0 {
		end = len(u)
	}
	host, rest = u[:end], u[end:]
	host = host[bytes.LastIndexByte(host, '@')+1:]
	if i := bytes.LastIndexByte(host, ':'); i >= 0 && !bytes.HasSuffix(host, []byte("]")) {
		host = host[:i]
	}
	host = bytes.Trim(host, ".")
	for i, c := range host {
		if c-'A' <= 'Z'-'A' {
			host[i] = c | 0x20
		}
	}
	return host, rest
}
