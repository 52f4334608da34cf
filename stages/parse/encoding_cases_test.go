package parse

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestSharedEncodingCases: files that change their encoding, that have one accent, that declare one, and that are in one which
// nothing tells.
func TestSharedEncodingCases(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(pipelinetest.Shared(t, "../cases/"+name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, of := range map[string]func(string) (string, error){
		"f01_gbk_then_utf8.jsonl.gz":    simplifiedchinese.GBK.NewDecoder().String,
		"f01_cp1252_then_utf8.jsonl.gz": charmap.Windows1252.NewDecoder().String,
	} {
		stored := read(name)
		z, err := gzip.NewReader(bytes.NewReader(stored))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		var want []string
		for i, line := range lines {
			var record struct{ Text string }
			if i < 900 {
				if line, err = of(line); err != nil {
					t.Fatal(err)
				}
			}
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Fatal(err)
			}
			want = append(want, record.Text)
		}
		for _, in := range []*input{found(t, name, stored, 0), found(t, "a.jsonl", data, 0)} {
			documents, _, rejects, counters := in.documents(t)
			if len(documents) != len(want) || len(rejects) > 0 || counters["other_encoding"] == 0 {
				t.Errorf("%s: %d documents of %d, %d rejects, %v", name, len(documents), len(want), len(rejects), counters)
			}
			checkSubsequence(t, name, texts(documents), want)
		}
	}
	for name, has := range map[string]string{"f02_mexico.txt": "México", "f02_declared_latin1.html": "Kraków"} {
		documents, _, rejects, _ := found(t, name, read(name), 0).documents(t)
		if len(documents) != 1 || len(rejects) > 0 || !strings.Contains(documents[0].Text, has) {
			t.Errorf("%s: %v, %v", name, documents, rejects)
		}
	}
	for _, name := range []string{"f09_fi.mac.txt", "f09_sv.mac.txt"} {
		if d := Detect(name, read(name), Default()); d.Reject != ingest.ReasonEncodingUnknown {
			t.Errorf("%s: %+v, %s", name, d, d.Reject)
		}
	}
}

// TestDeclaredLatin: a page, and an answer of a server, that declares a Latin encoding has it, if it has one accent.
func TestDeclaredLatin(t *testing.T) {
	for _, word := range []string{"M\xe9xico", "Krak\xf3w", "fa\xe7ade", "Z\xfcrich", "\xc5rhus", "caf\xe9", "ni\xf1o", "\xe9tat"} {
		want, err := charmap.Windows1252.NewDecoder().String(word)
		if err != nil {
			t.Fatal(err)
		}
		for _, label := range []string{"iso-8859-1", "windows-1252", "latin1"} {
			page := "<html><head><meta charset=\"" + label + "\"><title>" + word + "</title></head><body><p>The train leaves for " + word +
				" at noon, and nobody knows why it is late.</p></body></html>"
			documents, _, rejects, _ := found(t, "a.html", []byte(page), 0).documents(t)
			if len(documents) != 1 || !strings.Contains(documents[0].Text, want) {
				t.Errorf("%s, %s: %v, %v", want, label, documents, rejects)
			}
			body := "The train leaves for " + word + " at noon.\n"
			header := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=%s\r\n\r\n", label)
			documents, _, rejects, _ = found(t, "a.warc", []byte(archived("response", "application/http; msgtype=response", header+body)), 0).documents(t)
			if len(documents) != 1 || !strings.Contains(documents[0].Text, want) {
				t.Errorf("%s, %s: %v, %v", want, label, documents, rejects)
			}
		}
	}
}

// TestFirstAccentLate: the same file gives the same text, however it is stored and wherever its first accent stands.
func TestFirstAccentLate(t *testing.T) {
	pipelinetest.Long(t)
	text := inEncoding(t, charmap.Windows1252, strings.Repeat("La vieille librairie a rouvert hier, et les élèves étaient déjà là.\nUn café, deux thés.\n", 400))
	for _, ascii := range []int{0, 60 << 10, 300 << 10, 1<<20 - 100, 1 << 20, 2 << 20} {
		data := strings.Repeat("Nothing but words of plain english in a line.\n", ascii/46+1) + text
		var first []string
		for _, w := range switchStorings {
			in := w.of(t, "a.jsonl.txt", data)
			for i := range in.from.Plan.Files {
				in.from.Plan.Files[i].Document = RuleLine
			}
			in.cfg.Document = RuleLine
			documents, _, rejects, _ := in.documents(t)
			got := texts(documents)
			if len(rejects) > 0 || len(got) == 0 || got[len(got)-1] != "Un café, deux thés." {
				t.Fatalf("%s, behind %d: %d documents, %+v", w.name, ascii, len(got), rejects[:min(1, len(rejects))])
			}
			if first == nil {
				first = got
			} else if strings.Join(first, "\n") != strings.Join(got, "\n") {
				t.Errorf("%s, behind %d: another text than plain", w.name, ascii)
			}
		}
	}
}
