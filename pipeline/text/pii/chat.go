package pii

import "bytes"

// account is the number of a messenger behind its keyword: QQ of five to eleven digits, WeChat of six to eleven.
func (f *Finder) account(n int) Span {
	w := &f.window
	if n < 5 || n > 11 || w.c[0] == '0' || !w.ends(n) || n == 11 && w.c[0] == '1' && w.c[1] < '3' { // pseudonyms of mobile numbers
		return Span{}
	}
	if labelled(f.text, w.at[0], qqWords) || n >= 6 && labelled(f.text, w.at[0], wechatWords) {
		if !amount(f.text, w.at[0], w.at[n]) {
			return w.span(n, Chat)
		}
	}
	return Span{}
}

// What may stand between the word for WeChat and an account. Those that say that an account follows are first.
var accountMarks = []string{":", "：", "号", "號", "ID", "Id", "id", "为", "為", "是", " ", "码", "(", "（", "【", "】", "-", "=", "同"}

const tellingMarks = 10

// wechat is the account behind the word for WeChat that may be at t[i], or around it.
func (f *Finder) wechat(i int) (Span, int) {
	t := f.text
	end, chinese := f.wechatWord(i)
	if end == 0 {
		return Span{}, i + 1
	}
	k, told := end, false
	for range maxConnectors {
		n := 0
		for m, mark := range accountMarks {
			if bytes.HasPrefix(t[k:], []byte(mark)) {
				n, told = len(mark), told || m < tellingMarks
				break
			}
		}
		if n == 0 {
			break
		}
		k += n
	}
	from, letter, sure := k, k < len(t) && isLetter(t[k]), false
	for k < len(t) && k < from+21 && (isAlnum(t[k]) || t[k] == '_' || t[k] == '-') {
		sure = sure || !isLetter(t[k])
		k++
	}
	for k > from && t[k-1] == '-' {
		k--
	}
	if !letter || k-from < 6 || k-from > 20 || k < len(t) && (t[k] == '@' || t[k] == '.' && k+1 < len(t) && isAlnum(t[k+1])) {
		return Span{}, end
	}
	if !sure && (!told || !chinese || isProgram(t[from:k])) {
		return Span{}, end
	}
	return Span{from, k, Chat}, end
}

// wechatWord is where the word ends, 0 if there is none, and whether it tells that a name of letters alone is an account.
func (f *Finder) wechatWord(i int) (end int, chinese bool) {
	t := f.text
	if t[i] == 0xBE {
		if i > 0 && bytes.HasPrefix(t[i-1:], []byte("微信")) {
			return i + 5, true
		}
		return 0, false
	}
	if lower(t[i]) == 'x' { // vx, wx
		if i > 0 && i+1 < len(t) && (lower(t[i-1]) == 'v' || lower(t[i-1]) == 'w') && (i == 1 || !isAlnum(t[i-2])) && !isAlnum(t[i+1]) {
			return i + 1, true
		}
		return 0, false
	}
	for _, word := range [...]string{"wechat", "weixin"} {
		if i+len(word) < len(t) && (i == 0 || !isAlnum(t[i-1])) && hasSuffixFold(t[:i+len(word)], word) && !isAlnum(t[i+len(word)]) {
			return i + len(word), false
		}
	}
	return 0, false
}

// isProgram says whether a word is one of those that follow WeChat for other reasons.
func isProgram(word []byte) bool {
	return listed(" wechat weixin tencent android iphone windows official public official-account mini-program ", word)
}
