package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/tokens"
)

// Every package below sinks/tokens is a format in the table, under its own name, and is described.
func TestEveryTokenSink(t *testing.T) {
	var names []string
	for _, f := range tokenSinks() {
		names = append(names, f.Name)
		if f.New == nil {
			t.Errorf("%s writes nothing", f.Name)
		}
	}
	slices.Sort(names)
	list, err := os.ReadDir(filepath.Join("..", "..", "sinks", "tokens"))
	if err != nil {
		t.Fatal(err)
	}
	var packages []string
	for _, e := range list {
		packages = append(packages, e.Name())
	}
	if !slices.Equal(names, packages) {
		t.Errorf("formats %q of packages %q", names, packages)
	}
	pipelinetest.DocumentedWords(t, "tokens.md", names...)
}

// many are contexts that take more than one tar.
const many = "many"

// tokenCase is what pipeline/pipelinetest/readers/tokens.py knows of a release: what its readers must find.
type tokenCase struct {
	Spec    tokens.Spec
	Formats []string
	Shards  [][]tokenTruth
}

type tokenTruth struct {
	Tokens []int32
	Starts []int32
	IDs    []string
	Padded int
}

// TestTokenFiles writes releases in every format to the folder MILLRACE_TOKENS, for the real readers of the formats: make readers.
func TestTokenFiles(t *testing.T) {
	folder := os.Getenv("MILLRACE_TOKENS")
	if folder == "" {
		folder = t.TempDir()
	}
	for name, spec := range map[string]tokens.Spec{
		"narrow":       {Vocabulary: 1 << 16, EOS: 0, Pad: -1, Tokenizer: "cafe"},
		"wide":         {Vocabulary: 1<<16 + 1, EOS: 0, Pad: -1, Tokenizer: "cafe"},
		"packed":       {Vocabulary: 1 << 16, EOS: 0, Pad: 1, Tokenizer: "cafe", Length: 33},
		"packed-wide":  {Vocabulary: 150_000, EOS: 0, Pad: 1, Tokenizer: "cafe", Length: 33},
		many:           {Vocabulary: 1 << 16, EOS: 0, Pad: 1, Tokenizer: "cafe", Length: 4},
		"packed-whole": {Vocabulary: 1 << 16, EOS: 0, Pad: -1, Tokenizer: "cafe", Length: 1000},
	} {
		shards := tokenShards(spec, map[string]int{many: 8192 + 100}[name])
		out, err := store.NewLocal(filepath.Join(folder, name), store.LocalOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { pipelinetest.Must(t, out.Close()) }()
		truth := tokenCase{Spec: spec}
		for _, f := range tokenSinks() {
			if f.Accepts(spec) == nil && (name != many || f.Fixed) {
				truth.Formats = append(truth.Formats, f.Name)
				writeTokenFiles(t, &pipeline.Job{Out: out}, f, spec, shards)
			}
		}
		for _, list := range shards {
			truth.Shards = append(truth.Shards, truthOf(list))
		}
		data, err := json.Marshal(truth)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name, "truth.json"), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// tokenShards are two shards of documents that end in EOS, or of contexts of them: of each shard the last context is padded, if there is something to pad with.
func tokenShards(spec tokens.Spec, contexts int) (shards [][]tokens.Sequence) {
	for shard := range 2 {
		var list []tokens.Sequence
		for i := range 40 {
			q := pipelinetest.TokenSequence(spec.Vocabulary-2, 1+(i*i*37+shard)%250, 100*shard+i)
			for k := range q.Tokens {
				q.Tokens[k] += 2
			}
			q.Tokens[len(q.Tokens)-1] = spec.EOS
			list = append(list, q)
		}
		list[3].Tokens[0] = int32(spec.Vocabulary - 1)
		if spec.Length > 0 {
			list = contextsOf(spec, list, max(contexts, 1))
		}
		shards = append(shards, list)
	}
	return shards
}

// contextsOf packs documents one behind the other, again and again until there are enough contexts.
func contextsOf(spec tokens.Spec, documents []tokens.Sequence, least int) (list []tokens.Sequence) {
	q := tokens.Sequence{}
	for len(list) < least {
		for _, d := range documents {
			for rest := d.Tokens; len(rest) > 0; {
				n := min(len(rest), spec.Length-len(q.Tokens))
				q.Starts, q.IDs = append(q.Starts, int32(len(q.Tokens))), append(q.IDs, d.IDs[0])
				q.Tokens, rest = append(q.Tokens, rest[:n]...), rest[n:]
				if len(q.Tokens) == spec.Length {
					list, q = append(list, q), tokens.Sequence{}
				}
			}
		}
	}
	if q.Padded = spec.Length - len(q.Tokens); spec.Pad >= 0 && q.Padded < spec.Length {
		for range q.Padded {
			q.Tokens = append(q.Tokens, spec.Pad)
		}
		list = append(list, q)
	}
	return list
}

func writeTokenFiles(t *testing.T, job *pipeline.Job, f *tokens.Format, spec tokens.Spec, shards [][]tokens.Sequence) {
	t.Helper()
	var all [][]pipeline.Output
	for i, list := range shards {
		w, err := f.New(t.Context(), job, f.Name, tokens.Shard{Split: "train", Number: i, Of: len(shards)}, spec)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			pipelinetest.Must(t, w.Write(&list[i]))
		}
		outputs, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		pipelinetest.Must(t, w.Close())
		all = append(all, outputs)
	}
	if f.Index != nil {
		if _, err := f.Index(t.Context(), job, f.Name, "train", all, spec); err != nil {
			t.Fatal(err)
		}
	}
}

func truthOf(list []tokens.Sequence) (truth []tokenTruth) {
	for _, q := range list {
		x := tokenTruth{Tokens: q.Tokens, Starts: q.Starts, Padded: q.Padded}
		for _, id := range q.IDs {
			x.IDs = append(x.IDs, hex.EncodeToString(id[:]))
		}
		truth = append(truth, x)
	}
	return truth
}
