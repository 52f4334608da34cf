package look

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// colours reads the names of the first block of the sheet that follows after.
func colours(t *testing.T, after string) map[string]string {
	t.Helper()
	_, block, found := strings.Cut(string(CSS), after)
	if !found {
		t.Fatalf("the sheet has no %q", after)
	}
	_, block, _ = strings.Cut(block, ":root {")
	block, _, _ = strings.Cut(block, "}")
	names := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
		names[m[1]] = m[2]
	}
	return names
}

// luminance is that of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	text := map[string][]string{
		"page": {"ink", "muted", "link"}, "surface": {"ink", "muted", "link", "mark"}, "raised": {"ink", "muted", "link"},
		"ok-ground": {"ok"}, "warn-ground": {"warn"}, "bad-ground": {"bad"}, "idle-ground": {"idle"},
		"q1": {"ink"}, "q2": {"ink"}, "q3": {"ink"}, "q4": {"ink"}, "q5": {"ink"},
	}
	for name, mode := range map[string]map[string]string{"light": colours(t, "*/"), "dark": colours(t, "prefers-color-scheme: dark")} {
		at := func(key string) string {
			if mode[key] == "" {
				t.Fatalf("%s names no colour %s", name, key)
			}
			return mode[key]
		}
		for ground, inks := range text {
			for _, ink := range inks {
				if c := contrast(t, at(ink), at(ground)); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f, text needs 4.5", name, ink, ground, c)
				}
			}
		}
		// What a chart says is also in its table, so its shapes need the contrast of graphics.
		for i := range 6 {
			if c := contrast(t, at(fmt.Sprint("s", i)), at("surface")); c < 3 {
				t.Errorf("%s: s%d on surface has a contrast of %.2f, graphics need 3", name, i, c)
			}
		}
	}
}

func TestModesNameTheSameColours(t *testing.T) {
	light, dark := colours(t, "*/"), colours(t, "prefers-color-scheme: dark")
	if len(light) < 20 {
		t.Fatalf("%d colours read", len(light))
	}
	for name := range light {
		if dark[name] == "" {
			t.Errorf("%s has no dark colour", name)
		}
	}
	for _, use := range regexp.MustCompile(`var\(--([a-z0-9-]+)\)`).FindAllStringSubmatch(string(CSS), -1) {
		if light[use[1]] == "" && use[1] != "mono" {
			t.Errorf("--%s is used and named nowhere", use[1])
		}
	}
}

// The report embeds the sheet in a style element, and both pages forbid what would be fetched.
func TestFetchesNothing(t *testing.T) {
	for _, bad := range []string{"url(", "@import", "//", "@font-face", "</", "<!--"} {
		if strings.Contains(string(CSS), bad) {
			t.Errorf("the sheet has %q", bad)
		}
	}
	if open, closed := strings.Count(string(CSS), "{"), strings.Count(string(CSS), "}"); open != closed {
		t.Errorf("%d braces open and %d close", open, closed)
	}
	if len(CSS) > 20<<10 {
		t.Errorf("%d bytes", len(CSS))
	}
}

func TestHasTheClassesOfThePages(t *testing.T) {
	selectors := string(CSS)
	for _, want := range []string{
		"header.top {", "nav {", "main {", "section > h2 {", ".cards {", ".card {", ".card > .value {", ".card > .label {", "table.data {", "table.data td.n,",
		".bar {", ".bar > span {", ".bar > .w0 {", ".bar > .w100 { width: 100%; }", ".badge.ok {", ".badge.warn {", ".badge.bad {", ".badge.idle {", ".note {",
		"@media print {", `system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif`,
	} {
		if !strings.Contains(selectors, want) {
			t.Errorf("the sheet has no %q", want)
		}
	}
}
