package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/release/texts"
	"github.com/millrace/millrace/pipeline/jobs/train"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// wholeRecipe has every document of a corpus once, all of them to train on.
const wholeRecipe = "write: [{format: parquet, columns: [id, text, source]}]\nshards: {number: 3}\n"

// onRelease are options of a training on a release, which is made of a corpus by a recipe if it is not there, cut into small tasks. It is done beside no corpus.
func onRelease(t *testing.T, out, name, recipeText string) (ingest.Options, train.Params) {
	t.Helper()
	at := filepath.Join(filepath.Dir(out), name)
	if _, err := os.Stat(at); errors.Is(err, os.ErrNotExist) {
		o, p := releaseJob(t, out, name, recipeText)
		releasedBy(t, o, p)
	}
	o, p := trainOptions(t, out)
	p.From, p.Out = at, p.Out+"-of-"+name
	return o, besideAll(t, &o, p)
}

func besideAll(t *testing.T, o *ingest.Options, p train.Params) train.Params {
	t.Helper()
	var err error
	o.Out, err = besideTokenizer(p.Out, "")
	pipelinetest.Must(t, err)
	return p
}

// filesOf are the files of a tokenizer that do not name what it is made of.
func filesOf(t *testing.T, at string) map[string]string {
	t.Helper()
	files := map[string]string{}
	list, err := os.ReadDir(at)
	pipelinetest.Must(t, err)
	for _, e := range list {
		if name := e.Name(); !strings.HasPrefix(name, "report.") && name != "manifest.json" {
			data, err := os.ReadFile(filepath.Join(at, name))
			pipelinetest.Must(t, err)
			files[name] = string(data)
		}
	}
	return files
}

// TestTokenizerOfRelease: a release that has every document of a corpus once makes the tokenizer that the corpus makes, whatever its format and however the job
// is cut.
func TestTokenizerOfRelease(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, out := news(t, 91, 60), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	lines := strings.Replace(wholeRecipe, "parquet", "jsonl", 1)
	for kind, change := range map[string]func(s *train.Settings){
		"bpe":       func(*train.Settings) {},
		"unigram":   func(s *train.Settings) { s.Kind, s.Size, s.ByteFallback = "unigram", 4000, true },
		"wordpiece": func(s *train.Settings) { s.Kind, s.Cut, s.Size = "wordpiece", "", 3000 },
	} {
		o, p := trainOptions(t, out)
		change(&p.Settings)
		p.Out += kind
		trained(t, o, p)
		want := filesOf(t, p.Out)
		of, _ := reportOf(t, p.Out)
		var digests []string
		for i, how := range []struct {
			name, recipe string
			split        int64
			partitions   int
			slots        int
			workers      [][]string
		}{{"rows", wholeRecipe, 4 << 10, 3, 2, nil}, {"rows", wholeRecipe, 1 << 20, 1, 1, nil}, {"rows", wholeRecipe, 1, 7, 3, eachStage()}, {"lines", lines, 4 << 10, 3, 2, nil}} {
			o, p := onRelease(t, out, how.name, how.recipe)
			o.Others = []engine.Kind{train.New(train.Options{Corpus: inCorpus(), Documents: documentTables(), SplitBytes: how.split, Partitions: how.partitions})}
			o.Slots, o.Workers = how.slots, how.workers
			change(&p.Settings)
			p.Out += kind + strconv.Itoa(i)
			besideAll(t, &o, p)
			r := trained(t, o, p)
			got := filesOf(t, p.Out)
			if len(got) != len(want) || len(got) < 2 {
				t.Errorf("%s, %+v: there are %d files, of the corpus %d", kind, how, len(got), len(want))
			}
			for name, data := range want {
				if got[name] != data {
					t.Errorf("%s, %+v: %s differs", kind, how, name)
				}
			}
			said, m := reportOf(t, p.Out)
			if digests = append(digests, r.Digest); digests[0] != r.Digest && how.name == "rows" {
				t.Errorf("%s, %+v: the digest is %s, it was %s", kind, how, r.Digest, digests[0])
			}
			release := releaseManifest(t, p.From)
			if m.Corpus != nil || m.Release == nil || m.Release.Digest != release.Digest || m.Release.Split != "train" || m.Release.Documents != of.Documents {
				t.Errorf("%s: the manifest says %+v, the release is %s", kind, m.Release, release.Digest)
			}
			if said.Bytes != of.Bytes || said.Chars != of.Chars || said.Pretokens != of.Pretokens {
				t.Errorf("%s: %+v, of the corpus %+v", kind, said, of)
			}
			if again := trained(t, o, p); again.Size != 0 {
				t.Errorf("trained again, though it is there: %+v", again)
			}
		}
	}
}

// TestTokenizerOfRepeats: a document counts as often as the release has it, and only those of the split count.
func TestTokenizerOfRepeats(t *testing.T) {
	t.Parallel()
	in, out := news(t, 92, 40), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	n := len(live(t, out))
	uses := func(o ingest.Options, p train.Params) (documents, occurrences int64, vocab string) {
		t.Helper()
		trained(t, o, p)
		r, _ := reportOf(t, p.Out)
		return r.Documents, r.Pretokens.Occurrences, filesOf(t, p.Out)["tokenizer.json"]
	}
	o, p := onRelease(t, out, "once", wholeRecipe)
	documents, occurrences, vocab := uses(o, p)
	o, p = onRelease(t, out, "twice", "mix: {by: source, documents: "+strconv.Itoa(2*n)+", repeat_at_most: 2}\n"+wholeRecipe)
	if d, occ, v := uses(o, p); d != 2*documents || occ != 2*occurrences || v != vocab {
		t.Errorf("%d documents with %d pre-tokens, each once they are %d and %d; the same tokens: %v", d, occ, documents, occurrences, v == vocab)
	}
	split := "split: {validation: 0.3}\n" + wholeRecipe
	o, p = onRelease(t, out, "split", split)
	of := releaseManifest(t, p.From)
	rest, part, _ := uses(o, p)
	o, p = onRelease(t, out, "split", split)
	p.Split, p.Out = "validation", p.Out+"-validation"
	d, occ, _ := uses(o, besideAll(t, &o, p))
	if rest+d != documents || part+occ != occurrences || d == 0 || d != of.Totals.Splits[1].Documents {
		t.Errorf("%d and %d documents of %d, %d and %d pre-tokens of %d", rest, d, documents, part, occ, occurrences)
	}
}

// TestTokenizerOfReleaseRefused: what is no whole release with texts is told, and nothing is made.
func TestTokenizerOfReleaseRefused(t *testing.T) {
	t.Parallel()
	in, out := news(t, 93, 20), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	at := filepath.Dir(out)
	onRelease(t, out, "whole", wholeRecipe)
	onRelease(t, out, "tokens", "encode: {tokenizer: chars}\nwrite: [{format: npy}]\n")
	onRelease(t, out, "textless", "write: [{format: parquet, columns: [id]}]\n")
	onRelease(t, out, "held", "split: {validation: 0.999999}\n"+wholeRecipe)
	put(t, filepath.Join(at, "foreign", "a.txt"), "x")
	o, p := trainOptions(t, out)
	trained(t, o, p)
	first := filepath.Join("parquet", "train-00000-of-00003.parquet")
	for name, of := range map[string]struct {
		from   string
		change func(from string, p *train.Params)
		says   string
		hint   string
	}{
		"tokens alone":       {"tokens", nil, "the release has no texts: it is written as npy, without a column text", "{format: parquet, columns: [text]}"},
		"no column of texts": {"textless", nil, "the release has no texts: it is written as parquet", "{format: parquet, columns: [text]}"},
		"no such split":      {"whole", func(_ string, p *train.Params) { p.Split = "test" }, "the release has no split test", "its splits are train"},
		"an empty split":     {"held", nil, "the split train has no document", ""},
		"absent":             {"nowhere", nil, "no such file", ""},
		"foreign":            {"foreign", nil, "it holds no release", ""},
		"a tokenizer":        {"tokenizer", nil, "it holds no release", ""},
		"half made": {"whole", func(from string, _ *train.Params) {
			pipelinetest.Must(t, os.Remove(filepath.Join(from, "manifest.json")))
		}, "a release was begun there, and is not finished", "once more"},
		"manifest damaged":  {"whole", func(from string, _ *train.Params) { flipByte(t, filepath.Join(from, "manifest.json"), 99) }, "manifest.json is damaged", "release verify"},
		"a file is missing": {"whole", func(from string, _ *train.Params) { pipelinetest.Must(t, os.Remove(filepath.Join(from, first))) }, "is missing, or has not the", "release verify"},
		"a file is cut":     {"whole", func(from string, _ *train.Params) { pipelinetest.Must(t, os.Truncate(filepath.Join(from, first), 99)) }, "is missing, or has not the", "release verify"},
		"a byte is another": {"whole", func(from string, _ *train.Params) { flipByte(t, filepath.Join(from, first), 40) }, "the release is damaged: parquet/train-00000-of-00003.parquet has the sha256", "release verify"},
		"inside of it":      {"whole", func(from string, p *train.Params) { p.Out = filepath.Join(from, "tok") }, "lies in the release", "beside it"},
		"in a corpus":       {"", func(_ string, p *train.Params) { p.From, p.Split = "", "train" }, "a corpus has no splits", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o, p := trainOptions(t, out)
			from := filepath.Join(dir, "from")
			if _, err := os.Stat(filepath.Join(at, of.from)); err == nil && of.from != "" {
				pipelinetest.Must(t, os.CopyFS(from, os.DirFS(filepath.Join(at, of.from))))
			}
			p.From, p.Out = from, filepath.Join(dir, "made")
			if of.from != "" {
				besideAll(t, &o, p)
			}
			if of.change != nil {
				of.change(from, &p)
			}
			_, err := train.Run(t.Context(), o.Engine(), p)
			if err == nil || !strings.Contains(err.Error(), of.says) || !strings.Contains(pipeline.Hint(err), of.hint) {
				t.Errorf("%v\nhint: %s", err, pipeline.Hint(err))
			}
			if name != "a byte is another" && !pipeline.IsOneOf(err, pipeline.ErrUsage) {
				t.Errorf("it is no usage error: %v", err)
			}
			if _, err := os.Stat(p.Out); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is there", p.Out)
			}
		})
	}
}

// flipByte changes a byte of a file.
func flipByte(t *testing.T, name string, at int) {
	t.Helper()
	data, err := os.ReadFile(name)
	pipelinetest.Must(t, err)
	data[at] ^= 1
	pipelinetest.Must(t, os.WriteFile(name, data, 0o644))
}

// TestTokenizerOfReleaseKilled: kill -9 at each step of a training on a release. The release is as it was, and the same request makes the same tokenizer, and
// leaves nothing.
func TestTokenizerOfReleaseKilled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, from := news(t, 94, 30), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, from, in))
	points := pointsOfUpkeep(t, "train on a release", from, stepsOfTraining...)
	of := filepath.Join(filepath.Dir(from), "rel")
	_, want := reportOf(t, filepath.Join(filepath.Dir(from), "tokenizer-of-rel"))
	for _, point := range sample(t, points, 2) {
		at := copied(t, from)
		rel, tok := filepath.Join(filepath.Dir(at), "rel"), filepath.Join(filepath.Dir(at), "tokenizer-of-rel")
		pipelinetest.Must(t, os.CopyFS(rel, os.DirFS(of)))
		killedUpkeep(t, "train on a release", point, at)
		_, err := os.Stat(tok)
		if is := err == nil; is != (point == "tokenizer:made") {
			t.Errorf("%s: the tokenizer is there: %v", point, is)
		}
		upkeeps["train on a release"](t, at, nil)
		releaseManifest(t, rel)
		_, m := reportOf(t, tok)
		if m.Checksum != want.Checksum {
			t.Errorf("%s: digest %s, want %s", point, m.Digest, want.Digest)
		}
		if left := leftBeside(t, tok); len(left) > 0 {
			t.Errorf("%s: left are %v", point, left)
		}
	}
}

// TestTokenizerEvalOfRelease: tokenizers are compared on a release as on the corpus whose documents it has, also by source where it has that.
func TestTokenizerEvalOfRelease(t *testing.T) {
	t.Parallel()
	in, out := news(t, 95, 30), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	at := filepath.Dir(out)
	onRelease(t, out, "sourced", wholeRecipe)
	onRelease(t, out, "plain", strings.Replace(wholeRecipe, ", source", "", 1))
	tok := filepath.Join(at, "bytes.json")
	byteTokenizer(t, tok)
	eval := func(on string, more ...string) (got show.Tokens) {
		t.Helper()
		stdout := &bytes.Buffer{}
		if code := run(t.Context(), append([]string{"tokenizer", "eval", tok, "--on", on, "--json"}, more...), stdio{out: stdout, err: t.Output()}); code != exitDone {
			t.Fatalf("exit %d", code)
		}
		pipelinetest.Must(t, json.Unmarshal(stdout.Bytes(), &got))
		return got
	}
	want := eval(out)
	if got := eval(filepath.Join(at, "sourced")); !equalJSON(t, got, want) {
		t.Errorf("of the release %+v, of the corpus %+v", got, want)
	}
	got := eval(filepath.Join(at, "plain"))
	if len(got.Sources) != 0 {
		t.Errorf("there are sources: %+v", got.Sources)
	}
	if got.Sources = want.Sources; !equalJSON(t, got, want) {
		t.Errorf("of the release %+v, of the corpus %+v", got, want)
	}
	some := eval(filepath.Join(at, "sourced"), "--sample", "7")
	if some.Texts.Documents != 7 || some.Of != want.Of || !equalJSON(t, some, eval(filepath.Join(at, "sourced"), "--sample", "7")) {
		t.Errorf("a sample of 7: %+v", some)
	}
}

func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	one, err := json.Marshal(a)
	pipelinetest.Must(t, err)
	two, err := json.Marshal(b)
	pipelinetest.Must(t, err)
	return bytes.Equal(one, two)
}

// TestTokenizerOfReleaseInBucket: release and tokenizer in a bucket.
func TestTokenizerOfReleaseInBucket(t *testing.T) {
	bucket, _ := startBucket(t)
	in, out, alone := news(t, 96, 20), bucket+"/corpus", filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	job(t, jobOptions(t, alone, in))
	o, p := onRelease(t, alone, "rel", wholeRecipe)
	want := trained(t, o, p)
	r, of := releaseJob(t, out, "rel", wholeRecipe)
	releasedBy(t, r, of)
	o, p = trainOptions(t, out)
	p.From, o.Out = of.Out, filepath.Join(t.TempDir(), "work")
	if got := trained(t, o, p); got.Digest != want.Digest {
		t.Errorf("digest %s, in a folder it is %s", got.Digest, want.Digest)
	}
	s, err := store.Open(t.Context(), of.Out, store.Options{})
	pipelinetest.Must(t, err)
	is, err := texts.Is(t.Context(), s)
	if pipelinetest.Must(t, errors.Join(err, s.Close())); !is {
		t.Error("it is no release")
	}
	p.Out = of.Out + "/tok"
	if _, err := train.Run(t.Context(), o.Engine(), p); !pipeline.IsOneOf(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "lies in the release") {
		t.Errorf("%v", err)
	}
}
