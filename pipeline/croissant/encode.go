package croissant

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/millrace/millrace/pipeline/columnar"
)

// Encode is the description, as JSON for people and machines, ended by a line feed.
func (d *Dataset) Encode() []byte {
	doc := document{
		Context: json.RawMessage(context), Type: "sc:Dataset", ConformsTo: "http://mlcommons.org/croissant/1.0", Name: d.Name, Description: d.Description,
		License: LicenseURL(d.License), Version: d.Version, CiteAs: d.Citation, Languages: d.Languages, Keywords: d.Tags, Published: d.Published,
		Modified: d.Modified, Distribution: []file{}, RecordSets: []recordSet{},
	}
	if d.Publisher != "" {
		doc.Publisher = &organization{"sc:Organization", d.Publisher}
	}
	for i := range d.Tables {
		t := &d.Tables[i]
		if len(t.Files) == 0 {
			continue
		}
		f := t.distribution()
		doc.Distribution = append(doc.Distribution, f)
		if t.encoded() == ParquetMedia && len(t.Columns) > 0 {
			doc.RecordSets = append(doc.RecordSets, t.records(f))
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(&doc); err != nil {
		panic(err) // programmer error: document holds plain values only
	}
	return b.Bytes()
}

// distribution are the files of a table: one with its digest, or how several are named.
func (t *Table) distribution() file {
	f := file{ID: t.ID + "-files", Name: t.ID + "-files", Description: t.What, Encoding: t.encoded()}
	if len(t.Files) == 1 && len(t.Globs) == 0 {
		one := &t.Files[0]
		f.Type, f.URL, f.Size, f.SHA256 = "cr:FileObject", one.Path, strconv.FormatInt(one.Bytes, 10)+" B", one.SHA256
		return f
	}
	f.Type, f.Includes = "cr:FileSet", t.Globs
	if len(f.Includes) == 0 {
		for i := range t.Files {
			f.Includes = append(f.Includes, t.Files[i].Path)
		}
	}
	return f
}

func (t *Table) records(f file) recordSet {
	r := recordSet{Type: "cr:RecordSet", ID: t.ID, Name: t.ID, Description: t.What}
	for i := range t.Columns {
		c := &t.Columns[i]
		s := source{Extract: extract{c.Name}}
		if f.Type == "cr:FileSet" {
			s.FileSet = &reference{f.ID}
		} else {
			s.FileObject = &reference{f.ID}
		}
		kind := "sc:Text"
		if c.Type == columnar.Int32 || c.Type == columnar.Int64 {
			kind = "sc:Integer"
		}
		r.Fields = append(r.Fields, field{"cr:Field", t.ID + "/" + c.Name, t.ID + "/" + c.Name, strings.TrimSpace(c.What), kind, s})
	}
	return r
}

type document struct {
	Context      json.RawMessage `json:"@context"`
	Type         string          `json:"@type"`
	ConformsTo   string          `json:"conformsTo"`
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	License      string          `json:"license,omitempty"`
	Version      string          `json:"version"`
	CiteAs       string          `json:"citeAs,omitempty"`
	Publisher    *organization   `json:"publisher,omitempty"`
	Languages    []string        `json:"inLanguage,omitempty"`
	Keywords     []string        `json:"keywords,omitempty"`
	Published    string          `json:"datePublished,omitempty"`
	Modified     string          `json:"dateModified,omitempty"`
	Distribution []file          `json:"distribution"`
	RecordSets   []recordSet     `json:"recordSet"`
}

type organization struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

// file is a FileObject or a FileSet.
type file struct {
	Type        string   `json:"@type"`
	ID          string   `json:"@id"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	URL         string   `json:"contentUrl,omitempty"`
	Size        string   `json:"contentSize,omitempty"`
	Encoding    string   `json:"encodingFormat"`
	SHA256      string   `json:"sha256,omitempty"`
	Includes    []string `json:"includes,omitempty"`
}

type recordSet struct {
	Type        string  `json:"@type"`
	ID          string  `json:"@id"`
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Fields      []field `json:"field"`
}

type field struct {
	Type        string `json:"@type"`
	ID          string `json:"@id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	DataType    string `json:"dataType"`
	Source      source `json:"source"`
}

type source struct {
	FileObject *reference `json:"fileObject,omitempty"`
	FileSet    *reference `json:"fileSet,omitempty"`
	Extract    extract    `json:"extract"`
}

type reference struct {
	ID string `json:"@id"`
}

type extract struct {
	Column string `json:"column"`
}

// context is that of the specification of Croissant 1.0.
const context = `{
  "@language": "en",
  "@vocab": "https://schema.org/",
  "citeAs": "cr:citeAs",
  "column": "cr:column",
  "conformsTo": "dct:conformsTo",
  "cr": "http://mlcommons.org/croissant/",
  "rai": "http://mlcommons.org/croissant/RAI/",
  "data": {"@id": "cr:data", "@type": "@json"},
  "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
  "dct": "http://purl.org/dc/terms/",
  "examples": {"@id": "cr:examples", "@type": "@json"},
  "equivalentProperty": "cr:equivalentProperty",
  "extract": "cr:extract",
  "field": "cr:field",
  "fileProperty": "cr:fileProperty",
  "fileObject": "cr:fileObject",
  "fileSet": "cr:fileSet",
  "format": "cr:format",
  "includes": "cr:includes",
  "isLiveDataset": "cr:isLiveDataset",
  "jsonPath": "cr:jsonPath",
  "key": "cr:key",
  "md5": "cr:md5",
  "parentField": "cr:parentField",
  "path": "cr:path",
  "recordSet": "cr:recordSet",
  "references": "cr:references",
  "regex": "cr:regex",
  "repeated": "cr:repeated",
  "replace": "cr:replace",
  "samplingRate": "cr:samplingRate",
  "sc": "https://schema.org/",
  "separator": "cr:separator",
  "source": "cr:source",
  "subField": "cr:subField",
  "transform": "cr:transform"
}`
