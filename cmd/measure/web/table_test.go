package web

import (
	"errors"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTable: the tables that are built in are whole, and a third of the sites or so is held out.
func TestTable(t *testing.T) {
	table, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	commit := regexp.MustCompile(`^[0-9a-f]{40}$`)
	for _, r := range table.Repositories {
		if !commit.MatchString(r.Commit) || strings.Count(r.Name, "/") != 1 {
			t.Errorf("repository %+v", r)
		}
	}
	seen := map[string]bool{}
	sites, held := 0, 0
	for _, s := range table.Sites {
		if seen[s.Name] || s.Name == "" {
			t.Errorf("site %q: no name of its own", s.Name)
		}
		seen[s.Name] = true
		if len(s.Take) > 0 {
			sites++
		}
		if s.Held {
			held++
		}
		for key, patterns := range s.Pages {
			for _, p := range patterns {
				if _, err := path.Match(p, ""); err != nil || seen[key+p] {
					t.Errorf("site %s: %s is no pattern, or comes twice", s.Name, p)
				}
				seen[key+p] = true
			}
		}
	}
	if sites < 60 || held*4 < sites || held*2 > sites {
		t.Errorf("%d of %d sites are held out", held, sites)
	}
	for name, days := range table.Dates {
		for day := range strings.FieldsSeq(days) {
			if _, err := time.Parse(time.DateOnly, day); err != nil && days != Undated {
				t.Errorf("day of %s: %v", name, err)
			}
		}
	}
}

func TestTableProblems(t *testing.T) {
	table := &Table{Lines: []string{"("}, Sites: []Site{{Name: "a", Take: []string{"#"}, Drop: []string{""}, Lines: []string{"["}, Pages: map[string][]string{"b": nil}}}}
	err := table.compile()
	for _, want := range []string{"missing closing )", `selector "#"`, `selector ""`, "missing closing ]", `no repository "b"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s, but %v", want, err)
		}
	}
}

func TestReference(t *testing.T) {
	table := &Table{Lines: []string{"^责任编辑："}}
	s := Site{Take: []string{"#old", ".text"}, Drop: []string{".share", "p b"}, Lines: []string{"^返回$"}}
	table.Sites = []Site{s}
	if err := table.compile(); err != nil {
		t.Fatal(err)
	}
	page := `<h1>题</h1><div class=text style="display:none"><p>第一段。<b>删</b></p><div class=share>分享</div>` +
		`<p>第二段，责任编辑：不在行首。</p><p>责任编辑：张三</p><p>返回</p></div><div class=text>第三段。</div><p>页脚</p>`
	text, err := table.reference(&table.Sites[0], []byte(page))
	if want := "第一段。\n第二段，责任编辑：不在行首。\n第三段。\n"; err != nil || text != want {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := table.reference(&table.Sites[0], []byte("<p>无</p>")); !errors.Is(err, errNoContainer) {
		t.Errorf("of a page without the container: %v", err)
	}
}
