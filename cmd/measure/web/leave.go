package web

import (
	"os"
	"path/filepath"
	"strings"
)

// leave writes pages, right texts, and what each tool made of them.
func leave(dir string, pages []Page, all []*extraction) error {
	for _, p := range pages {
		for name, text := range map[string]string{"pages/" + p.Name + ".html": string(p.HTML), "right/" + p.Name + ".txt": p.Text} {
			if err := writeFile(filepath.Join(dir, name), text); err != nil {
				return err
			}
		}
		for _, e := range all {
			tool := strings.NewReplacer(": ", "-", ", ", "-", " ", "-").Replace(e.tool)
			if err := writeFile(filepath.Join(dir, tool, p.Name+".txt"), e.texts[p.Name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}
