package web

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCollect(t *testing.T) {
	work, commit := committed(t, map[string][]byte{
		"ground-truth.json":             []byte(`{"0123456789abcdef": {"articleBody": "Right text.", "url": "u"}}`),
		"html/0123456789abcdef.html.gz": packed(t, "<p>Right text.<p>menu"),
		"zh/1.html":                     []byte("<div class=text><p>正文</div><p>页脚"),
		"zh/list.html":                  []byte("<a>一</a><a>二</a>"),
	})
	folder := t.TempDir()
	cloned(t, work, filepath.Join(folder, "owner+name"))
	r := Repository{Name: "owner/name", Commit: commit}
	table := &Table{
		English: r, Repositories: map[string]Repository{"r": r},
		Sites: []Site{
			{Name: "a.example/zh", Held: true, Take: []string{".text"}, Pages: map[string][]string{"r": {"zh/[0-9].html"}}},
			{Name: "none", Pages: map[string][]string{"r": {"zh/list.html"}}},
		},
		Dates: map[string]string{"0123456789ab": "2024-05-20"},
	}
	if err := table.compile(); err != nil {
		t.Fatal(err)
	}
	pages, err := table.Collect(t.Context(), Store{Clones: folder})
	if err != nil {
		t.Fatal(err)
	}
	want := []Page{
		{Name: "0123456789ab", HTML: []byte("<p>Right text.<p>menu"), Text: "Right text.", Date: "2024-05-20"},
		{Name: "a.example_zh-1", HTML: []byte("<div class=text><p>正文</div><p>页脚"), Text: "正文\n", Chinese: true, Held: true},
		{Name: "none-1", HTML: []byte("<a>一</a><a>二</a>"), Chinese: true, None: true},
	}
	if d := cmp.Diff(want, pages); d != "" {
		t.Error(d)
	}
	table.Dates["nobody"] = "2024-05-20"
	if _, err := table.Collect(t.Context(), Store{Clones: folder}); err == nil || !strings.Contains(err.Error(), "no page nobody") {
		t.Errorf("a day of no page: %v", err)
	}
	table.Sites[0].Take, table.Sites[0].take = []string{"#no"}, nil
	if err := table.compile(); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Collect(t.Context(), Store{Clones: folder}); err == nil || !strings.Contains(err.Error(), "r: zh/1.html: no container") {
		t.Errorf("a page without the container: %v", err)
	}
}
