package lists

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text/web"
)

// What the lines of a list of URLs are.
const (
	Addresses = "addresses" // domains, which stand for all below them, and prefixes of URLs: what has a slash
	InURL     = "words"     // words that stand in the URL with no letter or digit beside them
)

// URLs is a list of domains, of prefixes of URLs, or of words in them.
type URLs struct {
	// Name begins the name of the signal.
	Name string `json:"name" yaml:"name"`
	// List is the file, an entry a line.
	List string `json:"list" yaml:"list"`
	// Kind is what the lines are: Addresses or InURL; "" is Addresses.
	Kind string `json:"kind" yaml:"kind"`
	// Digest is the SHA-256 that the file must have, in hexadecimal, or its first digits, or empty.
	Digest string `json:"digest" yaml:"digest"`
}

// Validate returns every problem that shows without the file, joined, each beginning with its key.
func (c URLs) Validate() error {
	problems := checkCommon(c.Name, c.List, c.Digest)
	if c.Kind != "" && c.Kind != Addresses && c.Kind != InURL {
		problems = append(problems, fmt.Errorf("kind: unknown kind %q: known are %s, %s", c.Kind, Addresses, InURL))
	}
	return errors.Join(problems...)
}

// NewURLs reads the file and makes the family: how many entries of the list the URL of a document has, as its metadata name it (url). A document without
// has none. Errors name file and line.
func NewURLs(c URLs) (signal.Family, error) {
	if err := c.Validate(); err != nil {
		return signal.Family{}, err
	}
	data, err := readFile(c.List)
	if err != nil {
		return signal.Family{}, fmt.Errorf("list: %w", err)
	}
	digest := digestOf(data)
	if err := checkDigest(c.Digest, digest, c.List); err != nil {
		return signal.Family{}, err
	}
	family := signal.Family{
		Name:    c.Name,
		Columns: []signal.Column{{Name: c.Name + "_" + digest[:nameDigits], Unit: rule.Count, Note: "entries of the list " + c.Name + " that the URL has"}},
	}
	if c.Kind == InURL {
		words, err := readWords(c.List, data)
		if err == nil && len(words.words) == 0 {
			err = fmt.Errorf("list: %s has no entry", c.List)
		}
		if err != nil {
			return signal.Family{}, err
		}
		family.New = func() signal.Measurer { return &urlMeasurer{words: &matcher{of: words}} }
		return family, nil
	}
	list, err := readAddresses(c.List, data)
	if err != nil {
		return signal.Family{}, err
	}
	family.New = func() signal.Measurer { return &urlMeasurer{list: list} }
	return family, nil
}

// addresses are domains and prefixes, without scheme and port, hosts in lower case.
type addresses struct {
	domains  map[string]bool            // true: all of it is meant
	prefixes map[string]map[string]bool // paths by domain
}

func readAddresses(path string, data []byte) (*addresses, error) {
	a := &addresses{domains: map[string]bool{}, prefixes: map[string]map[string]bool{}}
	n := 0
	if err := entries(path, data, func(entry []byte) error {
		begin, behind := web.Cut(bytes.Clone(entry))
		host, rest := strings.TrimPrefix(string(begin), "*."), string(behind)
		if err := checkHost(host); err != nil {
			return err
		}
		n++
		if rest == "" || rest == "/" {
			a.domains[host] = true
			return nil
		}
		if a.prefixes[host] == nil {
			a.prefixes[host] = map[string]bool{}
		}
		a.prefixes[host][rest] = true
		return nil
	}); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("list: %s has no entry", path)
	}
	return a, nil
}

// checkHost says what is wrong with the domain of an entry. One that is a public suffix, as co.uk, would be every site below it.
func checkHost(host string) error {
	if host == "" || strings.ContainsAny(host, " \t\"<>\\^`{|}%,;") || strings.Contains(host, "..") {
		return fmt.Errorf("%q is no domain", host)
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return nil
	}
	if !strings.Contains(host, ".") {
		return fmt.Errorf("%q has one label: a domain is expected", host)
	}
	if suffix, icann := publicsuffix.PublicSuffix(host); icann && suffix == host {
		return fmt.Errorf("%q is a public suffix: every site below it would be meant", host)
	}
	return nil
}

type urlMeasurer struct {
	list  *addresses
	words *matcher
	url   []byte
}

// Measure implements signal.Measurer.
func (m *urlMeasurer) Measure(d *signal.Document, out []int64) {
	out[0] = 0
	m.url = web.AppendURL(m.url[:0], d.Meta)
	if u := m.url; m.words != nil {
		out[0] = m.inURL(u)
	} else {
		out[0] = m.list.count(u)
	}
}

// inURL counts the words of the list in a URL, which stands in lower case then.
func (m *urlMeasurer) inURL(u []byte) (n int64) {
	for _, h := range m.words.find(latin(u), nil) {
		if !alnumAt(u, int(h.from)-1) && !alnumAt(u, int(h.to)) {
			n++
		}
	}
	return n
}

// latin makes every byte beyond ASCII a question mark, so that there is a character a byte.
func latin(u []byte) []byte {
	for i, c := range u {
		if c >= 0x80 {
			u[i] = '?'
		}
	}
	return u
}

func alnumAt(u []byte, i int) bool {
	return i >= 0 && i < len(u) && (u[i]-'0' <= 9 || u[i]|0x20-'a' <= 'z'-'a')
}

// count is how many entries a URL has: of its host and all domains that it is below, those of the list; and the prefixes that the list has of these.
func (a *addresses) count(u []byte) (n int64) {
	host, rest := web.Cut(u)
	for domain := host; len(domain) > 0; {
		if a.domains[string(domain)] {
			n++
		}
		if paths := a.prefixes[string(domain)]; paths != nil {
			n += prefixesOf(paths, rest)
		}
		i := bytes.IndexByte(domain, '.')
		if i < 0 {
			break
		}
		domain = domain[i+1:]
	}
	return n
}

// prefixesOf is how many paths of a list another begins with. They end where a part of it ends, or with its last character.
func prefixesOf(paths map[string]bool, rest []byte) (n int64) {
	for i := 1; i <= len(rest); i++ {
		if (i == len(rest) || divides(rest[i]) || divides(rest[i-1])) && paths[string(rest[:i])] {
			n++
		}
	}
	return n
}

// divides says whether a character parts a URL.
func divides(c byte) bool { return bytes.IndexByte([]byte("/?#&=;"), c) >= 0 }
