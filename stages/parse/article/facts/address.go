package facts

import "bytes"

// maxURL bounds an address, in bytes.
const maxURL = 2 << 10

// isAddress says whether a value is an absolute address of a page: http or https, a host with a dot in it or of another script, no white
// space.
func isAddress(u []byte) bool {
	host := afterScheme(u)
	if host == nil || len(u) > maxURL {
		return false
	}
	for _, c := range u {
		if c <= ' ' || c == '"' || c == '<' || c == '>' || c == '{' || c == '}' || c == '\\' || c == 0x7F {
			return false
		}
	}
	if end := bytes.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	if at := bytes.LastIndexByte(host, '@'); at >= 0 {
		return false // of a person, or meant to deceive
	}
	dot := bytes.IndexByte(host, '.')
	return dot > 0 && dot < len(host)-1
}

// afterScheme is what stands behind http:// or https://, nil if neither is there.
func afterScheme(u []byte) []byte {
	for _, scheme := range []string{"http://", "https://"} {
		if len(u) > len(scheme) && bytes.EqualFold(u[:len(scheme)], []byte(scheme)) {
			return u[len(scheme):]
		}
	}
	return nil
}

// isRoot says whether an address is that of the site, not of a page.
func isRoot(u []byte) bool {
	slash := bytes.IndexByte(afterScheme(u), '/')
	return slash < 0 || slash == len(afterScheme(u))-1
}

// dateInURL reads the day that many sites put into the path: /2020/01/02/, /2020-01/02/, /20200102/, /2020-01-02-title.
func dateInURL(u []byte) (d date, ok bool) {
	path := afterScheme(u)
	slash := bytes.IndexByte(path, '/')
	if slash < 0 {
		return d, false
	}
	if end := bytes.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	for i := slash; i < len(path); i++ {
		if c := path[i]; c != '/' && c != '-' && c != '_' {
			continue
		}
		n, digits := number(path, i+1)
		next := i + 1 + digits
		d = date{precision: toDay}
		switch digits {
		case 8:
			d.year, d.month, d.day = n/10000, n/100%100, n%100
			if c := byteAt(path, next); c != '/' && c != '.' && c != '-' && c != '_' && c != 0 {
				continue
			}
		case 4:
			var month, day int
			if byteAt(path, next) != '/' && byteAt(path, next) != '-' {
				continue
			}
			d.year = n
			if month, digits = number(path, next+1); digits != 1 && digits != 2 {
				if digits != 4 { // /2020/0102/
					continue
				}
				d.month, d.day = month/100, month%100
				next += 1 + digits
				break
			}
			next += 1 + digits
			if byteAt(path, next) != '/' && byteAt(path, next) != '-' {
				continue
			}
			if day, digits = number(path, next+1); digits != 1 && digits != 2 {
				continue
			}
			d.month, d.day = month, day
			next += 1 + digits
		default:
			continue
		}
		if d.valid() && !isDigit(byteAt(path, next)) {
			return d, true
		}
	}
	return date{}, false
}
