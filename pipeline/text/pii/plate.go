package pii

// plateProvinces are the characters that plates begin with.
const plateProvinces = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"

// plate is a licence plate of the mainland: the character of a province, a letter, a middle dot or not, and five letters and digits, or six for
// vehicles with new energy, which begin or end with one of A to K; the last of five may be 学, 警, 港, 澳, 挂. The window begins with the letters.
func (f *Finder) plate() Span {
	w, t := &f.window, f.text
	from := w.at[0] - 3
	if from < f.done || !isPlateProvince(t[from:w.at[0]]) || w.get(0)-'A' > 'Z'-'A' || w.get(0) == 'I' {
		return Span{}
	}
	if string(t[from:w.at[0]]) == "藏" && from >= 3 && hasPrefixOf(t[from-3:], []string{"英", "法", "俄", "馆", "收", "所", "典", "珍", "国"}) {
		return Span{} // of a collection
	}
	k := 1
	if c := w.get(k); c == middle || c == '-' || c == ' ' || c == '.' {
		k++
	}
	n, letters := 0, 0
	for n < 7 {
		c := w.get(k + n)
		if !isDigit(c) && c-'A' > 'Z'-'A' || c == 'I' || c == 'O' {
			break
		}
		if isLetter(c) {
			letters++
		}
		n++
	}
	end := w.at[k+n]
	behind := t[end:min(end+3, len(t))]
	switch {
	case n == 4 && letters <= 2 && hasPrefixOf(behind, []string{"学", "警", "港", "澳", "挂", "领", "使"}):
		end += 3
		behind = t[end:min(end+3, len(t))]
	case n == 5 && letters <= 2:
	case n == 6 && letters <= 2 && (energy(w.c[k]) || energy(w.c[k+5])):
	default:
		return Span{}
	}
	if c := w.get(k + n); isAlnum(c) || c == '-' && isAlnum(w.get(k+n+1)) || hasPrefixOf(behind, []string{"型", "款", "系", "股"}) {
		return Span{}
	}
	return Span{from, end, Plate}
}

func energy(c byte) bool { return c >= 'A' && c <= 'K' }

func isPlateProvince(t []byte) bool {
	for i := 0; i < len(plateProvinces); i += 3 {
		if plateProvinces[i:i+3] == string(t) {
			return true
		}
	}
	return false
}

// plateLetter is where the letter of a city is, if it stands before the rest of a plate that begins at t[from], with a separator between; else
// from.
func (f *Finder) plateLetter(from int) int {
	c, size := foldBefore(f.text[f.done:], from-f.done)
	if c != middle && c != ' ' && c != '-' && c != '.' {
		return from
	}
	c, letter := foldBefore(f.text[f.done:], from-size-f.done)
	at := from - size - letter
	if c-'A' > 'Z'-'A' || at < f.done+3 || !isPlateProvince(f.text[at-3:at]) {
		return from
	}
	return at
}
