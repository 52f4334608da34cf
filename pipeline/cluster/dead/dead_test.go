package dead

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// oneDead is a corpus of one version, in which one file of the source 新闻 was given up.
func oneDead(t *testing.T) *corpus.Corpus {
	t.Helper()
	r := corpustest.MakeRun(t, corpustest.NewStore(t), corpustest.FirstNight(), corpustest.Sabotage{})
	r.MustCommit(t)
	return r.Corpus
}

// clustered is a client of a control plane in which a run with two dead letters is under way.
func clustered(t *testing.T) (*cluster.Client, *queue.Control) {
	t.Helper()
	nats, err := queue.StartEmbedded(t.Context(), t.TempDir(), queue.EmbeddedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nats.Close)
	c, err := queue.OpenControl(t.Context(), nats.Conn(), "corpus", queue.ControlOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const plan = "0123abcd"
	q, err := c.Create(t.Context(), plan, queue.Options{Stages: []string{"parse"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	if _, err := q.Attempt(t.Context(), pipeline.Task{Stage: "parse", Index: 4}, 5); err != nil {
		t.Fatal(err)
	}
	progress := cluster.Progress{Plan: plan, Dead: 2, DeadLetters: []cluster.DeadLetter{
		{Split: 4, Stages: []string{"parse"}, Source: "新闻", Path: "x.jsonl", FileBytes: 100, ModTime: 7, Offset: 10, Bytes: 20, Error: "panic: poison"},
		{Split: 5, Source: "新闻", Path: "y.jsonl", FileBytes: 50, Bytes: 50, Error: "gave up"},
	}}
	for key, value := range map[string]any{"run.newest": cluster.Record{ID: "night", State: cluster.Running, Plan: plan}, "progress": progress} {
		data, err := json.Marshal(value)
		if err == nil {
			err = c.Put(t.Context(), key, data, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return &cluster.Client{Control: c}, c
}

func read(t *testing.T, c *corpus.Corpus, client *cluster.Client) *Letters {
	t.Helper()
	l, err := Read(t.Context(), c, client)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func paths(list []*Letter) (names []string) {
	for _, l := range list {
		names = append(names, l.Path)
	}
	return names
}

// refused insists on an error of the user's.
func refused(t *testing.T, err error, word string) {
	t.Helper()
	if !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), word) {
		t.Errorf("%v, want ErrUsage and %q", err, word)
	}
}

// TestLetters: those of the run under way come first, with what is known of them only now.
func TestLetters(t *testing.T) {
	client, _ := clustered(t)
	l := read(t, oneDead(t), client)
	all := l.All()
	if len(all) != 3 || all[2].Path != "d/dead.jsonl" || all[2].Version != 1 || all[2].Run != "" {
		t.Fatalf("dead letters: %+v", all)
	}
	want := Letter{Run: "night", Attempts: 5, Dead: corpus.Dead{
		ID: corpus.DeadID("run", "新闻", "x.jsonl", 10), Source: "新闻", Path: "x.jsonl", FileBytes: 100, ModTime: 7, Offset: 10, Bytes: 20,
		Error: "panic: poison",
	}}
	if diff := cmp.Diff(want, all[0]); diff != "" {
		t.Errorf("of the run (-want +got):\n%s", diff)
	}

	found, err := l.Find(all[2].ID, all[1].ID[:len(all[1].ID)-1])
	if diff := cmp.Diff([]string{"d/dead.jsonl", "y.jsonl"}, paths(found)); diff != "" || err != nil {
		t.Errorf("%v, found (-want +got):\n%s", err, diff)
	}
	_, err = l.Find("none")
	refused(t, err, `no dead letter is called "none"`)
	_, err = l.Find("run-")
	refused(t, err, "2 dead letters begin")

	chosen, err := l.Choose()
	if diff := cmp.Diff([]string{"d/dead.jsonl"}, paths(chosen)); diff != "" || err != nil {
		t.Errorf("%v, all that are open (-want +got):\n%s", err, diff)
	}
	_, err = l.Choose(all[0].ID)
	refused(t, err, "of run night, which is under way")
	_, err = l.Choose("none")
	refused(t, err, "none")
}

// TestRetry: files are published once, as they are now, and a run is asked for. What cannot be read is not tried.
func TestRetry(t *testing.T) {
	client, control := clustered(t)
	c := oneDead(t)
	l := read(t, c, client)
	chosen, err := l.Choose()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	again := Again{Roots: []intake.Root{{Name: "other", Root: root}}, Request: cluster.Request{ID: "manual"}}
	_, err = l.Retry(t.Context(), chosen, again)
	refused(t, err, `no path for source "新闻"`)
	again.Roots = append(again.Roots, intake.Root{Name: "新闻", Root: root})
	if _, err = l.Retry(t.Context(), chosen, again); err == nil || !strings.Contains(err.Error(), "it is not there") {
		t.Errorf("a file that is gone: %v", err)
	}
	if _, revision, err := control.Get(t.Context(), "request.start.manual"); revision != 0 || err != nil {
		t.Errorf("a run is asked for: %d, %v", revision, err)
	}

	if err := os.Mkdir(filepath.Join(root, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "d", "dead.jsonl"), []byte("mended"), 0o644); err != nil {
		t.Fatal(err)
	}
	n, err := l.Retry(t.Context(), []*Letter{chosen[0], chosen[0]}, again)
	if n != 1 || err != nil {
		t.Errorf("published %d, %v", n, err)
	}
	refs, _, err := control.Inbox(t.Context())
	if err != nil || len(refs) != 1 || refs[0].Source != "新闻" || refs[0].Path != "d/dead.jsonl" || refs[0].Bytes != 6 {
		t.Errorf("the inbox: %+v, %v", refs, err)
	}
	if _, revision, err := control.Get(t.Context(), "request.start.manual"); revision == 0 || err != nil {
		t.Errorf("no run is asked for: %v", err)
	}
	if n, err := l.Retry(t.Context(), nil, again); n != 0 || err != nil {
		t.Errorf("of nothing: %d, %v", n, err)
	}
}

// TestDrop: what was dropped is not open until it is wanted again. There is no cluster to ask.
func TestDrop(t *testing.T) {
	c := oneDead(t)
	l := read(t, c, nil)
	chosen, err := l.Choose()
	if err != nil || len(chosen) != 1 {
		t.Fatalf("%d open, %v", len(chosen), err)
	}
	if err := l.Drop(t.Context(), chosen); err != nil {
		t.Fatal(err)
	}
	l = read(t, c, nil)
	if all := l.All(); len(all) != 1 || !all[0].Dropped {
		t.Errorf("after the drop: %+v", all)
	}
	if chosen, err := l.Choose(); len(chosen) != 0 || err != nil {
		t.Errorf("open: %v, %v", paths(chosen), err)
	}
	chosen, err = l.Choose(l.All()[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := l.Retry(t.Context(), chosen, Again{}); n != 0 || err != nil {
		t.Errorf("retried: %d published, %v", n, err)
	}
	if chosen, err := read(t, c, nil).Choose(); len(chosen) != 1 || err != nil {
		t.Errorf("open after the retry: %v, %v", paths(chosen), err)
	}
}
