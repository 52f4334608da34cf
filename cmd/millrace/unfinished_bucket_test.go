package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestBucketUnfinished: in a bucket an unfinished run ends first too, a stopped one is seen, and rejects of objects are taken again.
func TestBucketUnfinished(t *testing.T) {
	bucket, _ := startBucket(t)
	local := t.TempDir()
	batchOf(t, filepath.Join(local, "a"), "x.jsonl", 1, 20, 0)
	batchOf(t, filepath.Join(local, "b"), "y.jsonl", 2, 20, 0)
	oldFile(t, filepath.Join(local, "c"), "z.jsonl", `{"text":"这一行的字段就叫这个名字"}`+"\n"+`{"body":"这一行的字段叫别的名字"}`+"\n")
	for _, name := range []string{"a", "b", "c"} {
		upload(t, filepath.Join(local, name), bucket+"/in/"+name)
	}
	out := bucket + "/corpus"
	killedRun(t, out, bucket+"/in/a", "", "2026-11-01")
	got := job(t, jobOptions(t, out, bucket+"/in/b"))
	if len(got.Finished) != 1 || got.Version != 2 {
		t.Errorf("%+v, want version 2 behind version 1", got)
	}
	wantHoldings(t, out, "2026-11-01 20 of 1", "20 of 1")

	settings := func(more string) string {
		return settingsFile(t, out, local, "parse: {text_field: ["+more+"]}", severe)
	}
	if e := runs(t, exitFailed, bucket+"/in/c", "--config", settings("text")); !strings.Contains(e.told(), `{"body":`) {
		t.Errorf("the record is not shown:\n%s", e.stderr)
	}
	if e := execute(t, nil, "inspect", out, "--unfinished"); !strings.Contains(e.stdout, "c/z.jsonl: 1 of 2 documents rejected") {
		t.Errorf("inspect --unfinished: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
	raised := settingsFile(t, out, local, "parse: {text_field: [text]}")
	runs(t, exitRejected, bucket+"/in/c", "--config", raised)
	e := runs(t, exitDone, bucket+"/in/c", "--config", settings("text, body"), "--retry-rejected")
	if e.result.Version != 4 || e.result.Documents.Read != 1 || e.result.Documents.Kept != 1 {
		t.Errorf("retried: %+v", e.result)
	}
	verified(t, out)
}
