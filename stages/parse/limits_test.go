package parse

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// repeated is a file of a beginning and then the same bytes over and over, of which none is on a disk.
type repeated struct {
	head, body []byte
	size       int64
}

func (r repeated) Size() int64 { return r.size }

func (repeated) Close() error { return nil }

func (r repeated) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < r.size {
		from := r.head
		at := off
		if off >= int64(len(r.head)) {
			from, at = r.body, (off-int64(len(r.head)))%int64(len(r.body))
		}
		k := copy(p[n:min(int64(len(p)), int64(n)+r.size-off)], from[at:])
		n += k
		off += int64(k)
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// grown is how many bytes the process took from the system while f ran.
func grown(f func()) int64 {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.Sys) - int64(before.Sys)
}

// gzipBomb has 64 MiB of zeros in every member.
func gzipBomb(t *testing.T) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// hugeShare divides what is huge: the race detector makes all of this thirty times slower, and `make test` runs these tests
// without it too.
func hugeShare() int64 {
	if pipelinetest.Race {
		return 16
	}
	return 1
}

// TestHugeInput reads files that hold far more than memory does: it stays below a batch, a document and a decoder.
func TestHugeInput(t *testing.T) {
	pipelinetest.Long(t)
	const stored = 20 << 20
	line := bytes.Repeat([]byte("长"), 4096)
	bomb := gzipBomb(t)
	zstdBomb := repeated{ // a frame of 8 MiB windows, in blocks of one byte 131072 times
		head: []byte{0x28, 0xB5, 0x2F, 0xFD, 0, 13 << 3}, body: []byte{2, 0, 0x10, 'a'}, size: stored,
	}
	for name, c := range map[string]struct {
		object pipeline.Object
		codec  string
		reason string
		scope  columnar.Scope
	}{
		"line of 4 GB": {repeated{body: line, size: 4 << 30 / hugeShare()}, codec.None, ingest.ReasonTooLarge, columnar.ScopeDocument},
		"gzip bomb":    {repeated{body: bomb, size: stored / int64(len(bomb)) * int64(len(bomb))}, codec.Gzip, ingest.ReasonExpansion, columnar.ScopeFile},
		"zstd bomb":    {zstdBomb, codec.Zstd, ingest.ReasonExpansion, columnar.ScopeFile},
	} {
		for _, rule := range []string{RuleLine, RuleFile} {
			t.Run(name+"/"+rule, func(t *testing.T) {
				in := newInput()
				in.add(ingest.File{Path: "file", Format: Text, Document: rule, Compression: c.codec}, c.object)
				in.cfg.MaxDocumentBytes = 16 << 20
				in.cfg.MaxExpandedBytes = 1 << 30 / hugeShare() // less than by default, to be done sooner
				var rejects []columnar.Reject
				n := grown(func() { _, rejects, _, _ = in.raw(t) })
				if n > 128<<20 {
					t.Errorf("took %d MiB", n>>20)
				}
				want, scope := c.reason, c.scope
				if rule == RuleFile {
					want, scope = ingest.ReasonTooLarge, columnar.ScopeFile
				}
				if len(rejects) != 1 || rejects[0].Reason != want || rejects[0].Scope != scope {
					t.Errorf("rejects %v", rejects)
				}
			})
		}
	}
}

// hugeZip has n members of one byte. Nothing but their number is large.
func hugeZip(n int) []byte {
	const local, entry = 30, 46
	le := binary.LittleEndian
	var members, directory []byte
	for i := range n {
		name := fmt.Sprintf("%07d", i)
		data := []byte{byte('a' + i%26)}
		at := len(members)
		h := make([]byte, local)
		le.PutUint32(h, 0x04034b50)
		le.PutUint32(h[14:], crc32.ChecksumIEEE(data))
		le.PutUint32(h[18:], 1)
		le.PutUint32(h[22:], 1)
		le.PutUint16(h[26:], uint16(len(name)))
		members = append(append(append(members, h...), name...), data...)
		e := make([]byte, entry)
		le.PutUint32(e, 0x02014b50)
		copy(e[16:28], h[14:26])
		le.PutUint16(e[28:], uint16(len(name)))
		le.PutUint32(e[42:], uint32(at))
		directory = append(append(directory, e...), name...)
	}
	end := make([]byte, 22)
	le.PutUint32(end, 0x06054b50)
	le.PutUint32(end[12:], uint32(len(directory)))
	le.PutUint32(end[16:], uint32(len(members)))
	return append(append(members, directory...), end...)
}

// TestHugeZip reads a zip file of a million members, one by one.
func TestHugeZip(t *testing.T) {
	entries := 1_000_000 / int(hugeShare())
	in := one(Zip, RuleMember, "", hugeZip(entries))
	documents, last := 0, int64(-1)
	n := grown(func() {
		in.each(t, func(b *columnar.Batch) {
			documents += b.Len()
			for i := range b.Len() {
				if b.Offset[i] != last+2 && last >= 0 {
					t.Fatalf("a document at %d behind %d", b.Offset[i], last)
				}
				last = b.Offset[i]
			}
			if len(b.Rejects) > 0 {
				t.Fatal(b.Rejects)
			}
		})
	})
	if documents != entries || n > 64<<20 {
		t.Errorf("%d documents, took %d MiB", documents, n>>20)
	}
}
