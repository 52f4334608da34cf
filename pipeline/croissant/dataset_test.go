package croissant

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
)

// A table of one file has its digest, one of several their names; only Parquet has records. Whatever the names are, it is JSON.
func TestEncode(t *testing.T) {
	d := Dataset{
		Name: "a \"b\" <c>\n\x00", Description: "d", License: "cc0-1.0", Version: "2.0.0",
		Tables: []Table{
			{ID: "one", What: "w", Files: []dataset.File{{Path: "a|'b\".parquet", Bytes: 7, SHA256: "ab"}}, Columns: []Column{{"id", "what", columnar.String}, {"n", "", columnar.Int32}}},
			{ID: "two", Files: []dataset.File{{Path: "x"}, {Path: "y"}}, Columns: []Column{{"id", "", columnar.String}}},
			{ID: "text", Media: "text/plain", Files: []dataset.File{{Path: "v.txt"}}, Columns: []Column{{"id", "", columnar.String}}},
			{ID: "none", Columns: []Column{{"id", "", columnar.String}}},
		},
	}
	data := d.Encode()
	if !bytes.Equal(data, d.Encode()) {
		t.Error("twice it is two things")
	}
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Name != d.Name || doc.License != "https://spdx.org/licenses/CC0-1.0.html" || doc.Publisher != nil || doc.Published != "" {
		t.Errorf("%+v", doc)
	}
	if len(doc.Distribution) != 3 || len(doc.RecordSets) != 2 {
		t.Fatalf("%d files, %d records", len(doc.Distribution), len(doc.RecordSets))
	}
	if f := doc.Distribution[0]; f.Type != "cr:FileObject" || f.URL != d.Tables[0].Files[0].Path || f.SHA256 != "ab" || f.Size != "7 B" {
		t.Errorf("%+v", f)
	}
	if f := doc.Distribution[1]; f.Type != "cr:FileSet" || len(f.Includes) != 2 || f.SHA256 != "" {
		t.Errorf("%+v", f)
	}
	if r := doc.RecordSets[0]; r.Fields[1].DataType != "sc:Integer" || r.Fields[0].Source.FileObject.ID != "one-files" || doc.RecordSets[1].Fields[0].Source.FileSet.ID != "two-files" {
		t.Errorf("%+v", r)
	}
}

func TestLicenseURL(t *testing.T) {
	for license, want := range map[string]string{
		"CC-BY-4.0": "https://spdx.org/licenses/CC-BY-4.0.html", "odc-by-1.0": "https://spdx.org/licenses/ODC-By-1.0.html", "other": "other", "https://e.org/l": "https://e.org/l", "": "",
	} {
		if got := LicenseURL(license); got != want {
			t.Errorf("%q is %q", license, got)
		}
	}
}
