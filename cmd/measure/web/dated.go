package web

import (
	"slices"
	"strings"
)

// days counts what was found of the days of publication.
type days struct {
	Stated, Right, Missing, Wrong int // of pages that state one
	Undated, Invented             int // of pages that state none
}

// dated compares days of publication, as RFC 3339 has them, with those that pages state. Pages of which it is not known are not
// counted. The time of day is not compared.
func dated(pages []Page, found map[string]string, chinese bool) (d days) {
	for i := range pages {
		p := &pages[i]
		if p.Chinese != chinese || p.Date == "" {
			continue
		}
		day, _, _ := strings.Cut(found[p.Name], "T")
		switch {
		case p.Date == Undated:
			d.Undated++
			if day != "" {
				d.Invented++
			}
		case day == "":
			d.Stated++
			d.Missing++
		case slices.Contains(strings.Fields(p.Date), day):
			d.Stated++
			d.Right++
		default:
			d.Stated++
			d.Wrong++
		}
	}
	return d
}
