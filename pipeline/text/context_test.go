package text

import (
	"strings"
	"testing"
)

func keyOf(s string) string {
	var b strings.Builder
	for _, r := range AppendKey(nil, []byte(s)) {
		b.WriteRune(rune(r))
	}
	return b.String()
}

func TestPunctuationInContext(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want string
	}{
		{"between digits", "1.5 1,5 1:5 1-5 1、5 1．5 １．５ 1/5", "1.51,51:51-51,51.51.51/5"},
		{"through blanks", "1, 5 and 1 ,\n5", "1,5and1,5"},
		{"no digit behind", "in 1998, then 5. End", "in1998then5end"},
		{"several between digits", "[1,-2] f(1)(2)", "1,-2f1)(2"},
		{"leaders are not", "Part 1 ........ 12 1 …… 5", "part1121……5"},
		{"Chinese colon and dash", "2：1，2000——2008年", "2:1,2000-2008年"},
		{"decimal point first", "x = .5 or -.5; fig.5 ...5", "x=.5or-.5fig5...5"},
		{"minus before a digit", "-1.5 −1.5 －1.5 –1.5 a-1 covid-19", "-1.5-1.5-1.5-1.5a-1covid-19"},
		{"dash before a digit", "他说——5个人—6个", "他说5个人6个"},
		{"minus before an operand", "return -x; f(-y, -z) a[-i] --flag", "return-xf-y-za-i-flag"},
		{"minus between operands", "x - y a-b 2-x (a)-b f-(b)", "x-ya-b2-xa-bf-b"},
		{"minus assigns, arrows", "i -= k p->q p <- q", "i-=kp->qp<-q"},
		{"beside operators", "++--+-+ --> a --= b |---|---| +---+", "++--+-+-->a--=b|||++"},
		{"hyphen", "e-mail x-ray self-attention 3-fold 中文-英文", "emailxrayselfattention3fold中文英文"},
		{"dashes", "好——坏 he—she word— he–she", "好坏heshewordheshe"},
		{"dash between blanks", "BBC - News BBC – News BBC — News BBC -- News", "bbc-newsbbc-newsbbc-newsbbc-news"},
		{"bullets and rules", "- item\n  - item\n-----\n— ", "itemitem"},
		{"exclamation", "好!你好 Bonjour ! Ça va!! go", "好你好bonjourçavago"},
		{"not", "a != b; if !ready && !(x) n!/2 5! = 120", "a!=bif!ready&&!xn!/25!=120"},
		{"emoticons", "好:) bad :-( so ;) note: (see) 如下：(a) a:(b)", "好:)bad:(so;)notesee如下aab"},
		{"voiced half-width kana", "ﾊﾟｿｺﾝ ｶﾞｷﾞｳﾞ か\u3099 あﾞ", "パソコンガギヴがあ\u3099"},
		{"mostly punctuation", "... --- ... / .-. .", "...---.../.-.."},
		{"not mostly", "好！！！", "好"},
		{"nothing else", "。。？", "..?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.ReplaceAll(keyOf(c.in), "−", "-"); got != c.want {
				t.Errorf("%q: %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// What reads the same has one key text.
func TestSameKeyText(t *testing.T) {
	for _, same := range [][]string{
		{"他说：“你好，世界！”——然后走了。", "他說:\"你好,世界!\"--然後走了.", "他说「你好、世界」—然后走了", " 他 说 你好\n世界 然后走了"},
		{"It's a \"test\", she said.", "It’s a “test,” she said", "Its a test she said"},
		{"价格是１，０００．５０元", "价格是1,000.50元"},
		{"٣٫٥", "٣.٥"},
		{"カタカナ、ガ", "ｶﾀｶﾅ､ｶﾞ"},
		{"👍\uFE0F 👨\u200D👩", "👍👨👩"},
		{"《红楼梦》（第1、2回）", "〈红楼梦〉(第1,2回)"},
	} {
		for _, s := range same[1:] {
			if a, b := keyOf(same[0]), keyOf(s); a != b {
				t.Errorf("%q: %q, %q: %q", same[0], a, s, b)
			}
		}
	}
}

// What says something else has another key text.
func TestOtherKeyText(t *testing.T) {
	for _, differ := range [][]string{
		{"温度1.5度", "温度-1.5度", "温度15度", "温度1:5度", "温度1/5度", "温度±1.5度", "温度1.5%度", "温度1.5‰度"},
		{"a + b", "a - b", "a * b", "a / b", "a % b", "a b", "a & b", "a | b", "a ^ b", "a < b", "a > b", "a = b", "a == b", "a != b", "a <= b", "a × b", "a ÷ b"},
		{"return x", "return -x", "return !x", "return ~x", "return *x", "return &x"},
		{"p∧q", "p∨q", "¬p", "p→q"},
		{"好👍", "好👎", "好", "好👍🏿"},
		{"good :)", "good :(", "good ;)", "good"},
		{"$5", "€5", "¥5", "5"},
		{"第1、2条", "第12条", "第1-2条"},
		{"x²", "x³", "x", "½x", "¼x"},
		{"C", "C++", "C#"},
		{"a_b", "ab", "a/b", "a\\b", "a@b"},
		{"5′", "5″"},
		{"😀", "😭", "❤", "💔"},
		{"🇨🇳", "🇯🇵"},
		{"n!=1", "n! = 1 + 1", "n=1"},
		{"x += 1", "x -= 1", "x = 1"},
	} {
		seen := map[string]string{}
		for _, s := range differ {
			k := keyOf(s)
			if other, ok := seen[k]; ok {
				t.Errorf("%q and %q have the key text %q", s, other, k)
			}
			seen[k] = s
		}
	}
}

// Time grows with the text alone, whatever stands between the digits.
func TestContextIsLinear(t *testing.T) {
	for _, unit := range []string{"1,", "1 ", ".", "-", " -", "! ", "1.... ", ":-", "１，", "1           "} {
		text := []byte(strings.Repeat(unit, 1<<20/len(unit)))
		if n := len(AppendKey(nil, text)); n > len(text) {
			t.Errorf("%q: %d", unit, n)
		}
	}
}
