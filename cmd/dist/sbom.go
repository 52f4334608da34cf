package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// bill is what is in a binary, as CycloneDX 1.6: its parts, with their licences and the digests of go.sum.
func (s *source) bill(p *platform, binary []byte, parts []part) ([]byte, error) {
	ref := "pkg:golang/" + modulePath + "@" + s.version.String() + "?goos=" + p.os + "&goarch=" + p.arch
	var list []component
	for i := range parts {
		d := &parts[i]
		c := component{Type: "library", Ref: "pkg:golang/" + d.path + "@" + strings.TrimPrefix(d.version, "go"), Name: d.path, Version: d.version}
		if len(d.licences) == 1 {
			c.Licenses = []license{{License: &licenseID{d.licences[0]}}}
		} else {
			c.Licenses = []license{{Expression: d.expression()}}
		}
		if d.sum != "" {
			c.Properties = []property{{"go.sum", d.sum}}
		}
		list = append(list, c)
	}
	doc := billOfMaterials{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1, Components: list}
	doc.Metadata.Time = s.time.Format(time.RFC3339)
	doc.Metadata.Component = component{
		Type: "application", Ref: ref, Name: "millrace", Version: s.version.String(), PURL: ref, Licenses: []license{{License: &licenseID{"Apache-2.0"}}},
		Hashes: []digest{{"SHA-256", fmt.Sprintf("%x", sha256.Sum256(binary))}},
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
	Hashes     []digest   `json:"hashes,omitempty"`
	Licenses   []license  `json:"licenses"`
	PURL       string     `json:"purl"`
	Properties []property `json:"properties,omitempty"`
}

type digest struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// license is either an identifier or an expression.
type license struct {
	License    *licenseID `json:"license,omitempty"`
	Expression string     `json:"expression,omitempty"`
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
