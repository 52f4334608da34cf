package web

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Page is a page with its right text.
type Page struct {
	Name    string // unique, and fit for a file
	HTML    []byte
	Text    string
	Chinese bool
	Held    bool   // of a site that the program was not tuned on
	None    bool   // a page without an article: a list, a front page
	Date    string // the day of publication that the page states, as 2006-01-02, or two if it contradicts itself; Undated, or "" if not known
}

// Undated is the date of a page that was read and states none.
const Undated = "none"

// shortText is below how many characters an article is a short one.
const shortText = 500

// Short says whether the article is a short one.
func (p *Page) Short() bool { return !p.None && utf8.RuneCountInString(p.Text) < shortText }

// Collect reads all pages out of their repositories.
func (t *Table) Collect(ctx context.Context, store Store) (pages []Page, err error) {
	if pages, err = t.english(ctx, store); err != nil {
		return nil, err
	}
	clones := map[string]*clone{}
	for key, r := range t.Repositories {
		if clones[key], err = store.open(ctx, r); err != nil {
			return nil, err
		}
	}
	for i := range t.Sites {
		if pages, err = t.site(ctx, pages, &t.Sites[i], clones); err != nil {
			return nil, err
		}
	}
	known := map[string]bool{}
	for i := range pages {
		pages[i].Date = t.Dates[pages[i].Name]
		known[pages[i].Name] = true
	}
	for name := range t.Dates {
		if !known[name] {
			return nil, fmt.Errorf("table of dates: no page %s", name)
		}
	}
	return pages, nil
}

// shownHash is how many characters of a hash name a page of the English benchmark.
const shownHash = 12

func (t *Table) english(ctx context.Context, store Store) (pages []Page, err error) {
	c, err := store.open(ctx, t.English)
	if err != nil {
		return nil, err
	}
	data, err := git(ctx, c.dir, "show", c.commit+":ground-truth.json")
	if err != nil {
		return nil, err
	}
	var truth map[string]struct {
		ArticleBody string `json:"articleBody"`
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		return nil, fmt.Errorf("ground-truth.json: %w", err)
	}
	for _, hash := range slices.Sorted(maps.Keys(truth)) {
		p := Page{Name: hash[:min(shownHash, len(hash))], Text: truth[hash].ArticleBody}
		if p.HTML, err = c.read(ctx, "html/"+hash+".html.gz"); err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// site appends the pages of a site, named by it and numbered in the order of the table.
func (t *Table) site(ctx context.Context, pages []Page, s *Site, clones map[string]*clone) ([]Page, error) {
	n := 0
	for _, key := range slices.Sorted(maps.Keys(s.Pages)) {
		for _, pattern := range s.Pages[key] {
			names, err := clones[key].match(pattern)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				n++
				p := Page{Name: fmt.Sprintf("%s-%d", strings.ReplaceAll(s.Name, "/", "_"), n), Chinese: true, Held: s.Held, None: len(s.Take) == 0}
				if p.HTML, err = clones[key].read(ctx, name); err != nil {
					return nil, err
				}
				if !p.None {
					if p.Text, err = t.reference(s, p.HTML); err != nil {
						return nil, fmt.Errorf("%s: %s: %w", key, name, err)
					}
				}
				pages = append(pages, p)
			}
		}
	}
	return pages, nil
}
