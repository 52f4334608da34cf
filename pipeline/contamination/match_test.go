package contamination

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Every item is found wherever it stands in a document, and however it is written there.
func TestEveryItemIsFound(t *testing.T) {
	s := testItems()
	m := matcher(t, build(t, Default(), s))
	for name, change := range changes {
		for i := range s.Items {
			it := &s.Items[i]
			for place := range 3 {
				for what, say := range map[string]string{"question": it.Question, "all": asked(it) + "\n" + it.Answer} {
					if what == "question" && len([]rune(it.Question)) < 60 && len(it.Choices) > 0 {
						continue // it is found with its choices
					}
					changed := change(say)
					doc := []byte(between(changed, place))
					h, ok := m.Match(doc)
					if !ok || h.Item != i {
						t.Errorf("%s, %s of item %d at %d: found %v %+v", name, what, i+1, place, ok, h)
						continue
					}
					if at := bytes.Index(doc, []byte(changed)); h.Start < at || h.End > at+len(changed) || h.End-h.Start < len(change(it.Question))*4/5 {
						t.Errorf("%s, %s of item %d: from %d to %d, it stands from %d to %d", name, what, i+1, h.Start, h.End, at, at+len(changed))
					}
				}
			}
		}
	}
}

// A document without an item has none, whatever it is about.
func TestCleanDocuments(t *testing.T) {
	m := matcher(t, build(t, Default(), testItems()))
	for _, doc := range []string{
		"", " ", englishFiller, chineseFiller, strings.Repeat(englishFiller, 3) + chineseFiller,
		"A bakery in Larchwood sells rye bread. Many loaves were sold on Monday, and half as many on Tuesday.",
		"How many loaves did the bakery sell after all returns in those three days? Nobody in the village could say.",
		"某粮店星期一卖出大米，星期二卖出的袋数是星期一的一半。关于植物的蒸腾作用，课文里有一个实验。",
		"\xff\xfe\x00" + strings.Repeat("的", 5000), strings.Repeat("48 ", 4000),
	} {
		if h, ok := m.Match([]byte(doc)); ok {
			t.Errorf("%.40q: item %d, score %d, %q", doc, h.Item+1, h.Score, doc[h.Start:h.End])
		}
	}
}

// Several items in one document are all found, each in its place.
func TestAllItemsOfADocument(t *testing.T) {
	s := testItems()
	m := matcher(t, build(t, Default(), s))
	var doc strings.Builder
	for i := range s.Items {
		doc.WriteString(asked(&s.Items[i]) + "\n" + s.Items[i].Answer + "\n" + englishFiller[:200+i] + "\n")
	}
	hits := m.All(nil, []byte(doc.String()))
	if len(hits) != len(s.Items) {
		t.Fatalf("%d hits of %d items", len(hits), len(s.Items))
	}
	for i, h := range hits {
		if h.Item != i || h.Score != million || !strings.HasPrefix(s.Items[i].Question, doc.String()[h.Start:][:20]) {
			t.Errorf("item %d: %+v %q", i, h, doc.String()[h.Start:h.End])
		}
	}
}

// What evaluations of other tools want found: by the label where that is the question, by the query, and by both.
func TestFieldsDecideWhatIsFound(t *testing.T) {
	it := Item{Line: 1, Question: englishItems[3].Question, Answer: englishItems[0].Answer}
	query, label := it.Question, it.Answer
	for _, c := range []struct {
		name  string
		set   Set
		found []bool // for documents with the query, with the label, with both, with neither
	}{
		{"query", Set{Items: []Item{{Question: query}}}, []bool{true, false, true, false}},
		{"label", Set{Items: []Item{{Question: label}}}, []bool{false, true, true, false}},
		{"query, and a label", Set{Items: []Item{it}}, []bool{true, false, true, false}},
		{"query, or the label alone", Set{Items: []Item{it}, AnswerAlone: true}, []bool{true, true, true, false}},
		{"both as one", Set{Items: []Item{{Question: query + " " + label}}}, []bool{false, false, true, false}},
	} {
		c.set.Name = "set"
		m := matcher(t, build(t, Default(), &c.set))
		for i, doc := range []string{query, label, query + " " + label, ""} {
			if _, ok := m.Match([]byte(between(doc, 1))); ok != c.found[i] {
				t.Errorf("%s, document %d: found %v", c.name, i, ok)
			}
		}
	}
}

// A passage without its question is corpus material, not contamination.
func TestPassageAloneIsNone(t *testing.T) {
	s := testItems()
	m := matcher(t, build(t, Default(), s))
	for i := range s.Items {
		if p := s.Items[i].Passage; p != "" {
			if h, ok := m.Match([]byte(between(p+"\n"+s.Items[i].Answer, 1))); ok {
				t.Errorf("item %d by its passage: %+v", i+1, h)
			}
		}
	}
}

// A question that says little by itself is found with its passage, though words of both were changed, and not by the passage alone.
func TestShortQuestionBehindItsPassage(t *testing.T) {
	r := fixed(8)
	english := Item{Line: 1, Passage: strings.TrimSpace(sentences(r, 3, englishSentence)), Question: "What was counted twice?", Answer: "the sacks of barley"}
	chinese := Item{Line: 2, Passage: sentences(r, 3, chineseSentence), Question: "账册交给了谁？", Answer: "档案室"}
	m := matcher(t, build(t, Default(), &Set{Name: "set", Items: []Item{english, chinese}}))
	for i, it := range []Item{english, chinese} {
		for name, c := range map[string]struct {
			doc   string
			found bool
		}{
			"both":     {it.Passage + "\n" + it.Question, true},
			"changed":  {edit(it.Passage, replaceOne) + "\n" + it.Question, true},
			"numbered": {it.Passage + "\n（1） " + it.Question + " " + it.Answer, true},
			"passage":  {it.Passage, false},
			"answered": {it.Passage + "\n" + it.Answer, false},
			"question": {it.Question, false},
		} {
			h, ok := m.Match([]byte(between(c.doc, 1)))
			if ok != c.found || ok && h.Item != i {
				t.Errorf("item %d, %s: %v %+v", i+1, name, ok, h)
			}
		}
	}
}

// A short question is found as a whole, and only where the answer is near.
func TestShortQuestions(t *testing.T) {
	s := &Set{Name: "short", Items: []Item{
		{Line: 1, Question: "世界上最深的海沟是哪一条", Answer: "马里亚纳海沟"},
		{Line: 2, Question: "Who wrote the Larchwood ballads?"},
	}}
	x := build(t, Default(), s)
	if got := x.Sets()[0]; got.Short != 2 || got.NotCheckable != 0 {
		t.Fatalf("%+v", got)
	}
	m := matcher(t, x)
	for doc, want := range map[string]int{
		"问：世界上最深的海沟是哪一条？答：马里亚纳海沟。":           0,
		"世界上最深的海沟是哪一条？我们下次再说。":               -1,
		"世界上最深的海沟是哪条？答：马里亚纳海沟。":              -1,
		"Q: who wrote The LARCHWOOD Ballads": 1,
		"who wrote the Larchwood songs":      -1,
	} {
		h, ok := m.Match([]byte(doc))
		if ok != (want >= 0) || ok && (h.Item != want || h.Score != million) {
			t.Errorf("%q: %v %+v", doc, ok, h)
		}
	}
}

// Beside a question that is nearly there, its answer decides.
func TestAnswerIsPartOfTheScore(t *testing.T) {
	it := englishItems[0]
	m := matcher(t, build(t, Default(), &Set{Name: "set", Items: []Item{it}}))
	part := strings.Replace(it.Question, "on Monday and half as many on Tuesday. On Wednesday it sells three ", "", 1)
	if h, ok := m.Match([]byte(between(part, 1))); ok {
		t.Errorf("without a part of the question: %+v", h)
	}
	h, ok := m.Match([]byte(between(part+"\n"+it.Answer, 1)))
	if !ok || h.Score < 800_000 || h.Score == million {
		t.Errorf("with its answer: %v %+v", ok, h)
	}
}

// A text that ends with what it asks is not found by what stands before that.
func TestQuotationAloneIsNone(t *testing.T) {
	quoted := sentences(fixed(1), 5, chineseSentence)
	m := matcher(t, build(t, Default(), &Set{Name: "set", Items: []Item{{Question: "《条例》规定：“" + quoted + "”下列关于该规定的说法，正确的是哪一项？"}}}))
	if h, ok := m.Match([]byte(between(quoted, 1))); ok {
		t.Errorf("%+v", h)
	}
	if _, ok := m.Match([]byte(between("条例规定"+quoted+"下列关于该规定的说法正确的是哪项", 1))); !ok {
		t.Error("the question itself is not found")
	}
}

// What many documents have says nothing of where they have it from.
func TestBoilerplate(t *testing.T) {
	o := Default()
	o.MostDocuments = 3
	x := build(t, o, &Set{Name: "set", Items: []Item{{Question: instructions[0]}, chineseItems[0]}})
	c, docs := x.Counter(), [][]byte{[]byte(between(chineseItems[0].Question, 1))}
	for i := range 4 {
		docs = append(docs, []byte(between(instructions[0], i%3)))
	}
	for _, d := range docs {
		c.Add(d)
	}
	w, err := x.Weigh(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := matcher(t, x).Match(docs[1]); !ok {
		t.Error("not found without document frequencies")
	}
	m := w.Matcher()
	for i, d := range docs {
		if h, ok := m.Match(d); ok != (i == 0) || ok && h.Item != 1 {
			t.Errorf("document %d: %v %+v", i, ok, h)
		}
	}
	if got := w.Boilerplate(); !slices.Equal(got, []int{0}) {
		t.Errorf("boilerplate: %v", got)
	}
	if got := matcher(t, x).weights.Boilerplate(); got != nil {
		t.Errorf("boilerplate without counts: %v", got)
	}
}

// What a question of one template has in its places decides.
func TestOtherNumbersAreAnotherQuestion(t *testing.T) {
	m := matcher(t, build(t, Default(), testItems()))
	for _, doc := range []string{
		strings.NewReplacer("14", "22", "5", "4", "9", "11", "30", "45").Replace(englishItems[2].Question),
		strings.NewReplacer("48", "60", "一半", "两成", "3倍", "2倍", "7袋", "5袋").Replace(chineseItems[0].Question),
	} {
		if h, ok := m.Match([]byte(between(doc, 1))); ok {
			t.Errorf("%q: %+v", doc, h)
		}
	}
}

// The order of choices, and what stands between them, do not matter.
func TestChoicesInAnotherOrder(t *testing.T) {
	s := testItems()
	i := len(s.Items) - 1
	it := s.Items[i]
	slices.Reverse(it.Choices)
	m := matcher(t, build(t, Default(), testItems()))
	doc := it.Question + "（本题5分，请将正确答案的字母填在题后的括号内，多选、错选、不选均不得分）\n" + strings.Join(it.Choices, "\n该选项的解析见下一页。\n")
	if h, ok := m.Match([]byte(between(doc, 1))); !ok || h.Item != i {
		t.Errorf("%v %+v", ok, h)
	}
}

// An item is found at every place of a document, whatever is around it, and what was found before makes no difference.
func TestPlantedItems(t *testing.T) {
	s := testItems()
	x := build(t, Default(), s)
	used := matcher(t, x)
	english, chinese := []rune(englishFiller), []rune(chineseFiller)
	rapid.Check(t, func(r *rapid.T) {
		i := rapid.IntRange(0, len(s.Items)-1).Draw(r, "item")
		filler := english
		if rapid.Bool().Draw(r, "chinese") {
			filler = chinese
		}
		at := rapid.IntRange(0, len(filler)).Draw(r, "at")
		doc := []byte(string(filler[:at]) + "\n" + asked(&s.Items[i]) + "\n" + string(filler[at:]))
		h, ok := used.Match(doc)
		if !ok || h.Item != i || h.Score != million {
			r.Fatalf("%v %+v", ok, h)
		}
		w, _ := x.Weigh(nil)
		if fresh, _ := w.Matcher().Match(doc); fresh != h {
			r.Fatalf("%+v, a fresh one %+v", h, fresh)
		}
	})
}

func TestMatchDoesNotAllocate(t *testing.T) {
	s := testItems()
	m := matcher(t, build(t, Default(), s))
	docs := [][]byte{[]byte(between(asked(&s.Items[0]), 1)), []byte(between(asked(&s.Items[7]), 2)), []byte(chineseFiller)}
	each := func() {
		for _, d := range docs {
			m.Match(d)
		}
	}
	each()
	if n := testing.AllocsPerRun(50, each); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
