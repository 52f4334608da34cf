package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// toy is formats by name: .lines has a document a line, .txt is one document, .gz is said to be compressed though it holds lines as
// they are, and .bin is no text. A head that begins with a question mark says too little.
type toy struct{}

func (toy) Detect(_, name string, head []byte) ingest.Detection {
	d := ingest.Detection{Format: "lines", Document: "line", Cut: true, Why: "the name"}
	switch path.Ext(name) {
	case ".txt":
		d.Format, d.Document, d.Cut = "text", "file", false
	case ".gz":
		d.Compression = "gzip"
	case ".bin":
		d = ingest.Detection{Format: "text", Document: "file", Reject: ingest.ReasonBinary, Why: "no text"}
	}
	if bytes.HasPrefix(head, []byte("?")) {
		d.More = len(head) <= headBytes
		d.Encoding = "seen " + string(head[len(head)-1:])
	}
	return d
}

// Cut finds a place in the middle, none in a file that begins with "whole", and an error in one that begins with "bad".
func (toy) Cut(ctx context.Context, in ingest.Input, file int, _ int64) ([]ingest.Piece, error) {
	data, err := read(ctx, in, file)
	switch {
	case err != nil:
		return nil, err
	case bytes.HasPrefix(data, []byte("whole")):
		return nil, nil
	case bytes.HasPrefix(data, []byte("bad")):
		return nil, &pipeline.RejectError{Reason: pipeline.ReasonUnreadable, Err: errors.New("no such stream")}
	}
	n := int64(len(data))
	return []ingest.Piece{{File: file, End: n / 2, To: n}, {File: file, Start: n / 2, End: n, From: n}}, nil
}

// Expected is twice of what is stored of compressed files, and no more at least.
func (toy) Expected(_ context.Context, in ingest.Input, file int) (expected, least int64, err error) {
	f := &in.Plan.Files[file]
	if f.Compression != "" {
		return 2 * f.Bytes, f.Bytes, nil
	}
	return f.Bytes, f.Bytes, nil
}

func (toy) Line(ctx context.Context, in ingest.Input, file int, offset int64) (int64, error) {
	data, err := read(ctx, in, file)
	if err != nil {
		return 0, err
	}
	return int64(bytes.Count(data[:offset], []byte("\n"))) + 1, nil
}

func (toy) Pages(context.Context, ingest.Input, int, int) ([]ingest.ShownPage, error) {
	return nil, nil
}

func (toy) Open(ctx context.Context, in ingest.Input, split int) (pipeline.Reader, error) {
	return &toyReader{in: in, pieces: in.Plan.Splits[split].Pieces}, ctx.Err()
}

// toyReader makes a batch of each piece.
type toyReader struct {
	in     ingest.Input
	pieces []ingest.Piece
}

func (r *toyReader) Read(ctx context.Context, b *columnar.Batch) error {
	if len(r.pieces) == 0 {
		return io.EOF
	}
	p := r.pieces[0]
	r.pieces = r.pieces[1:]
	data, err := read(ctx, r.in, p.File)
	if reject, ok := errors.AsType[*pipeline.RejectError](err); ok {
		b.Rejects = append(b.Rejects, columnar.Reject{File: int32(p.File), Scope: columnar.ScopeFile, Reason: reject.Reason, Detail: "gone"})
		return nil
	}
	if err != nil {
		return err
	}
	var end int
	for at := int(p.Start); at < int(p.End); at = end {
		if end = len(data); r.in.Plan.Files[p.File].Document == "line" {
			if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
				end = at + i + 1
			}
		}
		b.File, b.Offset = append(b.File, int32(p.File)), append(b.Offset, int64(at))
		b.Text.Append(data[at:end])
		b.Meta.Append(nil)
	}
	return nil
}

func (r *toyReader) Close() error { return nil }

func read(ctx context.Context, in ingest.Input, file int) (data []byte, err error) {
	o, err := in.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	return io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
}

// louder writes texts in capitals, rejects those with a zero in them and panics at a hash.
type louder struct{}

func (louder) Process(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	mask := make([]bool, b.Len())
	for i := range mask {
		switch text := b.Text.At(i); {
		case bytes.IndexByte(text, '#') >= 0:
			panic("a hash")
		case bytes.IndexByte(text, '0') >= 0:
			b.Rejects = append(b.Rejects, columnar.Reject{File: b.File[i], Offset: b.Offset[i], Reason: "zero", Detail: "a 0"})
		default:
			copy(text, bytes.ToUpper(text))
			mask[i] = true
		}
	}
	b.Keep(mask)
	return b, nil
}

// toyOptions reads the paths with the toy formats.
func toyOptions(paths ...string) Options {
	return Options{
		Paths: paths, Formats: toy{}, MaxDocumentBytes: 1 << 20,
		Text: func(context.Context, *pipeline.Job) ([]pipeline.Stage, error) { return []pipeline.Stage{louder{}}, nil },
	}
}

// write makes a folder with files of such contents, which are an hour old. The folder's name is that of the source.
func write(t *testing.T, source string, contents map[string]string) (root string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), source)
	for name, content := range contents {
		rewrite(t, filepath.Join(root, name), content, time.Now().Add(-time.Hour))
	}
	return root
}

func rewrite(t *testing.T, name, content string, at time.Time) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}

// earlier is what versions of a corpus hold, by name of the file.
type earlier map[fileName]earlierFile

type earlierFile struct {
	bytes, modTime int64
	digest         [16]byte
	rejects        int64
	from           int
	as             string // rejected so, and tried again
	stale          bool   // some other state of it may be live
	lost           int    // the version that read it, if documents of it lost to some that were withdrawn
}

// hold makes the files of a plan what a version holds.
func hold(t *testing.T, p *ingest.Plan) earlier {
	t.Helper()
	e := earlier{}
	for i := range p.Files {
		f := &p.Files[i]
		data, _ := os.ReadFile(filepath.Join(p.Sources[f.Source].Root, f.Path)) // what cannot be read has no content
		e[fileName{p.SourceName(int32(i)), f.Path}] = earlierFile{bytes: f.Bytes, modTime: f.ModTime, digest: xxh3.Hash128(data).Bytes()}
	}
	return e
}

// change changes what is held of a file of the source news.
func (e earlier) change(path string, change func(*earlierFile)) {
	f := e[fileName{"news", path}]
	change(&f)
	e[fileName{"news", path}] = f
}

func (e earlier) is(source, path string, bytes, modTime int64) (f earlierFile, known, same bool) {
	f, known = e[fileName{source, path}]
	return f, known, known && f.bytes == bytes && f.modTime == modTime
}

func (e earlier) Has(source, path string, bytes, modTime int64) bool {
	f, _, same := e.is(source, path, bytes, modTime)
	return same && f.as == "" && f.lost == 0
}

func (e earlier) Holds(source, path string, bytes int64, digest [16]byte) bool {
	f, known, _ := e.is(source, path, bytes, 0)
	return known && f.bytes == bytes && f.digest == digest
}

func (e earlier) Changed(source, path string, bytes, modTime int64) bool {
	_, known, same := e.is(source, path, bytes, modTime)
	return known && !same
}

func (e earlier) Rejects(source, path string, bytes, modTime int64) (rejects int64, from int) {
	f, _, same := e.is(source, path, bytes, modTime)
	if same {
		from = f.from
	}
	return f.rejects, from
}

func (e earlier) RejectedAs(source, path string, bytes, modTime int64) string {
	f, _, same := e.is(source, path, bytes, modTime)
	if !same {
		return ""
	}
	return f.as
}

func (e earlier) Replaces(source, path string, bytes, modTime int64) bool {
	f, known, same := e.is(source, path, bytes, modTime)
	return known && (!same || f.stale)
}

func (e earlier) Lost(source, path string, bytes, modTime int64) (from int) {
	f, _, same := e.is(source, path, bytes, modTime)
	if !same {
		return 0
	}
	return f.lost
}

func (e earlier) Unlisted(_ context.Context, sources []string, listed func(key [16]byte) bool) (list []ingest.NamedFile, err error) {
	for name := range e {
		if key, _ := ingest.FileKey(nil, name.source, name.path); slices.Contains(sources, name.source) && !listed(key) {
			list = append(list, ingest.NamedFile{Source: name.source, Path: name.path})
		}
	}
	slices.SortFunc(list, func(a, b ingest.NamedFile) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}
