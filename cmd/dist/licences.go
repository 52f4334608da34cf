package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is a module that a binary is built of, or the standard library.
type part struct {
	path, version string
	sum           string   // of go.sum
	licences      []string // identifiers of SPDX, sorted
	texts         []entry  // of its licences, and what they ask to be passed on: by path below the module
}

// expression is the licences of a part as SPDX says it: all of them hold, each for a piece of the part.
func (p *part) expression() string { return strings.Join(p.licences, " AND ") }

// parts are those that a binary says itself it is built of, by path, with the licences that the folders of the modules have.
func (s *source) parts(ctx context.Context, p *platform, binary []byte) ([]part, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("what the binary is built of: %w", err)
	}
	folders, err := s.folders(ctx, p)
	if err != nil {
		return nil, err
	}
	root, err := s.output(ctx, p.environ(), "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	list := []part{{path: "std", version: info.GoVersion}}
	folders["std@"+info.GoVersion] = []string{root}
	for _, d := range info.Deps {
		for d.Replace != nil {
			d = d.Replace
		}
		list = append(list, part{path: d.Path, version: d.Version, sum: d.Sum})
	}
	var errs []error
	for i := range list {
		errs = append(errs, list[i].license(folders[list[i].path+"@"+list[i].version]))
	}
	slices.SortFunc(list, func(a, b part) int { return strings.Compare(a.path, b.path) })
	return list, errors.Join(errs...)
}

// folders are, for every module that a binary is built of, its own and those of the packages that are compiled into it, by path@version.
func (s *source) folders(ctx context.Context, p *platform) (map[string][]string, error) {
	list, err := s.output(ctx, p.environ(), "go", "list", "-deps", "-json=Dir,Module", "./cmd/millrace")
	if err != nil {
		return nil, err
	}
	folders := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(list)); ; {
		var l struct {
			Dir    string
			Module *struct {
				Path, Version, Dir string
				Main               bool
				Replace            *struct{ Path, Version string }
			}
		}
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return folders, nil
		} else if err != nil {
			return nil, fmt.Errorf("what go list says: %w", err)
		}
		m := l.Module
		if m == nil || m.Main {
			continue
		}
		if m.Replace != nil {
			m.Path, m.Version = m.Replace.Path, m.Replace.Version
		}
		id := m.Path + "@" + m.Version
		if folders[id] == nil {
			folders[id] = []string{m.Dir}
		}
		for folder := l.Dir; len(folder) > len(m.Dir); folder = filepath.Dir(folder) {
			if !slices.Contains(folders[id], folder) {
				folders[id] = append(folders[id], folder)
			}
		}
	}
}

// Names of files that say what a module may be used for, and of those that have to be passed on beside.
var (
	licenceFile = regexp.MustCompile(`(?i)^(un)?licen[sc]e|^copying`)
	noticeFile  = regexp.MustCompile(`(?i)^notice|^patents|^copyright`)
	readmeFile  = regexp.MustCompile(`(?i)^readme`)
)

// license finds the licences of a part in folders, the first of which is that of the module.
func (p *part) license(folders []string) error {
	if len(folders) == 0 {
		return fmt.Errorf("%s %s is in the binary, and go list does not name it", p.path, p.version)
	}
	read := func(folder string, names *regexp.Regexp) error {
		files, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, f := range files {
			if !names.MatchString(f.Name()) || !f.Type().IsRegular() || strings.HasSuffix(f.Name(), ".go") {
				continue
			}
			path := filepath.Join(folder, f.Name())
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(folders[0], path)
			if err != nil {
				return err
			}
			if !noticeFile.MatchString(f.Name()) {
				p.licences = append(p.licences, spdx(string(data))...)
			}
			p.texts = append(p.texts, entry{filepath.ToSlash(name), data, 0o644})
		}
		return nil
	}
	for _, folder := range folders {
		for _, names := range []*regexp.Regexp{licenceFile, noticeFile} {
			if err := read(folder, names); err != nil {
				return err
			}
		}
	}
	if len(p.licences) == 0 { // some have it at the end of their README
		if err := read(folders[0], readmeFile); err != nil {
			return err
		}
	}
	if len(p.licences) == 0 {
		return fmt.Errorf("%s %s: its licence is not one of those that are known here, see cmd/dist/licences.go", p.path, p.version)
	}
	slices.Sort(p.licences)
	p.licences = slices.Compact(p.licences)
	p.texts = sorted(p.texts)
	return nil
}

// spdx names the licences that a text has, of those that may come along. It goes by sentences that their texts have, and their variants too. What
// stands behind that of Apache is of code that was taken in, mostly in languages other than Go: of no licence that the module is under.
func spdx(text string) (names []string) {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	if strings.HasPrefix(text, "apache license version 2.0, january 2004") {
		return []string{"Apache-2.0"}
	}
	count := func(sentence string) int { return strings.Count(text, sentence) }
	add := func(name string, has bool) {
		if has {
			names = append(names, name)
		}
	}
	add("Apache-2.0", count("apache license version 2.0, january 2004")+count("licensed under the apache license, version 2.0") > 0)
	add("MIT", count("permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files") > 0)
	const permission = "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"
	add("ISC", count(permission+", provided") > 0)
	add("0BSD", count(permission+". the software") > 0)
	if two, three := count("redistributions of source code must retain"), count("neither the name"); count("all advertising materials") == 0 {
		add("BSD-2-Clause", two > three)
		add("BSD-3-Clause", two > 0 && three > 0)
	}
	return names
}

// thirdParty is a file with the licences of all parts, which ask to be passed on with a binary.
func thirdParty(list []part) []byte {
	var b bytes.Buffer
	b.WriteString("The program is built of the modules below and of the standard library of Go. Each is under the licences that are named behind it.\n")
	for i := range list {
		p := &list[i]
		fmt.Fprintf(&b, "\n%s\n%s %s: %s\n", strings.Repeat("=", 100), p.path, p.version, p.expression())
		for _, t := range p.texts {
			fmt.Fprintf(&b, "\n%s:\n\n%s\n", t.name, bytes.TrimRight(bytes.ReplaceAll(t.data, []byte("\r\n"), []byte("\n")), "\n"))
		}
	}
	return b.Bytes()
}

// expressionOfAll is the licences of the program and of all that it is built of.
func expressionOfAll(list []part) string {
	all := part{licences: []string{"Apache-2.0"}}
	for i := range list {
		all.licences = append(all.licences, list[i].licences...)
	}
	slices.Sort(all.licences)
	all.licences = slices.Compact(all.licences)
	return all.expression()
}
