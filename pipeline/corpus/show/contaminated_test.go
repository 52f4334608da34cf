package show

import (
	"errors"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline/contamination"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Findings are told in the order of shards, whichever ends first, and an error ends that.
func TestFindingsAreToldInOrder(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}} {
		var got []string
		told := inOrder{waiting: map[int][]ContaminatedDocument{}, each: func(d *ContaminatedDocument) error {
			got = append(got, d.ID)
			return nil
		}}
		all := [][]ContaminatedDocument{{{ID: "a"}, {ID: "b"}}, {}, {{ID: "c"}}, {{ID: "d"}}}
		for _, shard := range order {
			pipelinetest.Must(t, told.tell(shard, all[shard]))
		}
		if !slices.Equal(got, []string{"a", "b", "c", "d"}) {
			t.Errorf("%v: %v", order, got)
		}
	}
	full := errors.New("disk full")
	told := inOrder{waiting: map[int][]ContaminatedDocument{}, each: func(*ContaminatedDocument) error { return full }}
	if err := told.tell(0, []ContaminatedDocument{{}}); !errors.Is(err, full) {
		t.Error(err)
	}
}

// A document counts once for a set, and once for each of its items, whoever counted it.
func TestContaminatedCounts(t *testing.T) {
	question := []string{
		"A bakery in Larchwood sells 48 loaves of rye bread on Monday and half as many on Tuesday", "某粮店星期一卖出大米星期二卖出的袋数是星期一的一半",
		"港口的值班员每小时记录一次潮水的高度直到第三个小时结束",
	}
	var sets []*contamination.Set
	for i, name := range []string{"one", "two"} {
		s := &contamination.Set{Name: name}
		for k, q := range question[i : i+2] {
			s.Items = append(s.Items, contamination.Item{Line: k + 1, ID: name, Question: q})
		}
		sets = append(sets, s)
	}
	x, err := contamination.Build(t.Context(), sets, contamination.Default())
	pipelinetest.Must(t, err)
	w, err := x.Weigh(nil)
	pipelinetest.Must(t, err)
	s := &contaminationSearch{index: x, options: ContaminatedOptions{Top: 1}}
	all, m := s.newCounts(), w.Matcher()
	for _, doc := range []string{question[0] + "\n" + question[1] + "\n" + question[1], question[1], "nothing", question[2]} {
		own := s.newCounts()
		own.add(x, m.All(nil, []byte(doc)))
		all.merge(own)
	}
	got := s.tell(4, w, all)
	if got.Contaminated != 3 || got.Documents != 4 || got.Digest != x.Digest() {
		t.Errorf("%+v", got)
	}
	for i, want := range []ContaminatedSet{
		{Found: 2, Documents: 2, Top: []ContaminatedItem{{"one", 2, 2}}},
		{Found: 2, Documents: 3, Top: []ContaminatedItem{{"two", 1, 2}}},
	} {
		if g := got.Sets[i]; g.Found != want.Found || g.Documents != want.Documents || !slices.Equal(g.Top, want.Top) || g.Boilerplate != 0 {
			t.Errorf("set %d: %+v, want %+v", i, g, want)
		}
	}
}
