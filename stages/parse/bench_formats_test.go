//go:build unix

package parse

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/charset"
	"github.com/millrace/millrace/stages/parse/codec"
)

// cpuTime is what the process has used, in nanoseconds.
func cpuTime(b *testing.B) int64 {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}

// measured runs f and reports MB/s and CPU-ns/byte of size decoded bytes.
func measured(b *testing.B, size int, f func()) {
	b.Helper()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	f() // with what is made once
	runtime.GC()
	before := cpuTime(b)
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N)/float64(size), "CPU-ns/byte")
}

// tool compresses with the program of the name, or skips.
func tool(b *testing.B, name string, data []byte) []byte {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), name, "-c")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		b.Skip(name, err)
	}
	return out
}

// BenchmarkFormats is the table of speed by format: reader and stage together on one core, in bytes of the decompressed
// file. read_ is the reader alone, bare_ the decompressor alone, the same one that the lines before it use.
func BenchmarkFormats(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	files := benchmarkFiles(benchmarkBytes())
	lines, text := files[JSONL], string(files[Text])
	objects := bytes.Split(bytes.TrimSpace(lines), []byte("\n"))
	var documents, pages, texts []string
	var rows bytes.Buffer
	rows.WriteString("id,text\n")
	small := newInput()
	for i, line := range objects {
		var object struct{ Text string }
		if err := json.Unmarshal(line, &object); err != nil {
			b.Fatal(err)
		}
		documents = append(documents, object.Text)
		pages = append(pages, page(object.Text))
		texts = append(texts, archived("conversion", "text/plain", object.Text))
		fmt.Fprintf(&rows, "%d,%q\n", i, strings.ReplaceAll(object.Text, "\n", " "))
		small.add(ingest.File{Path: strconv.Itoa(i), Format: Text, Document: RuleFile}, newObject([]byte(object.Text)))
	}
	narrow := newspaper(rand.New(rand.NewPCG(5, 6)), benchmarkBytes()/4)
	inTable := func(format string) []byte { data, _ := tabled(b, format, documents); return data }
	inBig5 := strings.Map(func(r rune) rune {
		if _, err := traditionalchinese.Big5.NewEncoder().String(string(r)); err != nil {
			return '文'
		}
		return r
	}, text)
	array := append(append([]byte("["), bytes.Join(objects, []byte(","))...), ']')

	for _, f := range []struct {
		name, format, rule, encoding, codec string
		data                                func(b *testing.B) []byte
		size                                int // of the decompressed file, 0: of data
	}{
		{"jsonl", JSONL, RuleLine, "", "", func(*testing.B) []byte { return lines }, 0},
		{"jsonl_escaped", JSONL, RuleLine, "", "", func(*testing.B) []byte { return escaped(lines) }, 0},
		{"text", Text, RuleFile, "", "", func(*testing.B) []byte { return []byte(text) }, 0},
		{"text_lines", Text, RuleLine, "", "", func(*testing.B) []byte { return []byte(text) }, 0},
		{"chars", Chars, RuleFile, "", "", func(*testing.B) []byte { return files[Chars] }, 0},
		{"segmented", Segmented, RuleFile, "", "", func(*testing.B) []byte { return []byte(segmentedLines("  ", "")(narrow)) }, 0},
		{"segmented_tags", Segmented, RuleFile, "", "", func(*testing.B) []byte { return []byte(segmentedLines("  ", "/n")(narrow)) }, 0},
		{"conll", CoNLL, RuleBlankLine, "", "", func(*testing.B) []byte { return []byte(columnLines("\t", "B-PER", "I-PER")(narrow)) }, 0},
		{"csv", CSVFormat, RuleRecord, "", "", func(*testing.B) []byte { return rows.Bytes() }, 0},
		{"json_array", JSON, RuleRecord, "", "", func(*testing.B) []byte { return array }, 0},
		{"parquet", Parquet, RuleRecord, "", "", func(*testing.B) []byte { return inTable(Parquet) }, len(strings.Join(documents, ""))},
		{"arrow", Arrow, RuleRecord, "", "", func(*testing.B) []byte { return inTable(Arrow) }, len(strings.Join(documents, ""))},
		{"warc_html", WARC, RuleRecord, "", "", func(*testing.B) []byte { return crawl(pages) }, 0},
		{"warc_html" + inWhole, WARC, RuleRecord, "", "", func(*testing.B) []byte { return crawl(pages) }, 0},
		{"wet", WARC, RuleRecord, "", "", func(*testing.B) []byte { return []byte(strings.Join(texts, "")) }, 0},
		{"html", HTML, RuleFile, "", "", func(*testing.B) []byte { return []byte(page(text)) }, 0},
		{"html" + inWhole, HTML, RuleFile, "", "", func(*testing.B) []byte { return []byte(page(text)) }, 0},
		{"doc", Doc, RuleRecord, "", "", func(*testing.B) []byte {
			return []byte("<doc><url>u</url><content>" + strings.Join(documents, "</content></doc>\n<doc><url>u</url><content>") + "</content></doc>")
		}, 0},
		{"mediawiki", MediaWiki, RuleRecord, "", "", func(*testing.B) []byte {
			return []byte("<page><title>t</title><revision><text>" + strings.Join(documents, "{{a|b}} [[c|d]]</text></revision></page>\n<page><revision><text>") + "</text></revision></page>")
		}, 0},
		{"feed", Feed, RuleRecord, "", "", func(*testing.B) []byte {
			return []byte("<item><title>t</title><description><![CDATA[<p>" + strings.Join(documents, "</p>]]></description></item>\n<item><description><![CDATA[<p>") + "</p>]]></description></item>")
		}, 0},
		{"markdown", Markdown, RuleFile, "", "", func(*testing.B) []byte { return []byte(text[:1<<20]) }, 0},
		{"text_gb18030", Text, RuleFile, charset.GB18030, "", func(b *testing.B) []byte {
			return []byte(inEncoding(b, simplifiedchinese.GB18030, text))
		}, 0},
		{"text_big5", Text, RuleFile, charset.Big5, "", func(b *testing.B) []byte {
			return []byte(inEncoding(b, traditionalchinese.Big5, inBig5))
		}, 0},
		{"text_utf16le", Text, RuleFile, charset.UTF16LE, "", func(*testing.B) []byte { return []byte(inUTF16(binary.LittleEndian, text)) }, 0},
		{"jsonl_gzip", JSONL, RuleLine, "", codec.Gzip, func(b *testing.B) []byte { return gzipped(b, string(lines)) }, len(lines)},
		{"jsonl_zstd", JSONL, RuleLine, "", codec.Zstd, func(b *testing.B) []byte { return zstded(b, string(lines)) }, len(lines)},
		{"jsonl_lz4", JSONL, RuleLine, "", codec.Lz4, func(b *testing.B) []byte { return lz4ed(b, string(lines)) }, len(lines)},
		{"jsonl_bzip2", JSONL, RuleLine, "", codec.Bzip2, func(b *testing.B) []byte { return tool(b, "bzip2", lines) }, len(lines)},
		{"jsonl_xz", JSONL, RuleLine, "", codec.Xz, func(b *testing.B) []byte { return tool(b, "xz", lines) }, len(lines)},
	} {
		b.Run(f.name, func(b *testing.B) {
			data, size := f.data(b), f.size
			if size == 0 {
				size = len(data)
			}
			in := newInput()
			if strings.HasSuffix(f.name, inWhole) {
				in.cfg.HTML = HTMLPage
			}
			in.add(ingest.File{Path: "file", Format: f.format, Document: f.rule, Encoding: f.encoding, Compression: f.codec}, newObject(data))
			benchInput(b, in, size)
		})
		if f.codec != "" {
			b.Run("read_"+f.codec, func(b *testing.B) {
				in := one(f.format, f.rule, f.codec, f.data(b))
				measured(b, f.size, func() { in.bench(b, nil) })
			})
			b.Run("bare_"+f.codec, func(b *testing.B) { benchCodec(b, f.codec, f.data(b), f.size) })
		}
	}
	b.Run("text_files_of_4_kB", func(b *testing.B) { benchInput(b, small, len(strings.Join(documents, ""))) })
}

// inWhole ends the names of benchmarks that take whole pages, not their articles.
const inWhole = "_whole"

// crawl is an archive of pages.
func crawl(pages []string) []byte {
	var all strings.Builder
	for _, p := range pages {
		all.WriteString(answered("Content-Type: text/html; charset=utf-8", p))
	}
	return []byte(all.String())
}

func benchInput(b *testing.B, in *input, size int) {
	b.Helper()
	stage, err := New(in.cfg, in.from.Plan)
	if err != nil {
		b.Fatal(err)
	}
	measured(b, size, func() { in.bench(b, stage) })
}

// benchCodec decompresses, into a buffer as large as the reader's.
func benchCodec(b *testing.B, name string, data []byte, size int) {
	b.Helper()
	src := codec.NewSource()
	buf := make([]byte, 256<<10)
	measured(b, size, func() {
		src.Reset(bytes.NewReader(data), 0, int64(len(data)))
		s, err := codec.Open(name, src)
		n := 0
		for err == nil {
			var k int
			k, err = s.Read(buf)
			n += k
		}
		if !errors.Is(err, io.EOF) || n != size {
			b.Fatal(n, err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	})
}
