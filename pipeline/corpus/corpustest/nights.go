package corpustest

import (
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// FirstNight has a document of every fate, and a file of every status.
func FirstNight() []File {
	return []File{
		{Path: "a/day1.jsonl", Docs: []Doc{
			{Text: "荆楚大地涌动『温暖』潮，各界群众踊跃捐款捐物。\n第二段：1994年的冬天。"},
			{Text: "第二篇文章说的是别的事情"},
			{Text: "荆楚大地涌动『温暖』潮，各界群众踊跃捐款捐物。\n第二段：1994年的冬天。", Of: &[2]int{0, 0}, Kind: ingest.KindExact, Score: 256},
			{Text: "", Filtered: ingest.ReasonEmpty},
		}},
		{Path: "a/day2.jsonl", Bundled: true, Docs: []Doc{
			{Text: "{not json", Rejected: ingest.ReasonBadJSON},
			{Text: "荆楚大地涌动“温暖”潮，各界群众踊跃捐款捐物。第二段：1994年的冬天!", Of: &[2]int{0, 0}, Kind: ingest.KindNear, Score: 201},
		}},
		{Path: "b/gone.jsonl", Reject: pipeline.ReasonMissing},
		{Path: "b/half.jsonl.gz", Docs: []Doc{{Text: "前半还在"}}, Unread: 100, Reason: ingest.ReasonTruncated},
		{Path: "c/noise.bin", Unread: 50, Reason: ingest.ReasonBinary},
		{Path: "d/dead.jsonl", Dead: true, Docs: []Doc{{Text: "never seen"}}},
		{Path: "e/long.jsonl", Docs: []Doc{
			{Text: "A longer text in English, so that lines are cut at the right column: " +
				"the quick brown fox jumps over the lazy dog, again and again, and once more, to the end of it."},
			{Text: "第二篇文章说的是别的事情。", Of: &[2]int{0, 1}, Kind: ingest.KindSameKey, Score: 256},
		}},
	}
}

// SecondNight has duplicates of the first.
func SecondNight() []File {
	id, _ := ingest.DocumentID(nil, "新闻", "a/day1.jsonl", 0)
	return []File{
		{Path: "f/day3.jsonl", Docs: []Doc{
			{Text: "荆楚大地涌动『温暖』潮", OfID: id, OfVersion: 1, Kind: ingest.KindNear, Score: 768_421},
			{Text: "今天的新闻：一切都是新的\u200b\x1b[31m"},
		}},
	}
}

// TwoNights commits both and returns the store.
func TwoNights(t *testing.T) (*store.Local, *corpus.Corpus) {
	t.Helper()
	local := NewStore(t)
	MakeRun(t, local, FirstNight(), Sabotage{}).MustCommit(t)
	r := MakeRun(t, local, SecondNight(), Sabotage{})
	r.MustCommit(t)
	return local, r.Corpus
}

// Drop commits a version that leaves out the newest, as far as its manifest goes.
func Drop(t *testing.T, c *corpus.Corpus) {
	t.Helper()
	newest, err := c.Newest(t.Context())
	pipelinetest.Must(t, err)
	run := manifest.RunInfo{Started: "2026-10-28T03:00:00Z", Host: "laptop", Tool: "millrace test"}
	_, err = c.Drop(t.Context(), corpus.DropInput{Version: newest.Live[len(newest.Live)-1], Run: run})
	pipelinetest.Must(t, err)
}
