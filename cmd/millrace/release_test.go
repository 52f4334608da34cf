package main

import (
	"cmp"
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/store"
)

// released runs the job as the command does.
func released(t *testing.T, corpus, recipeText, out string, more ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recipe.yaml")
	put(t, file, recipeText)
	e := execute(t, nil, append([]string{"release", "--recipe", file, "--corpus", corpus, "--out", out}, more...)...)
	if e.code != exitDone {
		t.Fatalf("release: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
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

// Every document of a corpus is explained in a release as its tables have it, and two releases differ by what their explanations say.
func TestReleaseExplainsAndDiffers(t *testing.T) {
	in := news(t, 86, 60)
	dir := t.TempDir()
	corpus, one, two := filepath.Join(dir, "corpus"), filepath.Join(dir, "one"), filepath.Join(dir, "two")
	job(t, jobOptions(t, corpus, in))
	const common = "encode: {tokenizer: chars, eos: <EOS>}\nwrite: [{format: npy}]\nshards: {number: 2}\n"
	released(t, corpus, "select: [chars >= 300]\nsplit: {validation: 0.2}\n"+common, one)
	released(t, corpus, "mix: {by: source, documents: 80, repeat_at_most: 3}\nsplit: {validation: 0.4}\n"+common, two)

	explain := func(at string) (of map[string]release.Explained, left int) {
		of = map[string]release.Explained{}
		r := releaseOf(t, at)
		var ids []string
		for _, folder := range []string{"released", "left_out"} {
			tables, err := filepath.Glob(filepath.Join(at, folder, "*.parquet"))
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range tables {
				ids = append(ids, textColumn(t, at, folder+"/"+filepath.Base(table), "id")...)
			}
		}
		if int64(len(ids)) != r.Documents {
			t.Fatalf("%s: %d documents of %d", at, len(ids), r.Documents)
		}
		tokens, copies := int64(0), int64(0)
		for _, id := range ids {
			e, err := release.Explain(t.Context(), at, id, store.Access{})
			if err != nil {
				t.Fatal(err)
			}
			of[id] = *e
			if e.Reason != "" {
				left++
				continue
			}
			copies += e.Copies
			if int64(len(e.Places)) != e.Copies {
				t.Errorf("%s: %d places, %d copies", id, len(e.Places), e.Copies)
			}
			first := false
			for _, p := range e.Places {
				tokens += p.End - p.Start
				first = first || p.Shard == e.Shard && p.Start == e.Position
				if p.End-p.Start != e.Tokens || !strings.HasPrefix(p.Shard, e.Split+"-") {
					t.Errorf("%s: %+v of %+v", id, p, e)
				}
			}
			if !first {
				t.Errorf("%s: the first copy is nowhere: %+v", id, e)
			}
		}
		want := int64(0)
		for _, s := range r.Splits {
			want += s.Tokens
		}
		if tokens != want || copies != r.Copies || int64(len(of)-left) != r.Released {
			t.Errorf("%s: %d tokens of %d, %d copies of %d, %d released of %d", at, tokens, want, copies, r.Copies, len(of)-left, r.Released)
		}
		return of, left
	}
	a, left := explain(one)
	b, _ := explain(two)
	if left == 0 {
		t.Error("nothing was left out")
	}
	want := map[string]int64{}
	for id, x := range a {
		y := b[id]
		says := func(e *release.Explained) string {
			if e.Reason != "" {
				return "left out: " + e.Reason
			}
			return "in " + e.Split
		}
		switch was, is := says(&x), says(&y); {
		case was != is:
			want[was+" → "+is]++
		case x.Copies < y.Copies:
			want[is+", more often"]++
		case x.Copies > y.Copies:
			want[is+", less often"]++
		}
	}
	d, err := release.Diff(t.Context(), one, two, store.Access{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, c := range d.Changes {
		got[c.What] = c.Documents
		if len(c.Examples) != int(min(c.Documents, 2)) {
			t.Errorf("%s: %d examples of %d", c.What, len(c.Examples), c.Documents)
		}
	}
	if len(want) < 2 || !maps.Equal(got, want) || d.Same || d.OnlyA.Documents+d.OnlyB.Documents != 0 {
		t.Errorf("they differ by %v, not %v: %+v", got, want, d)
	}
	said := map[string][2]string{}
	for _, s := range d.Recipe {
		said[s.Path] = [2]string{s.A, s.B}
	}
	if said["split.validation"] == [2]string{} && said["split.shares.validation"] == [2]string{} || said["encode.eos"] != [2]string{} {
		t.Errorf("the recipes differ by %v", said)
	}

	// As commands.
	for id, e := range a {
		out := execute(t, nil, "explain", one, id)
		if want := cmp.Or(e.Reason, e.Split); out.code != exitDone || !strings.Contains(out.stdout, want) {
			t.Errorf("explain: exit %d\n%s%s", out.code, out.stdout, out.stderr)
		}
		break
	}
	if e := execute(t, nil, "diff", one, two); e.code != exitDone || !strings.Contains(e.stdout, " → ") || !strings.Contains(e.stdout, "recipe ") {
		t.Errorf("diff: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	if e := execute(t, nil, "diff", one, one); e.code != exitDone || !strings.Contains(e.stdout, "the files are the same") {
		t.Errorf("diff with itself: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	for _, args := range [][]string{{"explain", one, strings.Repeat("0", 32)}, {"release", "explain", one, "news"}} {
		if e := execute(t, nil, args...); e.code != exitUsage {
			t.Errorf("%v: exit %d\n%s", args, e.code, e.stderr)
		}
	}
	if e := execute(t, nil, "diff", one, corpus); e.code != exitUsage {
		t.Errorf("a release with a corpus: exit %d\n%s", e.code, e.stderr)
	}
}
