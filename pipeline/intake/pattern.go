package intake

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// pattern says which paths of a source are meant: those that it names, and all below the folders that it names.
type pattern struct {
	written string
	globs   []string
	hidden  bool // it names what no scan finds
	matched bool // a path of this scan
}

// maxBraces bounds what the braces of a pattern stand for.
const maxBraces = 1000

// CheckPattern says what is wrong with a pattern of include or exclude: that it is none, or can never match.
func CheckPattern(written string, include bool) error {
	p, err := compilePattern(written)
	if err != nil || !include {
		return err
	}
	if p.hidden {
		return fmt.Errorf("%q can never match: names that begin with a dot are not looked at", written)
	}
	for _, g := range p.globs {
		for _, u := range unfinished {
			if ending := strings.TrimPrefix(u, "**/*"); strings.HasSuffix(strings.TrimSuffix(g, "/**"), ending) {
				return fmt.Errorf("%q can never match: what ends in %s is not finished, and waits until it has another name", written, ending)
			}
		}
	}
	return nil
}

// compilePattern makes what matches out of what was written: ./ at the start and double slashes mean nothing, / at the end
// means a folder.
func compilePattern(written string) (pattern, error) {
	p := pattern{written: written}
	if strings.TrimSpace(written) != written || written == "" {
		return p, fmt.Errorf("%q is empty, or has white space at its edges, which no name has", written)
	}
	if !doublestar.ValidatePattern(written) {
		return p, fmt.Errorf("%q is not a pattern such as 2026/**/*.jsonl: brackets and braces must be closed", written)
	}
	alternatives, err := expandBraces(nil, "", written)
	if err != nil {
		return p, fmt.Errorf("%q %w", written, err)
	}
	for _, a := range alternatives {
		g, hidden, err := cleanGlob(a)
		if err != nil {
			return p, fmt.Errorf("%q %w", written, err)
		}
		p.hidden = p.hidden || hidden
		p.globs = append(p.globs, g)
	}
	return p, nil
}

// cleanGlob makes a pattern without braces one of clean paths, of everything below what it names.
func cleanGlob(g string) (clean string, hidden bool, err error) {
	switch {
	case strings.HasPrefix(g, "/"):
		return "", false, errors.New("can never match: paths are relative to the source, as in private/**")
	case strings.HasPrefix(g, "~/"):
		return "", false, errors.New("can never match: paths are relative to the source, and ~ is no folder of it")
	case strings.Contains(g, "://"):
		return "", false, errors.New("can never match: paths are relative to the source, without its URL")
	}
	var parts []string
	for part := range strings.SplitSeq(g, "/") {
		switch {
		case part == "" || part == ".":
			continue
		case part == "..":
			return "", false, errors.New("can never match: paths have no .. in them")
		case strings.Contains(part, "**") && part != "**":
			return "", false, errors.New("has ** beside other characters, where it is no more than *: it stands alone, as in **/*.txt or private/**")
		}
		if err := checkPart(part); err != nil {
			return "", false, err
		}
		hidden = hidden || strings.HasPrefix(part, ".")
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "", false, errors.New("means the whole source: leave it out, or set scan: false")
	}
	clean = strings.Join(parts, "/")
	if strings.HasSuffix(g, "/") {
		return clean + "/**/*", hidden, nil // what is below, not a file of that name
	}
	if parts[len(parts)-1] != "**" {
		clean += "/**"
	}
	return clean, hidden, nil
}

// checkPart finds what can never match in a name: escapes of what needs none, as in paths of Windows, and ranges that go
// backwards.
func checkPart(part string) error {
	for i := 0; i < len(part); i++ {
		switch part[i] {
		case '\\':
			if i++; i == len(part) || !strings.ContainsRune(`*?[]{}\-^!,`, rune(part[i])) {
				return errors.New(`has \ where it means nothing: folders are parted by /, and \ stands only before one of *?[]{}\`)
			}
		case '[':
			end := strings.IndexByte(part[i+1:], ']')
			if end < 0 {
				return errors.New("can never match: [ and ] must be in one name")
			}
			class := []rune(part[i+1 : i+1+end])
			for k := 1; k+1 < len(class); k++ {
				if class[k] == '-' && class[k-1] > class[k+1] && class[k-1] != '\\' {
					return fmt.Errorf("can never match: from %c to %c is no range", class[k-1], class[k+1])
				}
			}
			i += end + 1
		}
	}
	return nil
}

// expandBraces lists what a pattern with braces stands for.
func expandBraces(list []string, before, rest string) ([]string, error) {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '[':
			if end := strings.IndexByte(rest[i+1:], ']'); end > 0 {
				i += end + 1
			}
		case '{':
			options, end := braceOptions(rest[i:])
			for _, o := range options {
				var err error
				if list, err = expandBraces(list, before+rest[:i], o+rest[i+end:]); err != nil {
					return nil, err
				}
			}
			return list, nil
		}
	}
	if len(list) == maxBraces {
		return nil, fmt.Errorf("stands for more than %d patterns", maxBraces)
	}
	return append(list, before+rest), nil
}

// braceOptions splits what the braces at the start of a pattern hold. end is behind them.
func braceOptions(s string) (options []string, end int) {
	depth, from := 0, 1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return append(options, s[from:i]), i + 1
			}
		case ',':
			if depth == 1 {
				options = append(options, s[from:i])
				from = i + 1
			}
		}
	}
	return append(options, s[from:]), len(s)
}

// matches says whether a path is meant.
func (p *pattern) matches(path string) bool {
	for _, g := range p.globs {
		if doublestar.MatchUnvalidated(g, path) {
			p.matched = true
			return true
		}
	}
	return false
}

// MatchPaths returns what says whether a path is meant by a pattern as include and exclude have them. It is not safe for concurrent use.
func MatchPaths(written string) (func(path string) bool, error) {
	p, err := compilePattern(written)
	return p.matches, err
}
