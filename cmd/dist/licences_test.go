package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLicences: every module that the program is built of, on any platform, has licences that are known, with their texts.
func TestLicences(t *testing.T) {
	s := in(t, filepath.Join("..", ".."))
	seen := map[string]string{}
	for i := range platforms {
		folders, err := s.folders(t.Context(), &platforms[i])
		if err != nil {
			t.Fatal(err)
		}
		if len(folders) < 20 {
			t.Errorf("%s: %d modules", &platforms[i], len(folders))
		}
		for id, list := range folders {
			p := part{path: id}
			if err := p.license(list); err != nil {
				t.Errorf("%s: %v", &platforms[i], err)
			}
			path, _, _ := strings.Cut(id, "@")
			seen[path] = p.expression()
			for _, text := range p.texts {
				if len(text.data) < 100 {
					t.Errorf("%s of %s has %d bytes", text.name, id, len(text.data))
				}
			}
		}
	}
	for path, want := range map[string]string{ // as their own pages say; one of each kind
		"github.com/apache/arrow/go/v17":     "Apache-2.0",
		"github.com/klauspost/compress":      "Apache-2.0 AND BSD-3-Clause AND MIT",
		"github.com/JohnCGriffin/overflow":   "MIT", // at the end of its README
		"github.com/mikelolasagasti/xz":      "0BSD",
		"github.com/zeebo/xxh3":              "BSD-2-Clause",
		"go.yaml.in/yaml/v3":                 "Apache-2.0 AND MIT",
		"golang.org/x/sys":                   "BSD-3-Clause",
		"github.com/parquet-go/parquet-go":   "Apache-2.0 AND MIT", // in folders of packages
		"github.com/minio/md5-simd":          "Apache-2.0 AND BSD-3-Clause",
		"github.com/nats-io/nats-server/v2":  "Apache-2.0",
		"github.com/clipperhouse/uax29/v2":   "MIT",
		"google.golang.org/protobuf":         "BSD-3-Clause",
		"github.com/google/go-cmp":           "", // of tests alone
		"github.com/rogpeppe/go-internal":    "",
		"github.com/inconshreveable/unknown": "",
	} {
		if seen[path] != want {
			t.Errorf("%s is %q, want %q", path, seen[path], want)
		}
	}
}

// TestLicenceFiles: which files of a module count, and that one without a known licence is refused.
func TestLicenceFiles(t *testing.T) {
	const mit = "Permission is hereby granted, free of charge, to any person\n  obtaining a copy of this software and associated documentation files"
	const isc = "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that"
	const two = "Redistributions of source code must retain the above"
	for name, c := range map[string]struct {
		files map[string]string
		used  string // a folder of a package
		want  string
		texts []string
	}{
		"one":             {map[string]string{"LICENSE": mit, "main.go": "package main", "license.go": isc}, "", "MIT", []string{"LICENSE"}},
		"two":             {map[string]string{"LICENCE.md": mit, "COPYING": isc}, "", "ISC AND MIT", []string{"COPYING", "LICENCE.md"}},
		"notices":         {map[string]string{"LICENSE": two, "NOTICE": mit, "PATENTS": "grant"}, "", "BSD-2-Clause", []string{"LICENSE", "NOTICE", "PATENTS"}},
		"of a package":    {map[string]string{"LICENSE": mit, "a/b/LICENSE": two + " Neither the name of", "c/LICENSE": isc}, "a/b", "BSD-3-Clause AND MIT", []string{"LICENSE", "a/b/LICENSE"}},
		"in README":       {map[string]string{"README.md": "Hello.\n" + mit}, "", "MIT", []string{"README.md"}},
		"not in README":   {map[string]string{"README.md": mit, "LICENSE": isc}, "", "ISC", []string{"LICENSE"}},
		"none":            {map[string]string{"README.md": "Hello."}, "", "", nil},
		"unknown":         {map[string]string{"LICENSE": "GNU GENERAL PUBLIC LICENSE Version 3"}, "", "", nil},
		"with a clause":   {map[string]string{"LICENSE": two + " All advertising materials mentioning"}, "", "", nil},
		"notice, no more": {map[string]string{"NOTICE": mit}, "", "", nil},
	} {
		folder := t.TempDir()
		for file, text := range c.files {
			put(t, filepath.Join(folder, file), text)
		}
		if err := os.Symlink("LICENSE", filepath.Join(folder, "LICENSE.link")); err != nil { // read once
			t.Fatal(err)
		}
		folders := []string{folder}
		for at := c.used; at != "" && at != "."; at = filepath.Dir(at) {
			folders = append(folders, filepath.Join(folder, at))
		}
		p := part{path: "example.org/x", version: "v1.0.0"}
		err := p.license(folders)
		if c.want == "" {
			if err == nil || !strings.Contains(err.Error(), "example.org/x v1.0.0: its licence is not one of those that are known") {
				t.Errorf("%s: %v, want a refusal", name, err)
			}
			continue
		}
		if err != nil || p.expression() != c.want {
			t.Errorf("%s: %q, want %q: %v", name, p.expression(), c.want, err)
		}
		var texts []string
		for _, e := range p.texts {
			texts = append(texts, e.name)
			if string(e.data) != c.files[e.name] {
				t.Errorf("%s: %s is %q", name, e.name, e.data)
			}
		}
		if diff := cmp.Diff(c.texts, texts); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if err := (&part{path: "example.org/x"}).license(nil); err == nil {
		t.Error("a module that go list does not name is accepted")
	}
}
