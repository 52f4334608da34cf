package contamination

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Words that sentences are made of.
var (
	someWho     = strings.Fields("县粮食管理所 乡镇文化站 市图书馆 铁路车站 气象观测站 渔业合作社 少年合唱团 港务监督局 博物馆修复组 水利勘测队 中学天文社 山区邮政所 造纸作坊 城北菜市场 园林管理处 海关检验科")
	someWhen    = strings.Fields("立春以后的第一个集日 去年冬季枯水期间 每逢农历初一清晨 新规定施行之前 台风登陆的当天夜里 秋收结束后不久 开学典礼的前一周 连续三次检查以后 大雪封山的那几天 设备更换完成之日")
	someWhat    = strings.Fields("重新登记了仓库里的全部器材 把旧账册移交给档案室保管 修补了堤岸上的两处裂缝 向附近居民分发了取暖用的煤块 整理出一份手抄的航行记录 停止收取重复计算的手续费 在走廊里展出学生绘制的地图 将受潮的纸张逐页摊开晾干 邀请老工匠示范传统的榫卯做法 改用沙漏核对钟楼报时的误差")
	someWhy     = strings.Fields("因为原先的办法容易造成误会 以便后来的人能够查对 为了减少往返运输的损耗 由于上级文件里没有明确说明 因此没有发生任何事故 结果比预计提前了半个月 并且得到了多数人的赞同 但是仍有少数人表示怀疑")
	englishWho  = strings.Split("The village librarian|A retired tram driver|The night shift of the signal box|Every member of the choir|The keeper of the botanical garden|An apprentice bookbinder|The council of elders|A travelling clock repairer", "|")
	englishWhat = strings.Split("carried the brass instruments across the frozen canal|counted the sacks of barley twice before sunset|painted the shutters of the mill in a pale shade of green|kept a ledger of all letters that were never collected|repaired the northern wall with stones from the quarry|taught the children how to read a barometer", "|")
	englishWhy  = strings.Split("because nobody else remembered the old agreement|although the season was almost over|before the first ferry left the landing stage|so that the accounts would agree at the end of the year|while the rest of the town slept", "|")
)

func one(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func chineseSentence(r *rand.Rand) string {
	return fmt.Sprintf("%s在%s%s，%s。", one(r, someWho), one(r, someWhen), one(r, someWhat), one(r, someWhy))
}

func englishSentence(r *rand.Rand) string {
	return fmt.Sprintf("%s %s %s. ", one(r, englishWho), one(r, englishWhat), one(r, englishWhy))
}

func sentences(r *rand.Rand, n int, one func(*rand.Rand) string) string {
	var b strings.Builder
	for range n {
		b.WriteString(one(r))
	}
	return b.String()
}

// Instructions that many sheets have in common.
var instructions = []string{
	"注意事项：答题前请将姓名、准考证号填写在答题卡指定的位置，选择题须用铅笔填涂，非选择题须用黑色字迹的签字笔书写，超出答题区域书写的答案无效，考试结束后将试卷和答题卡一并交回。阅读下面的文字，完成后面的题目：",
	"Instructions: read each of the following statements with care, choose the one answer that fits best, write the letter of your choice on the separate answer sheet, and do not open the next section of this booklet before you are told to do so. Question: ",
}

// graded is a set of questions, and documents of which it is known whether they have one.
type graded struct {
	set  Set
	docs []string
	want []int // the item, or -1
	kind []string
}

func (g *graded) ask(it Item) int {
	it.Line = len(g.set.Items) + 1
	g.set.Items = append(g.set.Items, it)
	return it.Line - 1
}

func (g *graded) document(kind, text string, want int) {
	g.docs, g.kind, g.want = append(g.docs, text), append(g.kind, kind), append(g.want, want)
}

// gradedDocuments has n documents of each of four kinds that look like contamination and are none, and for each of them one that is contaminated.
func gradedDocuments(n int) *graded {
	g := &graded{set: Set{Name: "graded"}}
	r := fixed(11)
	names := make([]string, 0, len(changes))
	for name := range changes {
		names = append(names, name)
	}
	plant := func(item int) {
		change := changes[names[len(g.docs)%len(names)]]
		it := &g.set.Items[item]
		g.document("planted", sentences(r, 4, chineseSentence)+change(asked(it)+" "+it.Answer)+sentences(r, 3, englishSentence), item)
	}
	for i := range n {
		english := i%3 == 0
		say := chineseSentence
		if english {
			say = englishSentence
		}
		// The passage that a question is about, without the question.
		passage := sentences(r, 5, say)
		q := fmt.Sprintf("第%d题：读了上面这段话，你认为%s当时最关心的事情是什么，%s又为什么没有表示反对？", i, one(r, someWho), one(r, someWho))
		if english {
			q = fmt.Sprintf("Passage %d: what did the writer of these lines think of %s, and which of the events was the last one before %s left, %s?", i, one(r, englishWho), one(r, englishWho), one(r, englishWhy))
		}
		item := g.ask(Item{Question: q, Passage: passage, Answer: one(r, someWhy)})
		g.document("passage", sentences(r, 2, say)+passage+sentences(r, 2, say), -1)
		plant(item)

		// What many sheets begin with, before another question.
		item = g.ask(Item{Question: instructions[i%2] + fmt.Sprintf("第%d号材料里%s的做法是否妥当 No %d", i, one(r, someWho), i*7919)})
		g.document("boilerplate", instructions[i%2]+sentences(r, 1, say), -1)
		plant(item)

		// The same problem with other numbers, and tables of numbers.
		problem := func() string {
			a, b, c := 11+r.IntN(80), 100+r.IntN(800), 2+r.IntN(8)
			if english {
				return fmt.Sprintf("A workshop makes %d chairs on every working day and %d tables in a month of %d working days. If each chair sells for %d coins and each table for %d, how many coins does it take in that month?", a, b, c+18, c, a+b)
			}
			return fmt.Sprintf("一个作坊每个工作日能做%d把椅子，在有%d个工作日的月份里能做%d张桌子。如果每把椅子卖%d元，每张桌子卖%d元，这个月一共收入多少元？", a, c+18, b, c, a+b)
		}
		item = g.ask(Item{Question: problem(), Answer: strconv.Itoa(r.IntN(100000))})
		if i%2 == 0 {
			g.document("numbers", sentences(r, 2, say)+problem()+sentences(r, 2, say), -1)
		} else {
			var table strings.Builder
			for range 300 {
				fmt.Fprintf(&table, "%d\t", r.IntN(1000))
			}
			g.document("numbers", table.String()+strings.Join(strings.FieldsFunc(g.set.Items[item].Question, func(r rune) bool { return r < '0' || r > '9' }), "\t"), -1)
		}
		plant(item)

		// The law that a question quotes.
		article := func() string {
			return fmt.Sprintf("%s应当%s，%s；逾期不改正的，处以%d元以上%d元以下的罚款，%s。", one(r, someWho), one(r, someWhat), one(r, someWhy), 100*(1+r.IntN(9)), 1000*(1+r.IntN(9)), one(r, someWhy))
		}
		quoted := article()
		item = g.ask(Item{
			Question: fmt.Sprintf("根据《地方公共事务管理条例》第%d条的规定，%s未履行该条规定的义务。对此，下列哪一项处理意见是正确的？", i+1, one(r, someWho)),
			Choices:  []string{quoted, article(), "免予处罚，但应当书面说明理由", "移送其他机关处理"}, Answer: "A",
		})
		g.document("law", fmt.Sprintf("地方公共事务管理条例\n第%d条　%s\n第%d条　%s\n第%d条　%s", i, article(), i+1, quoted, i+2, article()), -1)
		plant(item)
	}
	return g
}

// Of n documents of each of four kinds that are not contaminated hardly one is found, and all that are.
func TestPrecision(t *testing.T) {
	const n = 60
	g := gradedDocuments(n)
	o := Default()
	o.MostDocuments = 40
	x := build(t, o, &g.set)
	c := x.Counter()
	for _, d := range g.docs {
		c.Add([]byte(d))
	}
	counted, err := x.Weigh(c)
	pipelinetest.Must(t, err)
	m := counted.Matcher()
	found, missed, wrong := 0, 0, map[string]int{}
	for i, d := range g.docs {
		h, ok := m.Match([]byte(d))
		switch {
		case g.want[i] >= 0 && !ok:
			missed++
			t.Logf("item %d is missed: %q", g.want[i], d)
		case g.want[i] >= 0 && ok:
			found++
			if h.Item != g.want[i] {
				t.Errorf("item %d is taken for %d: %q", g.want[i], h.Item, d)
			}
		case ok:
			wrong[g.kind[i]]++
			t.Logf("%s, score %d: %q is taken for %q", g.kind[i], h.Score, d[h.Start:h.End], g.set.Items[h.Item].Question)
		}
	}
	all := 0
	for _, w := range wrong {
		all += w
	}
	t.Logf("%d of %d planted items found; of %d others %v", found, found+missed, len(g.docs)-found-missed, wrong)
	if missed > 0 || 100*all > found+all {
		t.Errorf("%d items are missed, %d of %d hits are wrong: %v", missed, all, found+all, wrong)
	}
}

// A set of questions about the law, made of the articles of laws, is not found in these.
func TestLawsAreNotContaminatedByQuestionsAboutThem(t *testing.T) {
	var laws [][]byte
	pipelinetest.EachShared(t, "laws.tar.zst", func(_ string, data []byte) { laws = append(laws, data) })
	s := &Set{Name: "law exam"}
	r := fixed(3)
	for i := range 2000 {
		a, b := articleOf(r, laws[i%len(laws)]), articleOf(r, laws[(i*7+1)%len(laws)])
		if a == "" || b == "" {
			continue
		}
		stem := []string{"下列关于该规定的说法，正确的是：", "根据上述规定，下列哪一选项是错误的？", "某甲的行为违反了下列哪一项规定？"}[i%3]
		if i%2 == 0 {
			stem = "某市人民法院在审理一起案件时，对如何适用法律产生了分歧。" + stem
		} else {
			clause, _, _ := strings.Cut(a, "。")
			stem = "《条例》规定：“" + clause + "”。" + stem
		}
		s.Items = append(s.Items, Item{Line: i + 1, Question: stem, Choices: []string{a, b, "以上都正确", "以上都不正确"}, Answer: "A"})
	}
	o := Default()
	o.AllowShort = true
	x := build(t, o, s)
	c := x.Counter()
	for _, l := range laws {
		c.Add(l)
	}
	w, err := x.Weigh(c)
	pipelinetest.Must(t, err)
	m := w.Matcher()
	wrong := 0
	for _, l := range laws {
		if h, ok := m.Match(l); ok {
			wrong++
			t.Logf("score %d: %q for %q", h.Score, excerpt(l[h.Start:h.End]), excerpt([]byte(s.Items[h.Item].Question)))
		}
	}
	t.Logf("%d of %d laws are taken for one of %d questions about them", wrong, len(laws), len(s.Items))
	if wrong*100 > len(laws) {
		t.Errorf("%d of %d laws", wrong, len(laws))
	}
}

func excerpt(b []byte) string {
	return string([]rune(string(b))[:min(120, len([]rune(string(b))))])
}

// articleOf is a line of a law of some length.
func articleOf(r *rand.Rand, law []byte) string {
	lines := strings.Split(string(law), "\n")
	for range 50 {
		if l := strings.TrimSpace(lines[r.IntN(len(lines))]); len(l) > 120 && len(l) < 900 {
			return l
		}
	}
	return ""
}
