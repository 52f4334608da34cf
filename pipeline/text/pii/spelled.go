package pii

// numeral is the digit that a character of three bytes stands for, if it is one.
func numeral(t []byte, i int) (d byte, ok bool) {
	if i+3 > len(t) {
		return 0, false
	}
	switch uint32(t[i])<<16 | uint32(t[i+1])<<8 | uint32(t[i+2]) {
	case 0xE38087, 0xE99BB6: // 〇零
		return '0', true
	case 0xE4B880, 0xE5B9BA: // 一幺
		return '1', true
	case 0xE4BA8C: // 二
		return '2', true
	case 0xE4B889: // 三
		return '3', true
	case 0xE59B9B: // 四
		return '4', true
	case 0xE4BA94: // 五
		return '5', true
	case 0xE585AD: // 六
		return '6', true
	case 0xE4B883: // 七
		return '7', true
	case 0xE585AB: // 八
		return '8', true
	case 0xE4B99D: // 九
		return '9', true
	}
	return 0, false
}

// stride is how many bytes lie between two looks for numerals: eleven of them have 33, so none is missed.
const stride = 30

// findSpelled appends mobile numbers and identity cards that are written in Chinese numerals, with a blank or hyphen between them or not.
func findSpelled(dst []Span, t []byte) []Span {
	for i := stride; i < len(t); i += stride {
		at := i
		if t[at] < 0x80 { // a blank between two
			at++
		}
		for at > 0 && at < len(t) && t[at]&0xC0 == 0x80 {
			at--
		}
		if _, ok := numeral(t, at); !ok {
			continue
		}
		s, end := spelled(t, at)
		if s.To > 0 {
			dst = append(dst, s)
		}
		i = max(i, end-1)
	}
	return dst
}

// maxSpelled is how many numerals are looked at in front of one.
const maxSpelled = 24

// spelled is the number around the numeral at t[i], and where its numerals end.
func spelled(t []byte, i int) (s Span, end int) {
	from := i
	for range maxSpelled {
		k := from
		if k > 0 && (t[k-1] == ' ' || t[k-1] == '-') {
			k--
		}
		if k < 3 {
			break
		}
		if _, ok := numeral(t, k-3); !ok {
			break
		}
		from = k - 3
	}
	var d [18]byte
	n, k := 0, from
	for end = from; ; {
		c, ok := numeral(t, k)
		if !ok {
			break
		}
		if n < len(d) {
			d[n] = c
		}
		n, k = n+1, k+3
		if end = k; k < len(t) && (t[k] == ' ' || t[k] == '-') {
			k++
		}
	}
	switch {
	case n == 11 && d[0] == '1' && d[1] >= '3':
		return Span{from, end, Mobile}, end
	case n == 17 && end < len(t) && lower(t[end]) == 'x':
		d[17] = 'X'
		if validIdentity(d[:]) {
			return Span{from, end + 1, IDCard}, end + 1
		}
	case n == 18 && validIdentity(d[:]):
		return Span{from, end, IDCard}, end
	}
	return s, end
}
