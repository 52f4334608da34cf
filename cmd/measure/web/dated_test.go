package web

import "testing"

func TestDated(t *testing.T) {
	pages := []Page{
		{Name: "right", Date: "2024-05-20"},
		{Name: "time", Date: "2024-05-20"},
		{Name: "zones", Date: "2019-11-20 2019-11-19"},
		{Name: "missing", Date: "2024-05-20"},
		{Name: "wrong", Date: "2024-05-20"},
		{Name: "invented", Date: Undated},
		{Name: "none", Date: Undated},
		{Name: "unread"},
		{Name: "other", Date: "2024-05-20", Chinese: true},
	}
	got := dated(pages, map[string]string{
		"right": "2024-05-20", "time": "2024-05-20T08:00:00+08:00", "zones": "2019-11-19T23:00:00-05:00", "wrong": "2024-05-21",
		"invented": "2024-01-01", "unread": "2024-01-01", "other": "2024-01-01",
	}, false)
	if want := (days{Stated: 5, Right: 3, Missing: 1, Wrong: 1, Undated: 2, Invented: 1}); got != want {
		t.Errorf("%+v", got)
	}
}
