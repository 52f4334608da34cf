package pipeline

import (
	"strings"
	"testing"
)

// What two formats would do to each other is said before either writes.
func TestTableFormatsCheck(t *testing.T) {
	if err := (TableFormats{ParquetTable, ArrowTable}).Check(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*TableFormat){
		"its name is empty or taken":                     func(f *TableFormat) { f.Name = "parquet" },
		`its folder "data" is taken`:                     func(f *TableFormat) { f.Folder = "data" },
		`its folder "vocab" is taken`:                    func(f *TableFormat) { f.Folder = "vocab" },
		`its folder "a/b" is taken, or no folder's name`: func(f *TableFormat) { f.Folder = "a/b" },
		"a writer or a check is missing":                 func(f *TableFormat) { f.Check = nil },
		"a note says how it is read":                     func(f *TableFormat) { f.Note = "" },
	} {
		f := ArrowTable
		change(&f)
		if err := (TableFormats{ParquetTable, f}).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// A file is of the format whose folder and extension it has.
func TestTableFormatsOf(t *testing.T) {
	list := TableFormats{ParquetTable, ArrowTable}
	for path, want := range map[string]string{
		"data/000001-89abcdef/train-00000-of-00001.parquet": "parquet", "arrow/000001/train-00000-of-00001.arrow": "arrow",
		"arrow/000001/chars.parquet": "", "ledger/000001/files.parquet": "", "data": "", "": "",
	} {
		got := ""
		if f := list.Of(path); f != nil {
			got = f.Name
		}
		if got != want {
			t.Errorf("%s is of %q, want %q", path, got, want)
		}
	}
}
