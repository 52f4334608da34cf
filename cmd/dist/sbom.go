package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// bill is what is in a binary, as CycloneDX 1.6: the modules that it says itself it was built of, with the digests of go.sum.
func (s *source) bill(p *platform, binary []byte) ([]byte, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("what %s is built of: %w", p, err)
	}
	const module = "github.com/millrace/millrace"
	ref := "pkg:golang/" + module + "@" + s.version.String() + "?goos=" + p.os + "&goarch=" + p.arch
	list := []component{{Type: "library", Ref: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), Name: "std", Version: info.GoVersion}}
	for _, d := range info.Deps {
		for d.Replace != nil {
			d = d.Replace
		}
		c := component{Type: "library", Ref: "pkg:golang/" + d.Path + "@" + d.Version, Name: d.Path, Version: d.Version}
		if d.Sum != "" {
			c.Properties = []property{{"go.sum", d.Sum}}
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b component) int { return strings.Compare(a.Ref, b.Ref) })
	doc := billOfMaterials{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1, Components: list}
	doc.Metadata.Time = s.time.Format(time.RFC3339)
	doc.Metadata.Component = component{
		Type: "application", Ref: ref, Name: "millrace", Version: s.version.String(), PURL: ref, Licenses: []license{{License: licenseID{"Apache-2.0"}}},
	}
	top := dependency{Ref: ref}
	for i := range doc.Components {
		c := &doc.Components[i]
		c.PURL = c.Ref
		top.On = append(top.On, c.Ref)
	}
	doc.Dependencies = []dependency{top}
	data, err := json.MarshalIndent(&doc, "", "  ")
	return append(data, '\n'), err
}

type billOfMaterials struct {
	Schema   string `json:"$schema"`
	Format   string `json:"bomFormat"`
	Spec     string `json:"specVersion"`
	Version  int    `json:"version"`
	Metadata struct {
		Time      string    `json:"timestamp"`
		Component component `json:"component"`
	} `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Licenses   []license  `json:"licenses,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type license struct {
	License licenseID `json:"license"`
}

type licenseID struct {
	ID string `json:"id"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}
