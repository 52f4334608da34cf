package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/show"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/jobs/train"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	bpe "github.com/millrace/millrace/pipeline/text/bpe/train"
	"github.com/millrace/millrace/pipeline/text/pretoken"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
	"github.com/millrace/millrace/pipeline/text/unigram"
)

// trainOptions are options of trainings on a corpus, which are cut into small tasks, and their parameters: the folder is beside the corpus.
func trainOptions(t *testing.T, out string) (ingest.Options, train.Params) {
	t.Helper()
	o := jobOptions(t, out)
	o.Others = []engine.Kind{train.New(train.Options{Corpus: inCorpus(), Documents: documentTables(), SplitBytes: 4 << 10, Partitions: 3})}
	p := train.Params{Out: filepath.Join(filepath.Dir(out), "tokenizer")}
	if store.IsRemote(out) {
		p.Out = out + "-tokenizer"
	}
	p.Kind, p.Size, p.Special, p.Cut = "bpe", 600, []string{"<|end|>"}, train.CutNone
	return o, p
}

// trained trains in this process.
func trained(t *testing.T, o ingest.Options, p train.Params) train.Result {
	t.Helper()
	r, err := train.Run(t.Context(), o.Engine(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reportOf is the report of a tokenizer, whose files are held against its manifest, which is returned too.
func reportOf(t *testing.T, at string) (r train.Report, m train.Manifest) {
	t.Helper()
	in, err := store.Open(t.Context(), at, store.Options{})
	pipelinetest.Must(t, err)
	defer in.Close() //nolint:errcheck // nothing was written
	data, err := pipeline.ReadAll(t.Context(), in, folder.ManifestName)
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, dataset.Decode(data, &m))
	names := []string{folder.ManifestName}
	for _, f := range m.Files {
		pipelinetest.Must(t, dataset.CheckFile(t.Context(), in, f, nil))
		names = append(names, f.Path)
	}
	list, err := in.List(t.Context(), "")
	pipelinetest.Must(t, err)
	for _, f := range list {
		if !slices.Contains(names, f.Name) {
			t.Errorf("%s holds %s, which its manifest does not name", at, f.Name)
		}
	}
	pipelinetest.Must(t, pipeline.ReadJSON(t.Context(), in, "report.json", &r))
	return r, m
}

// leftBeside are what lies beside a tokenizer that is no part of it.
func leftBeside(t *testing.T, at string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(at))
	pipelinetest.Must(t, err)
	for _, e := range list {
		if strings.HasPrefix(e.Name(), "."+filepath.Base(at)) {
			names = append(names, e.Name())
		}
	}
	return names
}

// TestTokenizerTrain: the files are the same however the job is cut and whoever does it, and what the report says of the texts is what a plain
// recount of the live documents gives.
func TestTokenizerTrain(t *testing.T) {
	t.Parallel()
	in, out := news(t, 81, 60), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	gpt4o, _ := pretoken.ByName("gpt4o")
	pieces, parts := unigram.Cutter{}, unigram.Options{}
	for kind, of := range map[string]struct {
		change func(s *train.Settings)
		cut    func(text []byte, each func([]byte))
		model  string // another file that makes the same of texts
		parts  bool   // tokens are not all of a text
	}{
		"bpe": {func(*train.Settings) {}, gpt4o.Cut, "", false},
		"unigram": {func(s *train.Settings) { s.Kind, s.Size, s.ByteFallback = "unigram", 4000, true }, func(text []byte, each func([]byte)) {
			pieces.Cut(text, func(p []byte) { parts.Parts(p, each) })
		}, "tokenizer.model", false},
		"wordpiece": {func(s *train.Settings) { s.Kind, s.Cut, s.Size = "wordpiece", "", 3000 }, bpe.Words(false), "", true},
	} {
		t.Run(kind, func(t *testing.T) { trainsKind(t, out, of.change, of.cut, of.model, of.parts) })
	}
}

func trainsKind(t *testing.T, out string, change func(*train.Settings), cut func(text []byte, each func([]byte)), model string, parts bool) {
	t.Helper()
	var want train.Result
	for i, how := range []struct {
		split      int64
		partitions int
		slots      int
		workers    [][]string
	}{{4 << 10, 3, 2, nil}, {1 << 20, 1, 1, nil}, {1, 7, 3, eachStage()}} {
		o, p := trainOptions(t, out)
		o.Others = []engine.Kind{train.New(train.Options{Corpus: inCorpus(), SplitBytes: how.split, Partitions: how.partitions})}
		o.Slots, o.Workers = how.slots, how.workers
		change(&p.Settings)
		p.Out += p.Kind + strconv.Itoa(i)
		r := trained(t, o, p)
		if i == 0 {
			want = r
		}
		if r.Digest != want.Digest || r.Size == 0 || r.Size > p.Size || r.LeftOut != 0 {
			t.Errorf("%+v: %+v, want digest %s", how, r, want.Digest)
		}
		if again := trained(t, o, p); again.Size != 0 {
			t.Errorf("trained again, though it is there: %+v", again)
		}
	}
	r, m := reportOf(t, want.Out)
	var plain train.Report
	seen := map[string]int64{}
	for _, text := range live(t, out) {
		plain.Documents++
		plain.Bytes += int64(len(text))
		plain.Chars += int64(len([]rune(text)))
		cut([]byte(text), func(p []byte) {
			plain.Pretokens.Occurrences++
			seen[string(p)]++
		})
	}
	plain.Pretokens.Different = int64(len(seen))
	if r.Documents != plain.Documents || r.Bytes != plain.Bytes || r.Chars != plain.Chars || r.Pretokens.Occurrences != plain.Pretokens.Occurrences ||
		r.Pretokens.Different != plain.Pretokens.Different || r.Pretokens.TrainedOn != plain.Pretokens.Different || r.Pretokens.TrainedOnUses != plain.Pretokens.Occurrences {
		t.Errorf("%+v, counted plainly %+v", r, plain)
	}
	if v := newest(t, out); m.Corpus.Version != v.Version || m.Corpus.Documents != plain.Documents || v.Version != 1 {
		t.Errorf("the corpus is at version %d, the manifest says %+v", v.Version, m.Corpus)
	}

	// Every text comes back, and has as many tokens as the report and the evaluation say.
	tok, err := tokenizer.Open(want.Out)
	pipelinetest.Must(t, err)
	e, tokens, uses := tok.Encoder(), int64(0), make([]int64, tok.Size())
	for _, text := range live(t, out) {
		var back []byte
		for _, id := range e.Encode(nil, []byte(text)) {
			back = append(back, tok.Bytes(id)...)
			uses[id]++
			tokens++
		}
		if string(back) != text && !parts {
			t.Fatalf("%.40q comes back as %.40q", text, back)
		}
	}
	s, err := store.Open(t.Context(), out, store.Options{})
	pipelinetest.Must(t, err)
	defer s.Close() //nolint:errcheck // nothing was written
	counted, err := show.Of(corpus.Open(s, tables())).Tokens(t.Context(), []show.NamedTokenizer{{Name: "it", Tokenizer: tok}}, show.TokensOptions{Slots: 2})
	pipelinetest.Must(t, err)
	if of := counted.Tokenizers[0]; r.Tokens != tokens || of.Tokens != tokens || !parts && (r.BytesPerToken != of.BytesPerToken || r.TokenizedBytes != plain.Bytes) {
		t.Errorf("%d tokens, the report says %d, the evaluation %d", tokens, r.Tokens, of.Tokens)
	}
	if model != "" {
		other, err := tokenizer.Open(filepath.Join(want.Out, model))
		pipelinetest.Must(t, err)
		o := other.Encoder()
		for _, text := range live(t, out) {
			if !slices.Equal(e.Encode(nil, []byte(text)), o.Encode(nil, []byte(text))) {
				t.Errorf("%s cuts %.40q otherwise", model, text)
			}
		}
	}
	table, err := os.ReadFile(filepath.Join(want.Out, "vocab.tsv"))
	pipelinetest.Must(t, err)
	lines := strings.Split(strings.TrimSuffix(string(table), "\n"), "\n")
	if len(lines) != len(uses) || !slices.ContainsFunc(lines[:2], func(l string) bool { return strings.HasSuffix(l, "\t<|end|>\t0") }) {
		t.Fatalf("%d lines of %d tokens, the first %q", len(lines), len(uses), lines[0])
	}
	for id, line := range lines {
		if cells := strings.Split(line, "\t"); len(cells) != 3 || cells[0] != strconv.Itoa(id) || cells[2] != strconv.FormatInt(uses[id], 10) {
			t.Errorf("%q, the token %q is used %d times", line, tok.Bytes(int32(id)), uses[id])
		}
	}
}

// TestTokenizerLeavesOut: what is too long, too rare or too much is left out, told, and comes to all there is.
func TestTokenizerLeavesOut(t *testing.T) {
	t.Parallel()
	in := filepath.Join(t.TempDir(), "in")
	long := strings.Repeat("x", 40<<10)
	writeTree(t, in, map[string]string{"a.txt": strings.Repeat("one two", 1) + strings.Repeat(" two", 9) + " three three " + long + " four five"})
	out := filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, out, in))
	for i, of := range []struct {
		rarest, most int64
		want         train.Pretokens
	}{
		{1, 100, train.Pretokens{Least: 1, TrainedOn: 5, TrainedOnUses: 15}},
		{2, 100, train.Pretokens{Rare: 3, RareUses: 3, Least: 1, TrainedOn: 2, TrainedOnUses: 12}},
		{1, 2, train.Pretokens{Least: 2, Beyond: 3, BeyondUses: 3, TrainedOn: 2, TrainedOnUses: 12}},
		{2, 1, train.Pretokens{Rare: 3, RareUses: 3, Least: 3, Beyond: 1, BeyondUses: 2, TrainedOn: 1, TrainedOnUses: 10}},
	} {
		o, p := trainOptions(t, out)
		p.Out, p.MinPretoken, p.MaxPretokens, p.Size = p.Out+strconv.Itoa(i), of.rarest, of.most, 280
		of.want.Occurrences, of.want.Different, of.want.TooLong = 16, 5, 1
		result := trained(t, o, p)
		r, _ := reportOf(t, p.Out)
		if r.Pretokens != of.want || result.LeftOut != 16-of.want.TrainedOnUses {
			t.Errorf("%+v: %+v, left out %d", of, r.Pretokens, result.LeftOut)
		}
		text, err := os.ReadFile(filepath.Join(p.Out, "report.txt"))
		pipelinetest.Must(t, err)
		for line, is := range map[string]bool{
			"left out: 1, too long": true, "(min_pretoken)": of.want.Rare > 0, "(max_pretokens)": of.want.Beyond > 0,
		} {
			if strings.Contains(string(text), line) != is {
				t.Errorf("%+v: the report says\n%s", of, text)
			}
		}
	}
	o, p := trainOptions(t, out)
	p.MaxPretokens = -1
	if _, err := train.Run(t.Context(), o.Engine(), p); !pipeline.IsOneOf(err, pipeline.ErrUsage) {
		t.Errorf("%v", err)
	}
}

// TestTokenizerOfLiveDocuments: a corpus with documents that were withdrawn, dropped and replaced, and shards that were written anew, makes the tokenizer that one
// of the remaining documents alone makes.
func TestTokenizerOfLiveDocuments(t *testing.T) {
	inTurn(t)
	t.Parallel()
	out := nightsOf(t, func(int) []string { return nil })
	last := newest(t, out).Version
	more := filepath.Join(t.TempDir(), "more")
	writeTree(t, more, map[string]string{"z.txt": strings.Repeat("zebra zebra zebu ", 20)})
	job(t, signalOptions(t, nil, out, more))
	removed(t, signalOptions(t, nil, out), remove.Params{Selection: remove.Selection{Where: "chars % 4 == 1"}})
	compacted(t, out, nil)
	maintain(t, out, func(ctx context.Context, c *corpus.Corpus) error {
		_, err := c.Drop(ctx, corpus.DropInput{Version: last + 1, Later: true})
		return err
	})
	removed(t, signalOptions(t, nil, out), remove.Params{Selection: remove.Selection{Where: "chars % 7 == 1"}})
	compacted(t, out, nil)
	texts := live(t, out)
	if len(texts) < 5 {
		t.Fatalf("%d documents are left", len(texts))
	}
	files := map[string]string{}
	for id, text := range texts {
		data, err := json.Marshal(map[string]string{"text": text})
		pipelinetest.Must(t, err)
		files[id+".jsonl"] = string(data) + "\n"
	}
	in, alone := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	writeTree(t, in, files)
	c := signalOptions(t, nil, alone, in)
	job(t, c)
	if n := len(live(t, alone)); n != len(texts) {
		t.Fatalf("%d documents of %d", n, len(texts))
	}
	var got [2]map[string][]byte
	for i, of := range []string{out, alone} {
		o, p := trainOptions(t, of)
		trained(t, o, p)
		r, _ := reportOf(t, p.Out)
		if r.Documents != int64(len(texts)) {
			t.Errorf("%d documents, live are %d", r.Documents, len(texts))
		}
		got[i] = map[string][]byte{}
		for _, name := range []string{"tokenizer.json", "vocab.tsv"} {
			data, err := os.ReadFile(filepath.Join(p.Out, name))
			pipelinetest.Must(t, err)
			got[i][name] = data
		}
	}
	for name, data := range got[0] {
		if !bytes.Equal(data, got[1][name]) {
			t.Errorf("%s differs", name)
		}
		if bytes.Contains(data, []byte("zeb")) {
			t.Errorf("%s has words of a dropped document", name)
		}
	}
}

// stepsOfTraining are points that every training passes.
var stepsOfTraining = []string{"phase:pretokens", "phase:merge", "phase:train", "tokenizer:checked", "tokenizer:written", "tokenizer:made"}

// TestTokenizerKilled: kill -9 at each step of a training. The corpus is as it was, and the same command makes the same tokenizer and leaves nothing.
func TestTokenizerKilled(t *testing.T) {
	inTurn(t)
	t.Parallel()
	in, from := news(t, 82, 30), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, from, in))
	done := copied(t, from)
	points := pointsOfUpkeep(t, "train", done, stepsOfTraining...)
	_, want := reportOf(t, filepath.Join(filepath.Dir(done), "tokenizer"))
	for _, point := range sample(t, points, 2) {
		at := copied(t, from)
		tok := filepath.Join(filepath.Dir(at), "tokenizer")
		killedUpkeep(t, "train", point, at)
		sound(t, at, point)
		_, err := os.Stat(tok)
		if is := err == nil; is != (point == "tokenizer:made") {
			t.Errorf("%s: the tokenizer is there: %v", point, is)
		}
		upkeeps["train"](t, at, nil)
		verified(t, at)
		_, m := reportOf(t, tok)
		if m.Digest != want.Digest || m.Plan != want.Plan || m.Checksum != want.Checksum {
			t.Errorf("%s: digest %s, want %s", point, m.Digest, want.Digest)
		}
		if left := append(leftBeside(t, tok), globOf(t, at, ".millrace/runs/*")...); len(left) > 0 {
			t.Errorf("%s: left are %v", point, left)
		}
	}
}

// TestTokenizerInBucket: corpus and tokenizer in a bucket, where the manifest makes it: kill -9 before and behind that, and the same command again.
func TestTokenizerInBucket(t *testing.T) {
	bucket, _ := startBucket(t)
	in, out := news(t, 85, 30), bucket+"/corpus"
	job(t, jobOptions(t, out, in))
	alone := filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, alone, in))
	o, p := trainOptions(t, alone)
	want := trained(t, o, p)
	o, p = trainOptions(t, out)
	for _, point := range []string{"phase:merge", "tokenizer:written", "tokenizer:made"} {
		killedUpkeep(t, "train", point, out)
		s, err := store.Open(t.Context(), p.Out, store.Options{})
		pipelinetest.Must(t, err)
		list, err := s.List(t.Context(), "")
		pipelinetest.Must(t, errors.Join(err, s.Close()))
		whole := slices.ContainsFunc(list, func(i pipeline.ObjectInfo) bool { return i.Name == folder.ManifestName })
		if len(list) > 0 != (point != "phase:merge") || whole != (point == "tokenizer:made") {
			t.Errorf("%s: there are %v", point, list)
		}
		sound(t, out, point)
	}
	s, err := store.Open(t.Context(), bucket+"/others", store.Options{Write: true})
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, errors.Join(pipeline.WriteAll(t.Context(), s, "tokenizer.json", []byte("{}")), s.Close()))
	elsewhere := p
	elsewhere.Out = bucket + "/others"
	if _, err := train.Run(t.Context(), o.Engine(), elsewhere); !pipeline.IsOneOf(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "holds no tokenizer") {
		t.Errorf("%v", err)
	}
	if r := trained(t, o, p); r.Digest != want.Digest {
		t.Errorf("digest %s, in a folder it is %s", r.Digest, want.Digest)
	}
	if r := trained(t, o, p); r.Size != 0 {
		t.Errorf("trained again, though it is there: %+v", r)
	}
	reportOf(t, p.Out)
	verified(t, out)
	p.Size++
	if _, err := train.Run(t.Context(), o.Engine(), p); !pipeline.IsOneOf(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "holds another tokenizer") {
		t.Errorf("%v", err)
	}
}

func globOf(t *testing.T, out, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(out, pattern))
	pipelinetest.Must(t, err)
	return names
}

// TestTokenizerDamaged: work files that are damaged before they are read are made anew.
func TestTokenizerDamaged(t *testing.T) {
	t.Parallel()
	in, from := news(t, 83, 30), filepath.Join(t.TempDir(), "out")
	job(t, jobOptions(t, from, in))
	o, p := trainOptions(t, copied(t, from))
	want := trained(t, o, p)
	for _, of := range [][2]string{
		{"phase:pretokens", "pretokens/*.counts"},
		{"phase:merge", "pretokenmerge/*.counts"},
		{"phase:train", "tokenizer/tokenizer.json"},
		{"tokenizer:checked", "tokenizer/vocab.tsv"},
	} {
		for _, damage := range sample(t, damages, 1) {
			t.Run(of[1]+"/"+damage.name, func(t *testing.T) {
				t.Parallel()
				out := copied(t, from)
				var log bytes.Buffer
				o, p := trainOptions(t, out)
				o.Log = zerolog.New(zerolog.SyncWriter(&log))
				var once sync.Once
				o.Hook = func(name string) {
					if name == of[0] {
						once.Do(func() { damageFile(t, oneOf(t, out, of[1]), damage.do) })
					}
				}
				if r := trained(t, o, p); r.Digest != want.Digest {
					t.Errorf("digest %s, not %s\n%s", r.Digest, want.Digest, log.String())
				}
				reportOf(t, p.Out)
				if !strings.Contains(log.String(), "damaged") {
					t.Errorf("nothing is said of the damage:\n%s", log.String())
				}
			})
		}
	}
}

// TestClusterTrains: a training on a cluster makes the same tokenizer as one in one process, whoever dies on the way; on the corpus, and on a release.
func TestClusterTrains(t *testing.T) {
	t.Parallel()
	nats := startNATS(t)
	for i, at := range []string{"", "KILL:worker:computed#1", "coordinator KILL:tokenizer:written#1", "coordinator KILL:tokenizer:made#1", "release ", "release KILL:worker:computed#1"} {
		t.Run(at, func(t *testing.T) {
			at, ofRelease := strings.CutPrefix(at, "release ")
			in := news(t, 84, 40)
			out := filepath.Join(t.TempDir(), "corpus")
			job(t, jobOptions(t, out, in))
			f := newFleet(t, in, out, nats.setting("trains"+strconv.Itoa(i)))
			alone, tok := filepath.Join(t.TempDir(), "alone"), filepath.Join(t.TempDir(), "tokenizer")
			settings := []string{"--kind", "bpe", "--size", "600", "--special", "<|end|>"}
			from := copied(t, out)
			if ofRelease {
				o, p := releaseJob(t, out, "rel", wholeRecipe)
				releasedBy(t, o, p)
				from = p.Out
			}
			if e := f.do(append([]string{"tokenizer", "train", "--from", from, "--out", alone}, settings...)...); e.code != exitDone {
				t.Fatalf("train: exit %d\n%s", e.code, e.stdout)
			}
			_, want := reportOf(t, alone)
			serve, worker := f.serve(), f.millrace("worker")
			worker.waitFor("waiting for a run")
			ask := append([]string{"start", "--job", "tokenizer", "--tokenizer-out", tok, "--wait", "--json"}, settings...)
			if ofRelease {
				ask = append(ask, "--tokenizer-from", from)
			}
			_, serve, worker = f.although(at, serve, worker, ask...)
			if _, m := reportOf(t, tok); m.Checksum != want.Checksum {
				t.Errorf("the digest is %s, alone it is %s", m.Digest, want.Digest)
			}
			if left := leftBeside(t, tok); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
			if m := newest(t, out); m.Version != 1 {
				t.Errorf("version %d of the corpus", m.Version)
			}
			ask[cmp.Or(slices.Index(ask, "--json"), 0)] = "--force"
			if e := f.do(ask...); e.code != exitDone || !strings.Contains(e.stdout, "nothing to train") {
				t.Errorf("again: exit %d\n%s", e.code, e.stdout)
			}
			f.stop(worker, serve)
			f.tidy()
		})
	}
}
