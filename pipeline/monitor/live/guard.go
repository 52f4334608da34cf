package live

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// policy is what the page may do: run its own script, be styled by its own file, ask its own server. Nothing is ever loaded from
// elsewhere, no script stands in the page, and no other page frames it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// reportPolicy is that of a report: its style is in it, and it has no script.
const reportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func harden(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// knows says whether the page answers under the name that a request was sent to. A page of another site whose name was pointed at this
// machine afterwards is asked for under that name.
func (p *Page) knows(r *http.Request) bool {
	name, port := splitHost(r.Host)
	for _, own := range p.options.Hosts {
		ownName, ownPort := splitHost(own)
		if strings.EqualFold(name, ownName) && (ownPort == "" || ownPort == port) {
			return true
		}
	}
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return false
	}
	if port == "" {
		port = "80"
	}
	if port != strconv.Itoa(at.Port) {
		return false
	}
	local := at.AddrPort().Addr().Unmap().WithZone("")
	address, err := netip.ParseAddr(name)
	if err != nil {
		return local.IsLoopback() && strings.EqualFold(name, "localhost")
	}
	address = address.Unmap().WithZone("")
	return address == local || address.IsLoopback() && local.IsLoopback()
}

// splitHost is the name and the port of a host as requests and settings name it; the port is "" if there is none.
func splitHost(host string) (name, port string) {
	if name, port, err := net.SplitHostPort(host); err == nil {
		return strings.TrimSuffix(name, "."), port
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), "."), ""
}

// own lets requests through that are not from a page of another site, as the browser says.
func (p *Page) own(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !sameOrigin(r, "none") {
			say(w, http.StatusForbidden, "this is for the page of millrace alone, not for those of other sites")
			return
		}
		next(w, r)
	}
}

// sameOrigin says whether a request is from a page of ours, or from no page. Programs say nothing of where a request is from; also are
// other values of Sec-Fetch-Site that may stand.
func sameOrigin(r *http.Request, also ...string) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && !slices.Contains(also, site) {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Host, r.Host)
}

// maxName bounds what is said again of what somebody sent.
const maxName = 100

func shortened(text string) string {
	if len(text) > maxName {
		return text[:maxName] + "…"
	}
	return text
}

// maxReason bounds how much of an error is shown.
const maxReason = 500

var quoted = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"?|`[^`]*`?|“[^”]*”?|「[^」]*」?")

// clean leaves out of a reason what may be of a document: lines behind the first, and what stands in quotes.
func (p *Page) clean(reason string) string {
	if !p.options.ShowText {
		reason, _, _ = strings.Cut(reason, "\n")
		reason = quoted.ReplaceAllString(reason, "…")
	}
	if runes := []rune(reason); len(runes) > maxReason {
		reason = string(runes[:maxReason]) + "…"
	}
	return reason
}
