package pii

// bankCard is a payment card: a prefix of one of the networks, its length, the check digit of Luhn; in one piece, or in groups of four (American
// Express and Diners: 4-6-5 and 4-6-4).
func (f *Finder) bankCard(n int) Span {
	w := &f.window
	var g groups
	digits := n
	if n < 13 {
		if n != 4 && n != 6 || w.groups(&g, 0, 20, " -") {
			return Span{}
		}
		digits = g.all
		if !cardGroups(&g) {
			return Span{}
		}
	} else {
		g.list[0], g.n, g.all, g.end = group{0, n, 0}, 1, n, n
	}
	var d [20]byte
	if digits < 14 || digits > 19 || !w.ends(g.end) || !w.begins(f.text) || isLetter(w.before) && !labelled(f.text, w.at[0], cardWords) {
		return Span{}
	}
	w.copyDigits(d[:], &g)
	if !issued(d[:digits], g.n > 1 || labelled(f.text, w.at[0], cardWords)) || !luhn(d[:digits]) || f.other(w.at[0]) || amount(f.text, w.at[0], w.at[g.end]) {
		return Span{}
	}
	return w.span(g.end, BankCard)
}

func cardGroups(g *groups) bool {
	switch g.shape() {
	case 4444, 44441, 44442, 44443, 465, 464:
		return true
	}
	return g.n == 2 && g.list[0].n == 6 && (g.all == 16 || g.all == 19)
}

// issued says whether a network has cards of these digits. known says that they are told to be one.
func issued(d []byte, known bool) bool {
	n := len(d)
	two, four := two(d), two(d)*100+two(d[2:])
	switch {
	case two == 62: // UnionPay
		return n >= 16
	case four == 9558 || four == 9559 || four == 6013 || four == 6029: // debit cards of ICBC, ABC, BOC, from before UnionPay
		return n == 19 || n == 16
	case d[0] == '4': // Visa
		return n == 16 || n == 19 && known
	case two >= 51 && two <= 55: // Mastercard
		return n == 16
	case four >= 2221 && four <= 2720, four >= 2200 && four <= 2204: // Mastercard, Mir
		return n == 16 && known
	case two == 34 || two == 37: // American Express
		return n == 15
	case four == 6011 || two == 65 || four >= 6440 && four <= 6499: // Discover
		return n == 16 || n == 19 && known
	case four >= 3528 && four <= 3589: // JCB
		return n == 16
	case two == 36 || two == 38 || two == 39 || four >= 3000 && four <= 3059: // Diners Club
		return n == 14 && known
	}
	return false
}

// luhn checks the last digit (ISO/IEC 7812-1).
func luhn(d []byte) bool {
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// creditAlphabet are the characters of a unified social credit code in the order of their values (GB 32100).
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

func creditValue(c byte) int {
	for i := range len(creditAlphabet) {
		if creditAlphabet[i] == c {
			return i
		}
	}
	return -1
}

// creditCode is a unified social credit code: authority, kind, region, nine characters of GB 11714, check character mod 31. Where all are digits,
// the check digit of the nine must be right as well.
func (f *Finder) creditCode(int) Span {
	w := &f.window
	var d [18]byte
	letters := 0
	for k := range d {
		d[k] = w.get(k)
		if creditValue(d[k]) < 0 {
			return Span{}
		}
		if isLetter(d[k]) {
			letters++
		}
	}
	if !w.ends(18) || !w.begins(f.text) || !contains("123456789ANY", d[0]) || !validCredit(d[:]) || letters == 0 && !validOrganization(d[8:17]) {
		return Span{}
	}
	return w.span(18, CreditCode)
}

func validCredit(d []byte) bool {
	for _, c := range d[2:8] {
		if !isDigit(c) {
			return false
		}
	}
	if !provinces[two(d[2:])] && string(d[2:8]) != "100000" {
		return false
	}
	return d[17] == creditCheck(d)
}

func creditCheck(d []byte) byte {
	sum, weight := 0, 1
	for _, c := range d[:17] {
		sum += creditValue(c) * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}

// validOrganization checks the code of an organization (GB 11714).
func validOrganization(d []byte) bool {
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		v := int(d[i] - '0')
		if isLetter(d[i]) {
			v = int(d[i] - 'A' + 10)
		}
		sum += v * weight
	}
	return "0X987654321"[sum%11] == d[8]
}

// ibanLengths has the length of the IBAN of every country of the registry (ISO 13616), behind its code.
const ibanLengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21" +
	"HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24" +
	"SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20"

// iban is an account number of ISO 13616, in one piece or in groups of four: country, check digits mod 97, and as many characters as the country
// has.
func (f *Finder) iban(letters int) Span {
	w := &f.window
	if letters != 2 || !isDigit(w.get(3)) {
		return Span{}
	}
	want := 0
	for i := 0; i < len(ibanLengths); i += 4 {
		if ibanLengths[i] == w.c[0] && ibanLengths[i+1] == w.c[1] {
			want = two([]byte(ibanLengths[i+2 : i+4]))
		}
	}
	if want == 0 {
		return Span{}
	}
	var d [34]byte
	k, n := 0, 0
	for grouped := w.get(4) == ' '; n < want; k++ {
		c := w.get(k)
		if grouped && n%4 == 0 && n > 0 && c == ' ' && w.get(k-1) != ' ' {
			continue
		}
		if !isDigit(c) && c-'A' > 'Z'-'A' {
			return Span{}
		}
		d[n] = c
		n++
	}
	rest := 0
	for i := range want {
		c := d[(i+4)%want]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A'+10)) % 97
		}
	}
	if rest != 1 || !w.ends(k) {
		return Span{}
	}
	return w.span(k, BankCard)
}
