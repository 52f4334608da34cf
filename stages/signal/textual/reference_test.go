package textual

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text"
)

// reference is what the family says of a text, slowly and by other means.
func reference(t string) map[string]int64 {
	var (
		runes = []rune(t)
		all   = int64(len(runes))
		lines = visibleLines(t)
		n     = int64(len(lines))
		seen  = map[rune]int64{}
		out   = map[string]int64{}
	)
	for _, r := range runes {
		seen[r]++
	}
	count := func(is func(rune) bool) (n int64) {
		for _, r := range runes {
			if is(r) {
				n++
			}
		}
		return n
	}
	in := func(tables ...*unicode.RangeTable) int64 {
		return count(func(r rune) bool { return unicode.In(r, tables...) })
	}
	ofLines := func(is func(line string) bool) (k int64) {
		for _, l := range lines {
			if is(l) {
				k++
			}
		}
		return k
	}
	chars, longest := int64(0), int64(0)
	for _, l := range lines {
		c := int64(utf8.RuneCountInString(l))
		chars += c
		longest = max(longest, c)
	}
	sentences := int64(len(referenceSentences(t)))

	out["chars"], out["bytes"], out["lines"], out["line_breaks"] = all, int64(len(t)), n, int64(strings.Count(t, "\n"))
	out["paragraphs"] = referenceParagraphs(t)
	out["sentences"] = sentences
	out["mean_line_chars"], out["longest_line_chars"], out["mean_sentence_chars"] = signal.Share(chars, n), longest, signal.Share(chars, sentences)
	out["punctuation_share"] = signal.Share(in(unicode.P), all)
	out["symbol_share"] = signal.Share(in(unicode.S), all)
	out["digit_share"] = signal.Share(in(unicode.Nd), all)
	out["letter_share"] = signal.Share(in(unicode.L), all)
	out["alphanumeric_share"] = signal.Share(in(unicode.L, unicode.N), all)
	out["white_space_share"] = signal.Share(count(unicode.IsSpace), all)
	out["upper_case_share"] = signal.Share(in(unicode.Lu, unicode.Lt), in(unicode.Lu, unicode.Lt, unicode.Ll))
	out["unique_chars"], out["unique_char_share"] = int64(len(seen)), signal.Share(int64(len(seen)), all)
	out["char_entropy"] = referenceEntropy(seen, all)
	out["end_mark_line_share"] = signal.Share(ofLines(endedLine.MatchString), n)
	out["ellipsis_line_share"] = signal.Share(ofLines(ellipsisLine.MatchString), n)
	out["bullet_line_share"] = signal.Share(ofLines(func(l string) bool {
		next, size := utf8.DecodeRuneInString(l[1:])
		return bulletLine.MatchString(l) || (l[0] == '*' || l[0] == '+') && (size == 0 || text.Blank(next))
	}), n)
	out["read_more_line_share"] = signal.Share(ofLines(moreLine.MatchString), n)
	out["short_line_share"] = signal.Share(ofLines(func(l string) bool { return utf8.RuneCountInString(l) < 30 }), n)
	out["long_lines"] = ofLines(func(l string) bool { return utf8.RuneCountInString(l) >= 200 })
	out["c4_zh_lines"] = ofLines(func(l string) bool {
		c := utf8.RuneCountInString(l)
		return c >= 5 && c <= 500 && keptLine.MatchString(l) && !brokenLine.MatchString(l)
	})
	urls := 0
	for _, u := range referenceURLs(t) {
		urls += len(u)
	}
	out["url_share"] = signal.Share(int64(urls), all)
	found := func(pattern string) int64 { return int64(len(regexp.MustCompile(pattern).FindAllString(t, -1))) }
	out["ellipsis_share"] = signal.Share(found(`…+|⋯+|\.{2,}`), all)
	out["hash_share"] = signal.Share(found(`#+`), all)
	bracketed := 0
	for _, b := range regexp.MustCompile(`【(.*?)】`).FindAllStringSubmatch(t, -1) {
		bracketed += utf8.RuneCountInString(b[1])
	}
	out["bracketed_share"] = signal.Share(int64(bracketed), all)
	out["curly_brackets"], out["replacement_chars"] = seen['{'], seen['\uFFFD']
	out["private_use_chars"] = in(unicode.Co)
	out["control_chars"] = count(func(r rune) bool { return unicode.Is(unicode.Cc, r) && !unicode.IsSpace(r) })
	out["mojibake_marks"] = found(`[锛銆鈥]|锟斤拷|烫烫烫|屯屯屯|[ÃÂ][\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[âã][€\x{80}]|ï[¼»]`)
	out["javascript_marks"], out["lorem_ipsum_marks"] = int64(strings.Count(lowerASCII(t), "javascript")), int64(strings.Count(lowerASCII(t), "lorem ipsum"))
	return out
}

func lowerASCII(t string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, t)
}

func visibleLines(t string) (lines []string) {
	for l := range strings.SplitSeq(t, "\n") {
		if l = strings.TrimFunc(l, text.Blank); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

func referenceParagraphs(t string) (n int64) {
	before := ""
	for l := range strings.SplitSeq(t, "\n") {
		l = strings.TrimFunc(l, text.Blank)
		if l != "" && before == "" {
			n++
		}
		before = l
	}
	return n
}

// terminals are the end marks of all scripts, as a regular expression has them within brackets.
var terminals = func() string {
	var b strings.Builder
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Sentence_Terminal, r) {
			fmt.Fprintf(&b, `\x{%X}`, r)
		}
	}
	return b.String()
}()

var (
	endedLine    = regexp.MustCompile(`[…⋯；：.．﹒․` + terminals + `][\p{Pe}\p{Pf}"'＂＇“‘]*$`)
	ellipsisLine = regexp.MustCompile(`(?:…|⋯|\.\.\.|。。。)[\p{Pe}\p{Pf}"'＂＇“‘]*$`)
	bulletLine   = regexp.MustCompile(`^[•‣◦▪▫●○■□◆◇▶▸►◀※·➢➤–-]`)
	moreLine     = regexp.MustCompile(`(?:展开|展開|更多|全文|。。。|[Rr][Ee][Aa][Dd] ?[Mm][Oo][Rr][Ee])$`)
	keptLine     = regexp.MustCompile(`(?:[。！？”：]|……)$`)
	brokenLine   = regexp.MustCompile(`[□■\x{FFFD}\p{Co}]`)
	endRun       = regexp.MustCompile(`[…⋯.．﹒․` + terminals + `][…⋯.．﹒․\p{Pe}\p{Pf}"'＂＇“‘` + terminals + `]*`)
	onlyStops    = regexp.MustCompile(`^[.．﹒․\p{Pe}\p{Pf}"'＂＇“‘]*$`)
)

func referenceSentences(t string) (sentences []string) {
	for l := range strings.SplitSeq(t, "\n") {
		from := 0
		for _, run := range endRun.FindAllStringIndex(l, -1) {
			next, size := utf8.DecodeRuneInString(l[run[1]:])
			if onlyStops.MatchString(l[run[0]:run[1]]) && size > 0 && !text.Blank(next) {
				continue
			}
			sentences = append(sentences, l[from:run[1]])
			from = run[1]
		}
		if rest := l[from:]; strings.TrimFunc(rest, text.Blank) != "" {
			sentences = append(sentences, rest)
		}
	}
	return sentences
}

func referenceEntropy(seen map[rune]int64, all int64) int64 {
	if all == 0 {
		return 0
	}
	h := 0.0
	for _, n := range seen {
		h += float64(n) * (math.Log2(float64(all)) - math.Log2(float64(n)))
	}
	return int64(math.Round(h / float64(all) * 1e6))
}

var address = regexp.MustCompile(`(?i:https?|ftp)://[!#-;=?-\[\]_a-z~]*|(?i:www)\.[!#-;=?-\[\]_a-z~]*`)

func referenceURLs(t string) (urls []string) {
	for at := 0; at < len(t); {
		found := address.FindStringIndex(t[at:])
		if found == nil {
			break
		}
		from, to := at+found[0], at+found[1]
		head := strings.IndexAny(t[from:to], ".:")
		u := strings.TrimRight(t[from:to], ".,;:!?'")
		if from > 0 && isAlnum(t[from-1]) || len(u) <= head+len("://") && t[from+head] == ':' || len(u) <= head {
			at = from + 1
			continue
		}
		urls = append(urls, u)
		at = from + len(u)
	}
	return urls
}
