package delta_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/corpus/delta"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// someVersions are two runs, a compaction, its drop, another run and a file beside the documents; 3 was freed.
func someVersions() []*manifest.Manifest {
	shard := func(folder string, rows int64) dataset.File {
		return dataset.File{Path: "data/" + folder + "/train-00000-of-00001.parquet", Bytes: 100 * rows, Rows: rows}
	}
	made := func(version int, kind string, live []int, files ...dataset.File) *manifest.Manifest {
		return &manifest.Manifest{
			Format: manifest.Format, Version: version, Kind: kind, Parent: version - 1, Live: live, Files: files, Plan: strings.Repeat("0", 32), Digest: strings.Repeat("1", 64),
			Run: manifest.RunInfo{Started: "2026-10-27T03:00:0" + string(rune('0'+version)) + "Z", Tool: "millrace test"},
		}
	}
	list := []*manifest.Manifest{
		made(1, manifest.KindRun, []int{1}, shard("000001-aaaaaaaa", 3), dataset.File{Path: "vocab/000001/chars.parquet", Bytes: 7}),
		made(2, manifest.KindRun, []int{1, 2}, shard("000002-bb b%bbbb", 2)),
		made(4, manifest.KindRun, []int{1, 2, 4}, shard("000004-dddddddd", 1)),
		made(5, manifest.KindCompact, []int{1, 2, 4, 5}, shard("000005-eeeeeeee", 6)),
		made(6, manifest.KindDrop, []int{1, 2, 4}),
		made(7, manifest.KindCompact, []int{1, 2, 4, 7}, shard("000007-ffffffff", 5)),
	}
	list[3].Removes = []string{list[0].Files[0].Path, list[1].Files[0].Path, list[2].Files[0].Path}
	list[4].Drops = []int{5}
	list[5].Removes = []string{list[0].Files[0].Path, list[1].Files[0].Path}
	return list
}

const golden = "testdata/log.jsonl"

var update = flag.Bool("update", false, "write "+golden)

// The log of some versions, to the byte: other tools read it. Version 0, whose schema is that of the documents of the day, is looked into.
func TestGolden(t *testing.T) {
	var got bytes.Buffer
	entries := delta.Log(someVersions(), "")
	for _, entry := range entries[1:] {
		got.Write(entry)
		got.WriteByte('\n')
	}
	if *update {
		pipelinetest.Must(t, os.WriteFile(golden, got.Bytes(), 0o644))
	}
	for _, want := range []string{`"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["millrace"]`, `{\"name\":\"offset\",\"type\":\"long\",\"nullable\":true,`} {
		if !strings.Contains(string(entries[0]), want) {
			t.Errorf("version 0 has no %s: %s", want, entries[0])
		}
	}
	want, err := os.ReadFile(golden)
	pipelinetest.Must(t, err)
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
	}
	id := delta.IDOf(entries[0])
	if again := delta.Log(someVersions(), id); id == "" || !bytes.Equal(again[0], entries[0]) {
		t.Errorf("with the id %q it begins otherwise", id)
	}
	if kept := delta.Log(someVersions()[1:], id); delta.IDOf(kept[0]) != id {
		t.Error("the id of the table has changed with the first manifest")
	}
}

// A corpus without documents in Parquet has no log.
func TestNone(t *testing.T) {
	list := someVersions()[:1]
	list[0].Files = list[0].Files[1:]
	if entries := delta.Log(list, ""); entries != nil {
		t.Errorf("%q", entries)
	}
	if entries := delta.Log(nil, ""); entries != nil {
		t.Errorf("%q", entries)
	}
}

func FuzzIDOf(f *testing.F) {
	f.Add(delta.Log(someVersions(), "")[0])
	f.Add([]byte(`{"metaData":{"id":"00000000-0000-0000-0000-00000000000/"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if id := delta.IDOf(data); id != "" && (len(id) != 36 || strings.Trim(id, "0123456789abcdef-") != "") {
			t.Errorf("the id is %q", id)
		}
	})
}

// FuzzBetween: whatever an entry holds, what comes between it and the next one says all that the next one says, and names no path twice.
func FuzzBetween(f *testing.F) {
	entries := delta.Log(someVersions(), "")
	f.Add(entries[1], entries[2])
	f.Add([]byte(`{"remove":{"path":"data/a.parquet"}}`+"\n{"), []byte(`{"add":{"path":"data/a.parquet"}}`+"\n"))
	f.Fuzz(func(t *testing.T, there, coming []byte) {
		between := delta.Between(there, coming)
		if !bytes.HasPrefix(between, coming) {
			t.Error("it does not begin with what is to come")
		}
		if again := delta.Between(between, coming); !bytes.Equal(again, between) && bytes.HasSuffix(coming, []byte("\n")) {
			t.Errorf("once more it is %q, and was %q", again, between)
		}
	})
}
