package croissant

import (
	"cmp"
	"strings"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Name is the file of a description, beside what it describes.
const Name = "croissant.json"

// ParquetMedia is the media type of Parquet. Tables of it have their records described.
const ParquetMedia = "application/x-parquet"

// Dataset is what is described. What is empty is not said.
type Dataset struct {
	Name, Description   string
	License             string // SPDX, an address, or a word
	Version             string // three numbers, with points between them
	Citation, Publisher string
	Languages, Tags     []string
	Published, Modified string // RFC 3339
	Tables              []Table
}

// Table is some files with the same columns.
type Table struct {
	// ID names the table among those of the dataset: letters, digits and - alone. What says what it is, for people.
	ID, What string
	// Folder is where the files lie, as people write it: ledger/…/files.parquet.
	Place string
	// Media is the media type of the files, whose paths are from the folder of the description. A table without files is not described.
	Media string
	Files []dataset.File
	// Globs, if there are some, name the files in place of their paths.
	Globs []string
	// Columns are described where the files are Parquet.
	Columns []Column
}

// Column is one of a table.
type Column struct {
	Name, What string
	Type       columnar.Type
}

// Columns are those of a schema, with what is said of each: a column of which nothing is said has the empty text.
func Columns(schema []columnar.Column, what map[string]string) (list []Column) {
	for _, c := range schema {
		list = append(list, Column{Name: c.Name, What: what[c.Name], Type: c.Type})
	}
	return list
}

// TypeName is the word for the type in tables for people.
func (c *Column) TypeName() string {
	switch c.Type {
	case columnar.Binary:
		return "binary"
	case columnar.Int32:
		return "int32"
	case columnar.Int64:
		return "int64"
	default:
		return "string"
	}
}

// LicenseURL is the address of a license, or what was given if none is known for it.
func LicenseURL(license string) string {
	if id, ok := spdx[strings.ToLower(license)]; ok {
		return "https://spdx.org/licenses/" + id + ".html"
	}
	return license
}

// IsAddress says whether a text is the address of a page.
func IsAddress(text string) bool {
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// spdx are the identifiers of licenses that datasets have, as SPDX writes them, by what they are in small letters: case means nothing in them, and
// much in an address.
var spdx = byLower(
	"0BSD", "AFL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "C-UDA-1.0",
	"CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0",
	"CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-PDDC", "CC0-1.0", "CDLA-Permissive-1.0",
	"CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "ECL-2.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "GFDL-1.3-only", "GFDL-1.3-or-later", "GPL-2.0-only",
	"GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-2.1-only", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "MS-PL",
	"MulanPSL-2.0", "NCSA", "ODbL-1.0", "ODC-By-1.0", "OGL-UK-3.0", "OSL-3.0", "PDDL-1.0", "PostgreSQL", "Unlicense", "WTFPL", "Zlib",
)

func byLower(ids ...string) map[string]string {
	m := map[string]string{}
	for _, id := range ids {
		m[strings.ToLower(id)] = id
	}
	return m
}

// encoded is the media type of the files of a table.
func (t *Table) encoded() string { return cmp.Or(t.Media, ParquetMedia) }
