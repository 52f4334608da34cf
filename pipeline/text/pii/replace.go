package pii

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
)

// Mask writes over t, a span: digits become 0, letters x, each in its case and width; Chinese numerals become 〇. All else stays, so that a text keeps
// its length and a reader sees what there was. What is masked is not found again.
func Mask(t []byte) {
	each(t, func(i int, c byte) { put(t, i, c, 0, 'x'-'a') })
}

// each calls do for every letter and digit of t, folded to ASCII, with its place; Chinese numerals count as digits.
func each(t []byte, do func(i int, c byte)) {
	for i := 0; i < len(t); {
		if d, ok := numeral(t, i); ok {
			do(i, d)
			i += 3
			continue
		}
		c, size := fold(t, i)
		if isAlnum(c) {
			do(i, c)
		}
		i += size
	}
}

// numerals are the characters of the digits.
const numerals = "〇一二三四五六七八九"

// put writes a digit or letter at t[i] in place of c, which is there: a digit in place of a digit, the letter behind a by so many in place of a letter,
// in the same script, case and width.
func put(t []byte, i int, c, digit, letter byte) {
	n := '0' + digit
	switch {
	case c|0x20 == c && isLetter(c):
		n = 'a' + letter
	case isLetter(c):
		n = 'A' + letter
	}
	putByte(t, i, n)
}

// putByte writes a character of ASCII at t[i] in the script and width of what is there.
func putByte(t []byte, i int, n byte) {
	switch {
	case t[i] < 0x80:
		t[i] = n
	case t[i] == 0xEF && n >= '`':
		t[i+1], t[i+2] = 0xBD, n-'`'+0x80
	case t[i] == 0xEF:
		t[i+1], t[i+2] = 0xBC, n-'!'+0x81
	default:
		copy(t[i:], numerals[int(n-'0')*3:int(n-'0')*3+3])
	}
}

// MinKey is how many bytes a key has at least.
const MinKey = 16

// A Key makes pseudonyms. It never shows itself: not in messages, not encoded.
type Key struct{ secret []byte }

// NewKey is a key of at least MinKey bytes.
func NewKey(secret []byte) (*Key, error) {
	if len(secret) < MinKey {
		return nil, fmt.Errorf("the key has %d bytes, the least is %d", len(secret), MinKey)
	}
	return &Key{append([]byte(nil), secret...)}, nil
}

// Digest tells keys apart and says nothing of them: 16 hexadecimal digits.
func (k *Key) Digest() string {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte("millrace pii key"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// String implements fmt.Stringer.
func (*Key) String() string { return "secret" }

// GoString implements fmt.GoStringer.
func (*Key) GoString() string { return "secret" }

// MarshalText implements encoding.TextMarshaler, which is refused.
func (*Key) MarshalText() ([]byte, error) { return nil, errors.New("a key is never written") }

// Pseudonyms replaces spans by others that follow from the value, its kind and a key: HMAC-SHA-256. Equal values have equal pseudonyms, however
// they are written (blanks, hyphens, width, +86), in every document and version. It is for one goroutine.
type Pseudonyms struct {
	mac   hash.Hash
	value []byte // the folded letters and digits, and what else tells values apart
	at    []int  // places of letters and digits
	block [sha256.Size]byte
	have  int // which block it is
	head  []byte
	one   [1]byte
}

// NewPseudonyms makes pseudonyms by a key.
func NewPseudonyms(k *Key) *Pseudonyms { return &Pseudonyms{mac: hmac.New(sha256.New, k.secret)} }

// Replace writes over t, a span of a kind: digits become other digits, letters other letters, each in its case and width, all else stays. No pseudonym is a
// value that somebody may have: check digits, regions, networks, area codes and top-level domains are ones that there are not, as far as the shape lets
// them be, so that it is not found again either.
func (p *Pseudonyms) Replace(t []byte, kind Kind) {
	p.value, p.at = p.value[:0], p.at[:0]
	for i := 0; i < len(t); {
		c, size := byte(0), 3
		if d, ok := numeral(t, i); ok {
			c = d
		} else {
			c, size = fold(t, i)
		}
		if isAlnum(c) {
			p.at = append(p.at, i)
		}
		if isAlnum(c) || c > ' ' && telling(kind, c) {
			p.value = append(p.value, lower(c))
		}
		i += size
	}
	skip := p.significant(kind)
	p.head = append(append(append(p.head[:0], "millrace pii\x00"...), names[kind]...), 0)
	p.have = -1
	for k, i := range p.at {
		if k < skip {
			if kind == Phone {
				putByte(t, i, '0')
			}
			continue
		}
		c, _ := fold(t, i)
		if d, ok := numeral(t, i); ok {
			c = d
		}
		b := p.next(len(p.at) - 1 - k) // from the end, where all ways to write a number are the same
		letters := 26
		if kind == IP {
			letters = 6
		}
		put(t, i, c, byte(int(b)*10>>8), byte(int(b)*letters>>8))
	}
	p.spoil(t, kind, skip)
}

// telling says whether a sign tells values of a kind apart.
func telling(kind Kind, c byte) bool {
	switch kind {
	case Email, URLUser, IP, Chat:
		return c != '[' && c != ']' && c != '(' && c != ')' && c != '{' && c != '}'
	}
	return false
}

// significant is how many letters and digits stand before the number itself, which is all that the pseudonym follows from.
func (p *Pseudonyms) significant(kind Kind) (skip int) {
	switch {
	case kind == Mobile && len(p.value) > 11:
		skip = len(p.value) - 11
	case kind == Phone:
		switch v := string(p.value[:min(len(p.value), 4)]); {
		case v == "0086":
			skip = 4
		case len(v) > 1 && v[:2] == "86" && len(p.value) >= 11:
			skip = 2
		}
		for skip+1 < len(p.value) && p.value[skip] == '0' {
			skip++
		}
	}
	p.value = p.value[skip:]
	return skip
}

// next is byte n of what follows from the value.
func (p *Pseudonyms) next(n int) byte {
	if block := n / sha256.Size; block != p.have {
		p.have = block
		p.mac.Reset()
		p.mac.Write(p.head)
		p.mac.Write(p.value)
		p.one[0] = byte(block)
		p.mac.Write(p.one[:])
		p.mac.Sum(p.block[:0])
	}
	return p.block[n%sha256.Size]
}

// spoil makes a value one that there is not. skip letters and digits of it stand before the number.
func (p *Pseudonyms) spoil(t []byte, kind Kind, skip int) {
	at := p.at[skip:]
	if len(at) < 4 {
		return
	}
	zeros := 0
	switch kind {
	case IDCard: // no region, area, and in Hong Kong and Taiwan no letter
		zeros = 3
	case Phone, Passport: // no area code, exchange or calling code; no series
		zeros = 2
	case BankCard, CreditCode, Chat: // no network, country, authority; no account begins so
		zeros = 1
	case Mobile: // 10, 11, 12 are no networks
		putByte(t, at[0], '1')
		putByte(t, at[1], '0'+p.next(len(p.at)-1-skip)%3)
	case Plate: // no city has the letter
		putByte(t, at[0], 'I')
	case Email:
		spoilDomain(t, p.at)
	case IP:
		p.spoilAddress(t, skip)
	}
	for _, i := range at[:zeros] {
		putByte(t, i, '0')
	}
}

// spoilDomain makes the last label of an address z alone: there is no such top-level domain.
func spoilDomain(t []byte, at []int) {
	for k, i := range slices.Backward(at) {
		c, size := fold(t, i)
		if !isLetter(c) || k+1 < len(at) && i+size != at[k+1] {
			return
		}
		if isLetter(c) && c&0x20 == 0 {
			putByte(t, i, 'Z')
		} else {
			putByte(t, i, 'z')
		}
	}
}

// spoilAddress makes the first number of an IPv4 address begin with 0 or be above 255, and an IPv6 address one of a site (fd00::/8, RFC 4193).
func (p *Pseudonyms) spoilAddress(t []byte, skip int) {
	at := p.at[skip:]
	_, size := fold(t, at[0])
	run := 1
	for run < len(at) && at[run] == at[run-1]+size {
		run++
	}
	b := p.next(len(p.at) - 1 - skip)
	switch run {
	case 4:
		putByte(t, at[0], 'f')
		putByte(t, at[1], 'd')
	case 3:
		putByte(t, at[0], '3'+b%7)
	default:
		putByte(t, at[0], '0')
	}
}

// leastFragment is how many digits a piece of a number has that MaskFragments masks.
const leastFragment = 4

// MaskFragments masks what may be a piece of personal data in a text that was cut anywhere: runs of several digits, which separators may part, and what
// stands beside an @.
func MaskFragments(t []byte) {
	for i := 0; i < len(t); {
		c, size := fold(t, i)
		switch {
		case isDigit(c):
			n, end := 0, i
			for k := i; k < len(t); {
				c, size := fold(t, k)
				if isDigit(c) {
					n, end = n+1, k+size
				} else if c != ' ' && c != '-' && c != '.' || k > end {
					break
				}
				k += size
			}
			if n >= leastFragment {
				Mask(t[i:end])
			}
			size = end - i
		case c == '@':
			from, to := i, i+size
			for from > 0 && (isAlnum(t[from-1]) || isLocal(t[from-1])) {
				from--
			}
			for to < len(t) && (isAlnum(t[to]) || t[to] == '.' || t[to] == '-') {
				to++
			}
			Mask(t[from:to])
			size = to - i
		}
		i += size
	}
}
