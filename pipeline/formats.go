package pipeline

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/millrace/millrace/pipeline/columnar"
)

// TableFormat is a file format of tables, and of documents if there is a sink for it. What a corpus holds in it is written,
// checked, found again and shown by what stands here: nothing else knows a format by its name.
type TableFormat struct {
	Name      string // of the sink, and of the format in commands
	Title     string // for people
	Folder    string // of the corpus, where documents in it lie: a folder a version
	Extension string // of the files

	// Writer begins a file. Its bytes depend on schema, options and rows alone (invariant 1).
	Writer func(w io.Writer, schema []columnar.Column, o columnar.TableOptions) (columnar.TableWriter, error)
	// Check says whether a file that was just written is one of the format and, where the format has it in one place, whether it
	// has that many rows.
	Check func(o Object, rows int64) error
	// Read reads a file again: see columnar.ReadTable. nil: it cannot be read here. A corpus of nothing else is sound by digests
	// and rows, and nobody can be shown what a document says.
	Read func(r io.ReaderAt, size int64, columns columnar.Selection, want func(*columnar.RowGroup) bool, yield func(*columnar.Frame) error) error

	// Beside says that its files do not hold documents, but what is measured of them: their ids, and other columns in each file. They
	// follow the documents wherever these are written anew.
	Beside bool

	// Loaded says that load_dataset reads such files where a card names them. It is told the types of the columns there, unless they
	// are Inferred: where what is written is not of these types, as with nested objects.
	Loaded, Inferred bool
	// Note is for the card: how the files are read, where load_dataset does not, or what else reads them.
	Note string
}

// ParquetTable is Parquet, which ledgers and vocabularies are written in, too.
var ParquetTable = TableFormat{
	Name: "parquet", Title: "Parquet", Folder: DataFolder, Extension: "parquet", Loaded: true,
	Writer: columnar.NewParquetWriter, Check: checkParquet, Read: columnar.ReadTable,
}

// ArrowTable is Arrow IPC, the random access format. The loaders that read Arrow take streams.
var ArrowTable = TableFormat{
	Name: "arrow", Title: "Arrow", Folder: "arrow", Extension: "arrow",
	Note:   "The documents are Arrow files: `pyarrow.ipc.open_file` reads them, `load_dataset` does not.",
	Writer: columnar.NewArrowWriter, Check: checkArrow,
}

// SignalTable is Parquet with the signals of documents: see package signal.
var SignalTable = TableFormat{
	Name: "signals", Title: "signal", Folder: SignalsFolder, Extension: "parquet", Beside: true,
	Note:   "There are only signals of the documents, in Parquet.",
	Writer: columnar.NewParquetWriter, Check: checkParquet, Read: columnar.ReadTable,
}

// Readable says whether documents in the format can be read here.
func (f *TableFormat) Readable() bool { return f.Read != nil && !f.Beside }

// ShardName is the name of a file of documents, below the folder of its version.
func (f *TableFormat) ShardName(shard, shards int) string {
	return fmt.Sprintf("train-%05d-of-%05d.%s", shard, shards, f.Extension)
}

// Holds says whether the path of a file in a corpus is that of documents in this format.
func (f *TableFormat) Holds(path string) bool {
	return strings.HasPrefix(path, f.Folder+"/") && strings.HasSuffix(path, "."+f.Extension)
}

func checkParquet(o Object, rows int64) error {
	n, err := columnar.ParquetRows(o, o.Size())
	if err == nil && n != rows {
		err = fmt.Errorf("it has %d rows, %d were written", n, rows)
	}
	return err
}

const arrowMagic = "ARROW1"

// checkArrow reads the mark at both ends.
func checkArrow(o Object, _ int64) error {
	var start, end [6]byte
	_, err := o.ReadAt(start[:], 0)
	if err == nil {
		_, err = io.ReadFull(io.NewSectionReader(o, o.Size()-int64(len(end)), int64(len(end))), end[:])
	}
	if err == nil && (string(start[:]) != arrowMagic || string(end[:]) != arrowMagic) {
		err = errors.New("it is no Arrow file")
	}
	return err
}

// TableFormats are the formats that documents are written in. Where a version has several, the first that can be read is the one
// that is read.
type TableFormats []TableFormat

// Check says what is wrong with a list of formats: programmer errors, told at the start.
func (l TableFormats) Check() error {
	var errs []error
	names, folders := map[string]bool{}, map[string]bool{}
	for _, folder := range []string{VocabFolder, LedgerFolder, IndexFolder, LinesFolder, CountsFolder, RemovedFolder, ManifestsFolder, WorkFolder} {
		folders[folder] = true
	}
	for i := range l {
		f := &l[i]
		switch {
		case f.Name == "" || names[f.Name]:
			errs = append(errs, fmt.Errorf("format %q: its name is empty or taken", f.Name))
		case f.Folder == "" || strings.Contains(f.Folder, "/") || folders[f.Folder]:
			errs = append(errs, fmt.Errorf("format %s: its folder %q is taken, or no folder's name", f.Name, f.Folder))
		case f.Title == "" || f.Extension == "" || f.Writer == nil || f.Check == nil:
			errs = append(errs, fmt.Errorf("format %s: a title, an extension, a writer or a check is missing", f.Name))
		case !f.Loaded && f.Note == "":
			errs = append(errs, fmt.Errorf("format %s: it is loaded, or a note says how it is read", f.Name))
		}
		names[f.Name], folders[f.Folder] = true, true
	}
	return errors.Join(errs...)
}

// Of returns the format of a file of documents in a corpus, nil if the path is of something else.
func (l TableFormats) Of(path string) *TableFormat {
	for i := range l {
		if l[i].Holds(path) {
			return &l[i]
		}
	}
	return nil
}

// Folders are the folders of the formats, in their order.
func (l TableFormats) Folders() (folders []string) {
	for i := range l {
		folders = append(folders, l[i].Folder)
	}
	return folders
}

// Names are the names of the formats, in their order.
func (l TableFormats) Names() (names []string) {
	for i := range l {
		names = append(names, l[i].Name)
	}
	return names
}
