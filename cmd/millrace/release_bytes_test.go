package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/text/tokenizer"
)

// releaseCorpus makes a corpus of some hundred documents of three sources, with sites and languages in their metadata, copies among them, and signals.
func releaseCorpus(t *testing.T, out string) {
	t.Helper()
	in := filepath.Join(t.TempDir(), "in")
	writeReleaseInput(t, in, 91, 180)
	job(t, releaseCorpusOptions(t, out, in))
}

func releaseCorpusOptions(t *testing.T, out, in string) ingest.Options {
	t.Helper()
	return signalOptions(t, []string{"text", "script"}, out, filepath.Join(in, "laws"), filepath.Join(in, "news"), filepath.Join(in, "web"))
}

// writeReleaseInput writes so many articles, half of them of web.
func writeReleaseInput(t *testing.T, in string, seed uint64, articles int) {
	t.Helper()
	random := newRandom(seed)
	files := map[string]*strings.Builder{}
	for i := range articles {
		source := []string{"laws", "web", "news", "web"}[i%4]
		text := article(random, 30+random.IntN(500))
		if i%5 == 4 {
			text = fmt.Sprintf("the %d words of page %d are plain English, and so on and on until line %d ends here", random.IntN(1e9), i, random.IntN(1e9))
		}
		data, err := json.Marshal(map[string]any{
			"text": text, "url": fmt.Sprintf("https://www.site%d.example/%d", i*i%13, i), "lang": []string{"zh", "zh", "en"}[i%3],
		})
		pipelinetest.Must(t, err)
		name := fmt.Sprintf("%s/%d-%d.jsonl", source, seed, i%3)
		if files[name] == nil {
			files[name] = &strings.Builder{}
		}
		for range 1 + i%7/5*(i%3+1) { // some have copies
			files[name].Write(append(data, '\n'))
		}
	}
	texts := map[string]string{}
	for name, b := range files {
		texts[name] = b.String()
	}
	writeTree(t, in, texts)
}

// releaseKind is the kind of job with small tasks.
func releaseKind(split, partition int64) *release.Kind {
	o := releaseOptions(config.Default())
	o.SplitBytes, o.PartitionBytes = split, partition
	return release.New(o)
}

// releaseJob are options of releases of a corpus, and the parameters by a recipe: the folder is beside the corpus.
func releaseJob(t *testing.T, out, name, text string) (ingest.Options, release.Params) {
	t.Helper()
	o := jobOptions(t, out)
	o.Others = []engine.Kind{releaseKind(8<<10, 0)}
	r, err := recipe.Read([]byte(text), "r.yaml")
	pipelinetest.Must(t, err)
	p := release.Params{Recipe: *r, Out: filepath.Join(filepath.Dir(out), name)}
	if store.IsRemote(out) {
		p.Out = out + "-" + name
	}
	return o, p
}

// releasedBy makes a release in this process.
func releasedBy(t *testing.T, o ingest.Options, p release.Params) release.Result {
	t.Helper()
	r, err := release.Run(t.Context(), o.Engine(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// releaseManifest is the manifest of a release, which is sound.
func releaseManifest(t *testing.T, at string) (m release.Manifest) {
	t.Helper()
	v, err := release.Verify(t.Context(), at, store.Access{})
	if err == nil {
		err = v.Err()
	}
	if err != nil {
		t.Fatalf("%s: %v %v", at, err, v.Problems)
	}
	in, err := store.Open(t.Context(), at, store.Options{})
	pipelinetest.Must(t, err)
	pipelinetest.Must(t, pipeline.ReadJSON(t.Context(), in, "manifest.json", &m))
	pipelinetest.Must(t, in.Close())
	return m
}

// releaseRecipes are recipes that together have every kind of mixture, split, order, packing and format.
var releaseRecipes = map[string]string{
	"texts": `
name: texts
select: ["chars >= 60"]
write: [{format: parquet, columns: [id, text, source, path, offset, chars, bytes, metadata, version, copies, stratum, repeat]}, {format: jsonl}]
shards: {number: 3}
`,
	"all formats": `
name: all
mix: {by: source, tokens: 20000, shares: {laws: 0.4, news: 0.3, web: 0.3}, repeat_at_most: 4}
split: {validation: 0.1, test: 0.05}
order: {shuffle: 7}
encode: {tokenizer: chars, bos: <BOS>, eos: <EOS>, pack: {length: 64, how: concat}}
write: [format: parquet, format: jsonl, format: megatron, format: datatrove, format: npy, format: mds, format: litdata, format: webdataset]
shards: {number: 2}
`,
	"as they are": `
mix: {by: metadata.lang, chars: 9000}
split: {validation: 0.2, by: site}
encode: {tokenizer: chars, eos: <EOS>, longest: 200}
order: corpus
write: [format: megatron, format: datatrove, format: npy, format: mds, format: litdata, {format: parquet, columns: [tokens, token_count, id, text]}]
shards: {number: 4}
`,
	"best fit": `
mix: {by: source, budgets: {web: 15000, laws: 9000}, repeat_at_most: 9, by_copies: fineweb2}
encode: {tokenizer: chars, eos: <EOS>, longest: 100, pack: {length: 128, how: best_fit}}
write: [format: megatron]
shards: {number: 5}
`,
	"by signal": `
select: [zh: "han_share >= 0.2"]
mix: {by: {signal: chars, buckets: 3}, unit: documents, shares: {1: 0.2, 2: 0.3, 3: 0.5}, cap: {by: site, documents: 9}, seed: 3}
split: {validation: 0.3, by: metadata.lang}
order: {by: chars, descending: true}
write: [{format: parquet, columns: [id, stratum, chars]}]
shards: {number: 3}
`,
	"sixteen": `
select: ["chars < 90"]
mix: {by: script, documents: 12}
split: {validation: 0.1}
encode: {tokenizer: chars, longest: 85, too_long: leave_out, pack: {length: 32, how: concat}}
write: [format: parquet, format: jsonl, format: megatron, format: datatrove, format: npy, format: mds, format: litdata, format: webdataset]
shards: {number: 16}
`,
}

// TestReleaseSameBytes: a release has the same files however the job is cut and whoever does it, all of its documents are accounted for, and the same
// request again does nothing.
func TestReleaseSameBytes(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	releaseCorpus(t, out)
	hows := []struct {
		split, partition int64
		slots            int
		workers          [][]string
	}{{8 << 10, 0, 2, nil}, {8 << 10, 1, 1, nil}, {8 << 10, 3000, 7, nil}, {8 << 10, 0, 3, eachStage()}, {0, 0, 2, nil}, {1, 1 << 10, 2, nil}}
	hows = append(hows[:1:1], sample(t, hows[1:], 1)...)
	for _, name := range sample(t, slices.Sorted(maps.Keys(releaseRecipes)), 2) {
		text := releaseRecipes[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := copied(t, out) // a job holds its corpus
			var want release.Manifest
			for i, how := range hows {
				o, p := releaseJob(t, out, fmt.Sprint("release", i), text)
				o.Others = []engine.Kind{releaseKind(how.split, how.partition)}
				o.Slots, o.Workers = how.slots, how.workers
				r := releasedBy(t, o, p)
				m := releaseManifest(t, p.Out)
				if r.Digest != m.Digest || m.Digest == "" {
					t.Errorf("digest %s, the manifest says %s", r.Digest, m.Digest)
				}
				if i == 0 {
					want = m
					checkRelease(t, out, p.Out, &m)
				}
				if how.split == 8<<10 {
					if m.Digest != want.Digest || m.Checksum != want.Checksum {
						t.Errorf("%+v: digest %s, want %s", how, m.Digest, want.Digest)
					}
				} else if d := cmp.Diff(releaseFiles(&want), releaseFiles(&m)); d != "" { // what is left out lies by tasks
					t.Errorf("%+v: %s", how, d)
				}
				if again := releasedBy(t, o, p); again.Digest != want.Digest && again.Documents != 0 {
					t.Errorf("again: %+v", again)
				}
				if left := append(leftBeside(t, p.Out), globOf(t, out, ".millrace/runs/*")...); len(left) > 0 {
					t.Errorf("left are %v", left)
				}
			}
		})
	}
}

// releaseFiles are the digests of files but for those that are a matter of how the job was cut.
func releaseFiles(m *release.Manifest) map[string]string {
	files := map[string]string{}
	for _, f := range m.Files {
		if !strings.HasPrefix(f.Path, "left_out/") {
			files[f.Path] = f.SHA256
		}
	}
	return files
}

// Rows of a release as a reader gets them, by a library that had no part in writing them.
type (
	releasedRow struct {
		ID       string `parquet:"id"`
		Split    string `parquet:"split"`
		Stratum  string `parquet:"stratum"`
		Copies   int32  `parquet:"copies"`
		Tokens   int64  `parquet:"tokens"`
		Shard    int32  `parquet:"shard"`
		Position int64  `parquet:"position"`
	}
	leftOutRow struct {
		ID     string `parquet:"id"`
		Reason string `parquet:"reason"`
		Figure string `parquet:"figure"`
	}
	idsRow struct {
		Start int64  `parquet:"start"`
		End   int64  `parquet:"end"`
		ID    string `parquet:"id"`
		Copy  int32  `parquet:"copy"`
		Part  int32  `parquet:"part"`
	}
	releasedText struct {
		ID   string `parquet:"id" json:"id"`
		Text string `parquet:"text" json:"text"`
	}
)

// checkRelease recounts a release: every live document is released or left out, once; targets are met within a document; texts are those of the corpus, as
// often as is said; tokens are those of the texts, wherever the side file says.
func checkRelease(t *testing.T, out, at string, m *release.Manifest) {
	t.Helper()
	texts, longest := live(t, out), int64(0)
	rows := map[string]releasedRow{}
	copies := int64(0)
	for _, r := range readRows[releasedRow](t, filepath.Join(at, "released/*.parquet")) {
		if _, twice := rows[r.ID]; twice || r.Copies < 1 {
			t.Errorf("document %s: %+v", r.ID, r)
		}
		rows[r.ID] = r
		copies += int64(r.Copies)
	}
	reasons, left := map[string]int64{}, int64(0)
	for _, r := range readRows[leftOutRow](t, filepath.Join(at, "left_out/*.parquet")) {
		if _, is := rows[r.ID]; is || texts[r.ID] == "" {
			t.Errorf("document %s is left out, and released: %v", r.ID, is)
		}
		reasons[r.Reason]++
		left++
	}
	total := &m.Totals
	if int64(len(texts)) != int64(len(rows))+left || total.Documents != int64(len(texts)) || total.Released != int64(len(rows)) || total.Copies != copies {
		t.Errorf("%d documents, %d released, %d times, and %d left out; the manifest says %+v", len(texts), len(rows), copies, left, total)
	}
	if d := cmp.Diff(total.LeftOut, reasons); d != "" && len(reasons)+len(total.LeftOut) > 0 {
		t.Errorf("left out (-manifest +recount): %s", d)
	}
	for id := range rows {
		if texts[id] == "" {
			t.Errorf("document %s is not in the corpus", id)
		}
		longest = max(longest, int64(len(texts[id])))
	}
	checkTargets(t, rows, texts, m, longest)
	for _, w := range m.Recipe.Write {
		of := map[string]int32{}
		switch {
		case w.Format == "parquet" && slices.Contains(w.Columns, "text"):
			for _, r := range readRows[releasedText](t, filepath.Join(at, "parquet/*.parquet")) {
				if of[r.ID]++; r.Text != texts[r.ID] {
					t.Errorf("the text of %s is another", r.ID)
				}
			}
		case w.Format == "jsonl":
			for _, f := range m.Files {
				if strings.HasPrefix(f.Path, "jsonl/") {
					for line := range bytes.SplitSeq(bytes.TrimSpace(unzipped(t, filepath.Join(at, f.Path))), []byte("\n")) {
						var r releasedText
						if len(line) == 0 {
							continue
						}
						pipelinetest.Must(t, json.Unmarshal(line, &r))
						if of[r.ID]++; r.Text != texts[r.ID] {
							t.Errorf("the text of %s is another", r.ID)
						}
					}
				}
			}
		case w.Format == "megatron":
			checkMegatron(t, out, at, m, rows, texts)
			continue
		default:
			continue
		}
		for id, r := range rows {
			if of[id] != r.Copies {
				t.Errorf("%s: document %s is there %d times, not %d", w.Format, id, of[id], r.Copies)
			}
		}
		if len(of) != len(rows) {
			t.Errorf("%s has %d documents, released are %d", w.Format, len(of), len(rows))
		}
	}
}

// checkTargets adds up strata. Where every document weighs once, what is taken is the target, but for less than one document.
func checkTargets(t *testing.T, rows map[string]releasedRow, texts map[string]string, m *release.Manifest, longest int64) {
	t.Helper()
	mix := m.Recipe.Mix
	if mix == nil {
		return
	}
	taken := map[string]int64{}
	for id, r := range rows {
		amount := int64(1)
		switch mix.Unit {
		case recipe.UnitTokens:
			amount = r.Tokens
		case recipe.UnitChars:
			amount = int64(len([]rune(texts[id])))
		}
		if r.Split == recipe.Train {
			taken[r.Stratum] += amount * int64(r.Copies)
		}
	}
	for _, s := range m.Totals.Strata {
		if taken[s.Name] != s.Taken || s.Taken > s.Target || s.Target-s.Taken > 9*longest {
			t.Errorf("stratum %s: %d recounted; %+v", s.Name, taken[s.Name], s)
		}
		if unit := int64(1); mix.Unit == recipe.UnitDocuments && s.Target-s.Taken >= unit {
			t.Errorf("stratum %s: %+v", s.Name, s)
		}
	}
}

// unzipped is what a zstd file holds.
func unzipped(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	pipelinetest.Must(t, err)
	z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1))
	pipelinetest.Must(t, err)
	defer z.Close()
	data, err = io.ReadAll(z)
	pipelinetest.Must(t, err)
	return data
}

// checkMegatron holds the tokens of each range of the side file against those of the text.
func checkMegatron(t *testing.T, out, at string, m *release.Manifest, rows map[string]releasedRow, texts map[string]string) {
	t.Helper()
	tok, err := tokenizer.Open(filepath.Join(out, filepath.FromSlash(m.Tokens.Path)))
	pipelinetest.Must(t, err)
	e, want := tok.Ordinary(), map[string][]int32{}
	for id := range rows {
		var ids []int32
		if m.Tokens.BOS >= 0 {
			ids = append(ids, m.Tokens.BOS)
		}
		ids = e.Encode(ids, []byte(texts[id]))
		if m.Tokens.EOS >= 0 {
			ids = append(ids, m.Tokens.EOS)
		}
		want[id] = ids
		if rows[id].Tokens != int64(len(ids)) {
			t.Errorf("document %s has %d tokens, released says %d", id, len(ids), rows[id].Tokens)
		}
	}
	type copyOf struct {
		id   string
		copy int32
	}
	got := map[copyOf]map[int32][]int32{}
	tokens := int64(0)
	for _, s := range m.Totals.Splits {
		for k := range s.Shards {
			name := fmt.Sprintf("%s-%05d-of-%05d", s.Name, k, s.Shards)
			stream := megatronTokens(t, filepath.Join(at, "megatron", s.Name, name))
			last := int64(0)
			for _, r := range readRows[idsRow](t, filepath.Join(at, "ids", name+".parquet")) {
				if r.Start < last || r.End <= r.Start || r.End > int64(len(stream)) {
					t.Fatalf("%s: %+v behind %d, of %d tokens", name, r, last, len(stream))
				}
				if m.Recipe.Encode.Pack.How != recipe.PackBestFit && m.Recipe.Encode.Pack.How != recipe.PackConcat && r.Start != last {
					t.Errorf("%s: a gap before %+v", name, r)
				}
				last = r.End
				key := copyOf{r.ID, r.Copy}
				if got[key] == nil {
					got[key] = map[int32][]int32{}
				}
				if _, twice := got[key][r.Part]; twice {
					t.Errorf("%s: part %d of %s is there twice", name, r.Part, r.ID)
				}
				got[key][r.Part] = stream[r.Start:r.End]
				tokens += r.End - r.Start
				if row := rows[r.ID]; row.Split != s.Name {
					t.Errorf("document %s is in %s, and released into %s", r.ID, s.Name, row.Split)
				} else if r.Part == 0 && int(row.Shard) == k && r.Start == row.Position {
					row.Position = -1
					rows[r.ID] = row
				}
			}
		}
	}
	sum := int64(0)
	for key, parts := range got {
		var all []int32
		for i := range int32(len(parts)) {
			all = append(all, parts[i]...)
		}
		if !slices.Equal(all, want[key.id]) {
			t.Errorf("copy %d of %s has %d tokens in %d parts, the text %d", key.copy, key.id, len(all), len(parts), len(want[key.id]))
		}
	}
	for id, r := range rows {
		for c := range r.Copies {
			if got[copyOf{id, c}] == nil {
				t.Errorf("copy %d of %s is not there", c, id)
			}
		}
		sum += int64(r.Copies)
		if r.Position != -1 {
			t.Errorf("document %s does not begin where released says: %+v", id, r)
		}
	}
	if int64(len(got)) != sum {
		t.Errorf("%d copies, released are %d", len(got), sum)
	}
	said := int64(0)
	for _, s := range m.Totals.Splits {
		said += s.Tokens
	}
	if said != tokens {
		t.Errorf("%d tokens, the manifest says %d", tokens, said)
	}
}

// megatronTokens reads a file of tokens by its index.
func megatronTokens(t *testing.T, name string) (ids []int32) {
	t.Helper()
	index, err := os.ReadFile(name + ".idx")
	pipelinetest.Must(t, err)
	data, err := os.ReadFile(name + ".bin")
	pipelinetest.Must(t, err)
	size := map[byte]int{4: 4, 8: 2}[index[17]]
	for i := 0; i < len(data); i += size {
		if size == 2 {
			ids = append(ids, int32(binary.LittleEndian.Uint16(data[i:])))
		} else {
			ids = append(ids, int32(binary.LittleEndian.Uint32(data[i:])))
		}
	}
	n := int(binary.LittleEndian.Uint64(index[18:]))
	all := 0
	for i := range n {
		all += int(binary.LittleEndian.Uint32(index[34+4*i:]))
	}
	if all != len(ids) {
		t.Errorf("%s has %d tokens, the index says %d", name, len(ids), all)
	}
	return ids
}
