package contamination

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/text"
)

// Questions of the tests' own.
var englishItems = []Item{
	{Question: "A bakery in Larchwood sells 48 loaves of rye bread on Monday and half as many on Tuesday. On Wednesday it sells three times what it sold on Tuesday, but 7 loaves are returned. How many loaves did the bakery sell after all returns in those three days?", Answer: "On Tuesday it sold 48 / 2 = 24 loaves. On Wednesday 24 * 3 = 72, less 7 is 65. Together 48 + 24 + 65 = 137. The answer is 137"},
	{Question: "Which of these properties of a copper wire changes least when the wire is drawn to twice its length at constant volume, provided that its temperature and purity stay as they were before the drawing began?", Choices: []string{"its electrical resistance", "its resistivity", "its diameter", "its mass per metre"}, Answer: "its resistivity"},
	{Question: "Dorothea keeps 14 hens, and every hen lays 5 eggs in a week. She needs 9 eggs for her own kitchen each week and sells the rest at the crossroads market for 30 cents apiece. How much money, in dollars, does she take home from the market every week?", Answer: "14 * 5 = 70 eggs, 70 - 9 = 61, and 61 * 0.30 = 18.30 dollars"},
	{Question: "The harbour master of a northern port records the height of the tide each hour. If the water rises by one twelfth of the range in the first hour, two twelfths in the second and three twelfths in the third, how much of the range has it covered when the third hour ends?", Answer: "one half of the range"},
	{Question: "In the story, why did the old ferryman refuse to cross the river on the evening when the lanterns were lit along the western bank, although the passengers had already paid him twice the usual fare?", Passage: "The old ferryman had rowed that river for forty years. When lanterns burned along the western bank it meant that the weir above the mill had been opened, and he had seen what the water did to boats on such evenings. No fare was worth that, he said.", Answer: "because the weir had been opened"},
}

var chineseItems = []Item{
	{Question: "某粮店星期一卖出大米48袋，星期二卖出的袋数是星期一的一半，星期三卖出的袋数是星期二的3倍，但其中有7袋因受潮被退回。扣除退货以后，这家粮店三天一共卖出多少袋大米？", Answer: "星期二卖出48÷2=24袋，星期三卖出24×3=72袋，退回7袋后为65袋，三天一共48+24+65=137袋"},
	{Question: "把一段铜导线均匀拉长为原来的两倍而体积保持不变，温度和纯度也都与拉伸以前相同，那么在下列各个物理量当中，拉伸前后数值保持不变的是哪一个？", Choices: []string{"导线的电阻", "导线的电阻率", "导线的直径", "导线每米的质量"}, Answer: "导线的电阻率"},
	{Question: "荆楚大地上流传着许多关于屈原的传说。根据下面这段材料，端午节那天村民们把粽子投入江中，最初的用意是什么？请用一句话概括回答。", Answer: "不让鱼虾伤害屈原的身体"},
	{Question: "港口的值班员每小时记录一次潮水的高度。如果第一个小时上涨潮差的十二分之一，第二个小时上涨十二分之二，第三个小时上涨十二分之三，那么第三个小时结束时，潮水一共上涨了潮差的几分之几？", Answer: "二分之一"},
	{Question: "在这篇小说里，老船夫为什么在西岸点起灯笼的那个傍晚不肯渡河，尽管乘客们已经付给他两倍于平时的船钱？", Passage: "老船夫在这条河上划了四十年的船。西岸一点起灯笼，就说明磨坊上游的水闸已经打开，他见过那样的傍晚河水是怎样对待小船的。他说，多少船钱也不值得拿命去换。", Answer: "因为上游的水闸已经打开"},
	{Question: "关于植物的蒸腾作用，下列哪一项说法与课文中的实验结果不相符合？", Choices: []string{"蒸腾作用主要通过叶片上的气孔进行", "蒸腾作用能够促进根部对水分的吸收", "蒸腾作用在夜间比白天更加强烈", "蒸腾作用可以降低叶片表面的温度"}, Answer: "C"},
}

// Fillers around them, of books whose authors died long ago.
const englishFiller = `It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this truth is so well fixed in the minds of the surrounding families, that he is considered as the rightful property of some one or other of their daughters. Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.`

const chineseFiller = `我冒了严寒，回到相隔二千余里，别了二十余年的故乡去。时候既然是深冬；渐近故乡时，天气又阴晦了，冷风吹进船舱中，呜呜的响，从篷隙向外一望，苍黄的天底下，远近横着几个萧索的荒村，没有一些活气。我的心禁不住悲凉起来了。阿！这不是我二十年来时时记得的故乡？我所记得的故乡全不如此。此开卷第一回也。作者自云：因曾历过一番梦幻之后，故将真事隐去，而借通灵之说，撰此石头记一书也。`

func testItems() *Set {
	s := &Set{Name: "own"}
	for _, it := range append(append([]Item{}, englishItems...), chineseItems...) {
		it.Line = len(s.Items) + 1
		it.ID = fmt.Sprint("item-", it.Line)
		if i := chosen(it.Answer); i >= 0 && i < len(it.Choices) {
			it.Answer = it.Choices[i]
		}
		s.Items = append(s.Items, it)
	}
	return s
}

func isChinese(s string) bool { h, v := text.CountHan([]byte(s)); return 2*h > v }

// asked is what a document says that has an item.
func asked(it *Item) string {
	var b strings.Builder
	b.WriteString(it.Question)
	for i, c := range it.Choices {
		fmt.Fprintf(&b, "\n%c. %s", 'A'+i, c)
	}
	return b.String()
}

// between puts a text into a document: at its beginning for 0, at its end for 2.
func between(s string, place int) string {
	filler := englishFiller
	if isChinese(s) {
		filler = chineseFiller
	}
	runes := []rune(filler)
	half := string(runes[:len(runes)/2])
	rest := string(runes[len(runes)/2:])
	switch place {
	case 0:
		return s + "\n" + filler
	case 1:
		return half + "\n" + s + "\n" + rest
	}
	return filler + "\n" + s
}

// edit changes one word of an English text, or one character of a Chinese one, about the middle.
func edit(s string, how func(list []string, i int) []string) string {
	if isChinese(s) {
		list := strings.Split(s, "")
		i := len(list) / 3
		for !unicode.Is(unicode.Han, []rune(list[i])[0]) || unicode.IsDigit([]rune(list[i+1])[0]) {
			i++
		}
		return strings.Join(how(list, i), "")
	}
	list := strings.Split(s, " ")
	return strings.Join(how(list, len(list)/3), " ")
}

func replaceOne(list []string, i int) []string {
	to := "另"
	if len(list[i]) != 3 {
		to = "other"
	}
	return append(append(append([]string{}, list[:i]...), to), list[i+1:]...)
}

func insertOne(list []string, i int) []string {
	return append(append(append([]string{}, list[:i]...), "很"), list[i:]...)
}

func deleteOne(list []string, i int) []string {
	return append(append([]string{}, list[:i]...), list[i+1:]...)
}

func mapRunes(f func(r rune) rune) func(string) string {
	return func(s string) string { return strings.Map(f, s) }
}

// fullWidth makes ASCII as wide as Han characters.
func fullWidth(r rune) rune {
	if r > ' ' && r < 0x7F {
		return r + 0xFEE0
	}
	return r
}

// traditional has a traditional character for each simplified one that has some.
var traditional = sync.OnceValue(func() map[rune]rune {
	m := map[rune]rune{}
	for r := rune(0x9FFF); r >= 0x4E00; r-- {
		if s := text.FoldKey(r); s != r {
			m[s] = r
		}
	}
	return m
})

// changes are what may be done to a text without making another one of it.
var changes = map[string]func(string) string{
	"as it is":   func(s string) string { return s },
	"full width": mapRunes(fullWidth),
	"traditional": mapRunes(func(r rune) rune {
		if t := traditional()[r]; t != 0 {
			return t
		}
		return r
	}),
	"upper case": strings.ToUpper,
	"no punctuation": mapRunes(func(r rune) rune {
		if unicode.IsPunct(r) && r != '.' {
			return ' '
		}
		return r
	}),
	"more punctuation": func(s string) string {
		return strings.NewReplacer("，", "、，", "。", "！！", " the ", " -- the ", "的", "“的”", ",", " ; ").Replace(s)
	},
	"wrapped":    func(s string) string { return strings.NewReplacer(", ", ",\n> ", "，", "，\r\n　　").Replace(s) },
	"spaced":     spacedChinese,
	"emphasised": func(s string) string { return strings.NewReplacer(" of ", " **of** ", "一", "*一*").Replace(s) },
	"hidden": func(s string) string {
		return strings.NewReplacer("th", "t\u200bh", "的", "\ufeff的\u200d").Replace(s)
	},
	"one replaced": func(s string) string { return edit(s, replaceOne) },
	"one inserted": func(s string) string { return edit(s, insertOne) },
	"one deleted":  func(s string) string { return edit(s, deleteOne) },
}

// spacedChinese puts blanks between Chinese characters but not into numbers and words.
func spacedChinese(s string) string {
	if !isChinese(s) {
		return strings.ReplaceAll(s, " ", "\u00a0 \t")
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
		if r >= 0x80 {
			b.WriteString("  ")
		}
	}
	return b.String()
}

func build(t testing.TB, o Options, sets ...*Set) *Index {
	t.Helper()
	x, err := Build(t.Context(), sets, o)
	pipelinetest.Must(t, err)
	return x
}

func matcher(t testing.TB, x *Index) *Matcher {
	t.Helper()
	w, err := x.Weigh(nil)
	pipelinetest.Must(t, err)
	return w.Matcher()
}

// fixed is random in the same way each time.
func fixed(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 5)) }
