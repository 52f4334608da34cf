package web

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// script extracts articles by another tool. See the top of it for its arguments.
//
//go:embed tools.py
var script []byte

// tool is another extractor: a function of the script, in a virtual environment with what is pinned.
type tool struct {
	name, function, environment string
}

// tools are those that are measured beside the program.
var tools = []tool{
	{"trafilatura", "trafilatura", "trafilatura"},
	{"trafilatura, favour precision", "trafilatura_precision", "trafilatura"},
	{"resiliparse", "resiliparse", "resiliparse"},
	{"readability-lxml", "readability", "readability"},
}

// Pins are the versions in each environment.
var Pins = map[string][]string{
	"trafilatura": {"trafilatura==2.3.1", "lxml_html_clean==0.4.6"},
	"resiliparse": {"Resiliparse==2.0.1"},
	"readability": {"readability-lxml==0.9", "lxml_html_clean==0.4.6"},
}

// extract extracts by another tool, in a process of its own for each language.
func (l *Lab) extract(ctx context.Context, t tool, pages []Page) (*extraction, error) {
	python, err := l.Environment(ctx, t.environment, Pins[t.environment])
	if err != nil {
		return nil, fmt.Errorf("its environment: %w", err)
	}
	file := filepath.Join(l.Scratch, "tools.py")
	if err := os.WriteFile(file, script, 0o644); err != nil {
		return nil, err
	}
	e := newExtraction(t.name)
	for _, chinese := range []bool{false, true} {
		in, to := filepath.Join(l.Scratch, fmt.Sprintf("pages-%t", chinese)), filepath.Join(l.Scratch, fmt.Sprintf("%s-%t", t.function, chinese))
		of := slices.DeleteFunc(slices.Clone(pages), func(p Page) bool { return p.Chinese != chinese || p.None })
		if err := writePages(in, of); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, python, file, t.function, in, to, strconv.Itoa(l.Runs))
		var said, failure bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &failure
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, tail(failure.Bytes()))
		}
		if e.cpu[chinese], err = strconv.ParseFloat(strings.TrimSpace(said.String()), 64); err != nil {
			return nil, err
		}
		for _, p := range of {
			text, err := os.ReadFile(filepath.Join(to, p.Name+".txt"))
			if err != nil {
				return nil, err
			}
			e.texts[p.Name] = string(text)
			day, err := os.ReadFile(filepath.Join(to, p.Name+".day"))
			if err == nil {
				e.dates[p.Name] = string(day)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	return e, nil
}

func writePages(dir string, pages []Page) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range pages {
		if err := os.WriteFile(filepath.Join(dir, p.Name+".html"), p.HTML, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// tail is the end of what a program said before it failed.
func tail(said []byte) []byte {
	const most = 2000
	said = bytes.TrimSpace(said)
	return said[max(0, len(said)-most):]
}
