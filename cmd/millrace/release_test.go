package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"millrace/pipeline"
	"millrace/pipeline/columnar"
	"millrace/pipeline/store"
)

// released runs the job as the command does.
func released(t *testing.T, corpus, recipeText, out string, more ...string) execution {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recipe.yaml")
	put(t, file, recipeText)
	e := execute(t, nil, append([]string{"release", "--recipe", file, "--corpus", corpus, "--out", out}, more...)...)
	if e.code != exitDone {
		t.Fatalf("release: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	return e
}

// textColumn is a column of a table in a folder.
func textColumn(t *testing.T, at, path, column string) (values []string) {
	t.Helper()
	s, err := store.Open(t.Context(), at, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = pipeline.ParquetTable.ReadTable(t.Context(), s, path, columnar.Selection{Text: []string{column}}, nil, func(f *columnar.Frame) error {
		for i := range f.Rows() {
			values = append(values, string(f.Text(column).At(i)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// A user's files have sentences as <BOS>  荆  楚  大  地 … <EOS>, and a trainer gets them so: a document is <BOS>, its characters, <EOS>, by the numbers of the
// corpus's vocabulary.
func TestReleaseOfCharacters(t *testing.T) {
	dir := t.TempDir()
	in, corpus, out := filepath.Join(dir, "news"), filepath.Join(dir, "corpus"), filepath.Join(dir, "release")
	put(t, filepath.Join(in, "1.txt"), "<BOS>  荆  楚  大  地  ，  山  川  秀  丽  。  <EOS>\n<BOS>  江  水  向  东  ，  千  年  不  息  。  <EOS>\n")
	put(t, filepath.Join(in, "2.txt"), "<BOS>  荆  州  古  城  ，  城  墙  依  旧  。  <EOS>\n")
	job(t, jobOptions(t, corpus, in))
	released(t, corpus, "order: corpus\nencode: {tokenizer: chars, bos: <BOS>, eos: <EOS>}\nwrite: [{format: megatron}, {format: parquet, columns: [text]}]\n", out)

	vocabulary, err := os.ReadFile(filepath.Join(corpus, "vocab", "000001", "vocab.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tokens := strings.Split(strings.TrimSuffix(string(vocabulary), "\n"), "\n")
	data, err := os.ReadFile(filepath.Join(out, "megatron", "train", "train-00000-of-00001.bin"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for ; len(data) > 0; data = data[2:] {
		got = append(got, tokens[binary.LittleEndian.Uint16(data)])
	}
	texts := textColumn(t, out, "parquet/train-00000-of-00001.parquet", "text")
	var want []string
	for _, text := range texts {
		want = append(append(append(want, "<BOS>"), strings.Split(text, "")...), "<EOS>")
	}
	if len(texts) != 2 || !strings.HasPrefix(texts[0], "荆楚大地，山川秀丽。") {
		t.Errorf("the texts are %q", texts)
	}
	if strings.ReplaceAll(strings.Join(got, " "), `\u000A`, "\n") != strings.Join(want, " ") { // vocab.txt escapes white space
		t.Errorf("the tokens are\n%s\nnot\n%s", strings.Join(got, " "), strings.Join(want, " "))
	}
}
