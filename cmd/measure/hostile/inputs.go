// Package hostile makes inputs that ask for more memory than there is: lines and rows of gigabytes, bombs, a million levels,
// archives of a million members. Each is made without being in memory itself, from constants and fixed seeds, so that it is the
// same each time. It reads nothing, and knows nothing of the program that is to survive them.
package hostile

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
)

// Input is one input that asks for more memory than there is.
type Input struct {
	Name     string   // unique
	File     string   // what its file is called: the extension says what it is
	Settings []string // environment of the run
	make     maker
}

// Write makes the file, and returns how many bytes it decodes to.
func (in *Input) Write(path string) (int64, error) { return created(path, in.make) }

// maker fills a file, and returns how many bytes it decodes to.
type maker func(w *output) (int64, error)

// output is a file that is written.
type output struct {
	*bufio.Writer
	file *os.File
}

const (
	lineBytes  = 4 << 30
	bombBytes  = 20 << 30
	linesBytes = 256 << 20 // twenty million documents
	nestLevels = 1_000_000
	groupBytes = 2 << 30
	entries    = 1_000_000

	byLine  = "MILLRACE_PARSE_DOCUMENT=line"
	noRatio = "MILLRACE_PARSE_MAX_EXPANSION=1000000000"
)

const hanLine = "隆冬季节，风寒水冷。省总工会大楼会议室里灯火通明。"

// Inputs is every input, in the order of the table.
var Inputs = []Input{
	{"text, 4 GB line, one document", "a.txt", nil, endless(hanLine, "\n"+hanLine+"\n")},
	{"text, 4 GB line, by line", "a.txt", []string{byLine}, endless(hanLine, "\n"+hanLine+"\n")},
	{"chars, 4 GB line", "a.txt", []string{byLine, "MILLRACE_PARSE_FORMAT=chars"}, endless("<BOS> 一 行 ", " <EOS>\n<BOS> 二 行 <EOS>\n")},
	{"segmented, 4 GB line", "a.txt", []string{byLine, "MILLRACE_PARSE_FORMAT=segmented"}, endless("一行/n  文字/n  ", "\n二/m  行/q\n")},
	{"conll, 4 GB line", "a.conll", []string{"MILLRACE_PARSE_FORMAT=conll", "MILLRACE_PARSE_DOCUMENT=blank_line"}, endless("一\tB\n行\tE\n文\t", "\n\n二\tB\n")},
	{"jsonl, 4 GB line", "a.jsonl", nil, endless(`{"text":"`+hanLine, "\"}\n{\"text\":\"二行\"}\n")},
	{"json, 4 GB string", "a.json", nil, endless(`[{"text":"`+hanLine, "\"},\n{\"text\":\"二行\"}]\n")},
	{"csv, 4 GB field", "a.csv", nil, endless("id,text\n1,\""+hanLine, "\"\n2,二行\n")},
	{"tsv, 4 GB field", "a.tsv", nil, endless("id\ttext\n1\t"+hanLine, "\n2\t二行\n")},
	{"html, 4 GB", "a.html", nil, endless("<html><body><p>"+hanLine, "</p></body></html>\n")},
	{"warc, 4 GB record", "a.warc", nil, endlessWARC},
	{"jsonl, GBK, 4 GB line", "a.jsonl", []string{"MILLRACE_PARSE_ENCODING=gb18030"}, endless("{\"text\":\"\xb5\xc4\xd2\xbb", "\"}\n{\"text\":\"\xb5\xc4\"}\n")},

	{"gzip, 20 GB of spaces, one member", "a.txt.gz", nil, gzipBomb(" ", bombBytes)},
	{"gzip, 20 GB of spaces, by line", "a.txt.gz", []string{byLine}, gzipBomb(" ", bombBytes)},
	{"gzip, 20 GB of line ends", "a.jsonl.gz", nil, gzipBomb("\n", bombBytes)},
	{"gzip, 256 MB of short lines", "a.jsonl.gz", nil, gzipBomb("{\"text\":\"a\"}\n", linesBytes)},
	{"gzip, 20 GB of lines of 63 MiB", "a.txt.gz", []string{byLine}, longLines(gzipBomb)},
	{"gzip, 20 GB, many members", "a.txt.gz", []string{byLine}, gzipMembers},
	{"gzip, 20 GB of line ends, no ratio", "a.jsonl.gz", []string{noRatio}, gzipBomb("\n", bombBytes)},
	{"zstd, 20 GB of spaces, one frame", "a.txt.zst", []string{byLine}, zstdBomb(" ", bombBytes)},
	{"zstd, 20 GB of line ends", "a.jsonl.zst", nil, zstdBomb("\n", bombBytes)},
	{"zstd, 256 MB of short lines", "a.jsonl.zst", nil, zstdBomb("{\"text\":\"a\"}\n", linesBytes)},
	{"zstd, 20 GB of lines of 63 MiB", "a.txt.zst", []string{byLine}, longLines(zstdBomb)},
	{"zstd, 20 GB of one line, no ratio", "a.txt.zst", []string{byLine, noRatio}, zstdBomb(" ", bombBytes)},
	{"zstd, window of 2 GB", "a.txt.zst", []string{byLine}, zstdWindow},

	{"json, arrays 10^6 deep", "a.json", nil, nested("[", "1", "]")},
	{"json, objects 10^6 deep", "a.json", nil, nested(`{"a":`, "1", "}")},
	{"json, arrays 6·10^7 deep, not closed", "a.json", nil, repeated("[", 60_000_000)},
	{"jsonl, arrays 10^6 deep", "a.jsonl", nil, nested("[", "1", "]")},
	{"jsonl, objects 10^6 deep", "a.jsonl", nil, nested(`{"text":`, `"一"`, "}")},
	{"jsonl, metadata 10^6 deep", "a.jsonl", nil, inMetadata("[", "]")},
	{"jsonl, metadata 10^6 deep, objects", "a.jsonl", nil, inMetadata(`{"a":`, "1}")},
	{"jsonl, 32 lines of 63 MB", "a.jsonl", nil, largeDocuments},
	{"html, 10^6 deep", "a.html", nil, nested("<div>", hanLine, "</div>")},
	{"markdown, 10^6 deep", "a.md", []string{"MILLRACE_PARSE_FORMAT=markdown"}, nested("> ", hanLine, "")},
	{"jsonl, 5·10^6 bad lines", "a.jsonl", nil, repeated("x\n", 5_000_000)},

	{"parquet, row group of 2 GB of text", "a.parquet", nil, parquetText},
	{"parquet, 2 GB of equal pages", "a.parquet", nil, parquetPages(1<<20, groupBytes>>20)},
	{"parquet, one page of 2 GB", "a.parquet", nil, parquetPages(groupBytes-1<<20, 1)},
	{"parquet, 2 GB by one entry of a dictionary", "a.parquet", nil, parquetDictionary(1 << 10)},
	{"parquet, dictionary of 500 MB", "a.parquet", nil, parquetDictionary(500 << 20)},
	{"parquet, 2^60 rows", "a.parquet", nil, parquetClaims},
	{"parquet, rows of 60 MB", "a.parquet", []string{noRatio}, parquetRows},
	{"arrow, record batch of 2 GB", "a.arrow", nil, arrowBatch(false)},
	{"arrow, record batch of 2 GB, zstd", "a.arrow", nil, arrowBatch(true)},

	{"zip, 10^6 entries", "a.zip", nil, zipEntries("一行文字%d\n")},
	{"zip, 10^6 entries that are rejected", "a.zip", nil, zipEntries("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00%d")},
	{"zip, 10^6 entries that overlap", "a.zip", nil, zipOverlap},
	{"tar, 10^6 entries", "a.tar", nil, tarEntries(false)},
	{"tar.gz, 10^6 entries", "a.tar.gz", nil, tarEntries(true)},
}

// created makes a file and has it filled.
func created(path string, fill maker) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := &output{bufio.NewWriterSize(f, 1<<20), f}
	n, err := fill(w)
	return n, errors.Join(err, w.Flush(), f.Close())
}

// chunked writes a text again and again, up to n bytes, by large writes.
func chunked(w io.Writer, text string, n int64) error {
	many := strings.Repeat(text, max(1, (1<<20)/len(text)))
	for n > 0 {
		k, err := io.WriteString(w, many[:min(n, int64(len(many)))])
		if err != nil {
			return err
		}
		n -= int64(k)
	}
	return nil
}
