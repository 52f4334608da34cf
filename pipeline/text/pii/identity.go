package pii

// digits tries the rules for the window, which begins with n digits.
func (f *Finder) digits(n int) Span {
	w := &f.window
	if w.before == '_' {
		return Span{}
	}
	for _, rule := range [...]func(*Finder, int) Span{
		(*Finder).identityCard, (*Finder).creditCode, (*Finder).bankCard, (*Finder).oldIdentityCard, (*Finder).mobile, (*Finder).phone,
		(*Finder).socialSecurity, (*Finder).internet, (*Finder).macau, (*Finder).passport, (*Finder).account,
	} {
		if s := rule(f, n); s.To > 0 {
			return s
		}
	}
	return Span{}
}

// wordBefore says whether the letters before a place are a word for a number, as in tel13800138000.
func (f *Finder) wordBefore(end int) bool {
	for _, words := range [][]string{phoneWords, qqWords, wechatWords, idWords} {
		for _, w := range words {
			if hasSuffixFold(f.text[:end], w) {
				return true
			}
		}
	}
	return false
}

// other says whether the number that begins at a place of the text is called something else.
func (f *Finder) other(from int) bool { return labelled(f.text, from, otherWords) }

// Province codes of GB/T 2260, the first two digits; 83 is Taiwan as the residence permits have it.
var provinces = func() (set [100]bool) {
	for _, p := range []int{
		11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
	} {
		set[p] = true
	}
	return set
}()

func two(d []byte) int { return int(d[0]-'0')*10 + int(d[1]-'0') }

// region says whether six digits may be a county: there have been other ones than those of today, so only ranges are looked at.
func region(d []byte) bool {
	province, prefecture, county := two(d), two(d[2:]), two(d[4:])
	if province > 80 { // Hong Kong, Macau, Taiwan: residence permits
		return provinces[province] && prefecture == 0 && county == 0
	}
	if !provinces[province] || county == 0 {
		return false
	}
	switch province {
	case 11, 12, 31, 50:
		return prefecture >= 1 && prefecture <= 3
	}
	return prefecture >= 1 && prefecture <= 70 || prefecture == 90
}

// date says whether a day exists.
func date(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		days++
	}
	return day <= days
}

// identityCard is the number of GB 11643: region, day of birth, sequence, check digit of ISO 7064 mod 11-2. Separators may stand anywhere.
func (f *Finder) identityCard(int) Span {
	w := &f.window
	var d [18]byte
	k, n := 0, 0
	for apart := false; n < len(d); k++ {
		c := w.get(k)
		switch {
		case isDigit(c), n == 17 && lower(c) == 'x':
			d[n] = upper(c)
			n, apart = n+1, false
		case (c == ' ' || c == '-') && n > 0 && !apart && (n == 6 || n == 10 || n == 12 || n == 14 || n%4 == 0 || n == 3 || n == 17):
			apart = true
		default:
			return Span{}
		}
	}
	if !w.ends(k) || w.before == '.' || !validIdentity(d[:]) {
		return Span{}
	}
	return w.span(k, IDCard)
}

func validIdentity(d []byte) bool {
	year := two(d[6:])*100 + two(d[8:])
	if !region(d) || year < 1880 || year > 2099 || !date(year, two(d[10:]), two(d[12:])) {
		return false
	}
	return d[17] == identityCheck(d)
}

// identityCheck is the check digit of the first 17 digits.
func identityCheck(d []byte) byte {
	sum := 0
	for i, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(d[i]-'0') * weight
	}
	return "10X98765432"[sum%11]
}

// oldIdentityCard is the number of 15 digits that was given until 1999: no check digit, so nothing may be beside it, and nobody may call it
// something else.
func (f *Finder) oldIdentityCard(n int) Span {
	w := &f.window
	if n != 15 || !w.ends(15) || !w.begins(f.text) || isLetter(w.before) && !labelled(f.text, w.at[0], idWords) {
		return Span{}
	}
	d := w.c[:15]
	if !region(d) || !date(1900+two(d[6:]), two(d[8:]), two(d[10:])) || d[12] == '0' && d[13] == '0' && d[14] == '0' || f.other(w.at[0]) ||
		amount(f.text, w.at[0], w.at[15]) {
		return Span{}
	}
	return w.span(15, IDCard)
}

// socialSecurity is the number of the US: area, group, serial, none of them zeros.
func (f *Finder) socialSecurity(n int) Span {
	w := &f.window
	var g groups
	if n == 9 {
		if !labelled(f.text, w.at[0], ssnWords) || !w.ends(9) {
			return Span{}
		}
		if !validSSN(w.c[:9]) {
			return Span{}
		}
		return w.span(9, IDCard)
	}
	if n != 3 || w.groups(&g, 0, 9, "- ") || g.shape() != 324 || !w.ends(g.end) || !w.begins(f.text) {
		return Span{}
	}
	if g.sep() == ' ' && !labelled(f.text, w.at[0], ssnWords) || f.other(w.at[0]) {
		return Span{}
	}
	var d [9]byte
	w.copyDigits(d[:], &g)
	if !validSSN(d[:]) {
		return Span{}
	}
	return w.span(g.end, IDCard)
}

func validSSN(d []byte) bool {
	area, group, serial := string(d[:3]), string(d[3:5]), string(d[5:])
	return area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000"
}

// macau is the identity card of Macau: one of 1, 5 and 7, six digits, one in brackets, behind its keyword.
func (f *Finder) macau(n int) Span {
	w := &f.window
	k := 0
	switch {
	case n == 7 && w.get(7) == '(' && isDigit(w.get(8)) && w.get(9) == ')':
		k = 10
	case n == 1 && w.get(1) == '/' && w.run(2) == 6 && w.get(8) == '/' && w.run(9) == 1:
		k = 10
	default:
		return Span{}
	}
	if c := w.c[0]; c != '1' && c != '5' && c != '7' || !labelled(f.text, w.at[0], idWords) || !w.ends(k) {
		return Span{}
	}
	return w.span(k, IDCard)
}

// lettered tries the rules for the window, which begins with so many letters and a digit behind them.
func (f *Finder) lettered(letters int) Span {
	w := &f.window
	if s := f.plate(); s.To > 0 {
		return s
	}
	if letters > 2 || !w.begins(f.text) {
		return Span{}
	}
	if s := f.creditCode(0); s.To > 0 {
		return s
	}
	if s := f.iban(letters); s.To > 0 {
		return s
	}
	if s := f.hongKong(letters); s.To > 0 {
		return s
	}
	if s := f.taiwan(letters); s.To > 0 {
		return s
	}
	if s := f.passport(letters + w.run(letters)); s.To > 0 {
		return s
	}
	return Span{}
}

// hongKong is the identity card of Hong Kong: one letter or two, six digits, and a check digit, usually in brackets; without them only behind
// its keyword.
func (f *Finder) hongKong(letters int) Span {
	w := &f.window
	if letters > 2 || w.run(letters) < 6 {
		return Span{}
	}
	k := letters + 6
	open := w.get(k) == '('
	if open {
		k++
	}
	check := upper(w.get(k))
	if !isDigit(check) && check != 'A' {
		return Span{}
	}
	k++
	if open && w.get(k) != ')' || !open && !labelled(f.text, w.at[0], idWords) {
		return Span{}
	}
	if open {
		k++
	}
	sum := 36 * 9
	if letters == 2 {
		sum = int(upper(w.c[0])-'A'+10) * 9
	}
	sum += int(upper(w.c[letters-1])-'A'+10) * 8
	for i := range 6 {
		sum += int(w.c[letters+i]-'0') * (7 - i)
	}
	if !w.ends(k) || "0A987654321"[sum%11] != check {
		return Span{}
	}
	return w.span(k, IDCard)
}

// taiwan is the identity card of Taiwan, or its residence permit, behind its keyword.
func (f *Finder) taiwan(letters int) Span {
	w := &f.window
	if letters != 1 || w.run(1) != 9 || !w.ends(10) || !contains("1289", w.c[1]) {
		return Span{}
	}
	const order = "ABCDEFGHJKLMNPQRSTUVXYWZIO" // their numbers begin with 10
	first := 0
	for order[first] != upper(w.c[0]) {
		first++
	}
	first += 10
	sum := first/10 + first%10*9 + int(w.c[9]-'0')
	for i := range 8 {
		sum += int(w.c[1+i]-'0') * (8 - i)
	}
	if sum%10 != 0 || !labelled(f.text, w.at[0], idWords) {
		return Span{}
	}
	return w.span(10, IDCard)
}

// passport is a passport or travel permit behind its keyword: up to two letters and six to nine digits, after H, M or C ten too. n is how many
// letters and digits the window begins with.
func (f *Finder) passport(n int) Span {
	w := &f.window
	for n < w.n && isDigit(w.c[n]) {
		n++
	}
	if n < 7 || n > 11 || !w.ends(n) || w.c[0] == '0' && w.c[1] == '0' { // pseudonyms begin so
		return Span{}
	}
	if labelled(f.text, w.at[0], passportWords) && n <= 10 || labelled(f.text, w.at[0], permitWords) {
		return w.span(n, Passport)
	}
	return Span{}
}
