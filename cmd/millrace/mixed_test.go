package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestMixedFilesAreInTheLedger: of each file the ledger says what it was taken for, and how many of its texts were in another
// encoding; the same for a worker that does the whole chain and for one a stage.
func TestMixedFilesAreInTheLedger(t *testing.T) {
	t.Parallel()
	in := t.TempDir()
	lines := func(from, n int, sentence string, encode func(string) (string, error)) string {
		var out strings.Builder
		for i := from; i < from+n; i++ {
			text, err := json.Marshal(fmt.Sprintf(sentence, i))
			if err != nil {
				t.Fatal(err)
			}
			line, err := encode(`{"text": ` + string(text) + "}\n")
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString(line)
		}
		return out.String()
	}
	const chinese, french = "图书馆的老馆长说，第%d本书借出去以后再也没有回来，读者们都很惋惜。", "L'été dernier, la mairie a rénové l'école numéro %d, et la bibliothèque à côté."
	plain := func(s string) (string, error) { return s, nil }
	gbk, latin := simplifiedchinese.GBK.NewEncoder().String, charmap.Windows1252.NewEncoder().String
	for name, data := range map[string]string{
		"a.jsonl": lines(0, 30, chinese, plain),
		"b.jsonl": lines(100, 300, chinese, gbk) + lines(500, 20, chinese, plain),
		"c.jsonl": lines(0, 40, french, plain) + lines(50, 7, french, latin),
	} {
		if err := os.WriteFile(filepath.Join(in, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	type row struct {
		Path     string `parquet:"path"`
		Encoding string `parquet:"encoding"`
		Other    int64  `parquet:"other_encoding"`
	}
	want := []row{{"a.jsonl", "", 0}, {"b.jsonl", "gb18030", 20}, {"c.jsonl", "", 7}}
	var digest string
	for _, workers := range [][][]string{nil, eachStage()} {
		out := filepath.Join(t.TempDir(), "out")
		o := jobOptions(t, out, in)
		o.Workers = workers
		r := job(t, o)
		if digest == "" {
			digest = r.Digest
		}
		if got := readRows[row](t, filepath.Join(out, "ledger", "000001", "files.parquet")); fmt.Sprint(got) != fmt.Sprint(want) || r.Digest != digest {
			t.Errorf("%v, want %v; digests %s and %s", got, want, r.Digest, digest)
		}
	}
}
