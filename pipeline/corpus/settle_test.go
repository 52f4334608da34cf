package corpus_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/verify"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// ailing is a store whose operations on the places of documents fail from the n-th on, as those of a process that is dead.
type ailing struct {
	pipeline.Store
	mu   sync.Mutex
	left int // guarded by mu
}

var errAiling = errors.New("ailing")

func (a *ailing) step(name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if strings.HasPrefix(name, pipeline.DataFolder+"/") || strings.HasPrefix(name, dataset.RetiredFolder+"/") {
		if a.left--; a.left < 0 {
			return errAiling
		}
	}
	return nil
}

func (a *ailing) Remove(ctx context.Context, name string) error {
	if err := a.step(name); err != nil {
		return err
	}
	return a.Store.Remove(ctx, name)
}

func (a *ailing) Create(ctx context.Context, name string) (pipeline.Writer, error) {
	if err := a.step(name); err != nil {
		return nil, err
	}
	return a.Store.Create(ctx, name)
}

// linked is one that can link, linkless one on a file system that knows no links.
type (
	linked   struct{ *ailing }
	linkless struct{ *ailing }
)

func (l linked) Copy(ctx context.Context, from, to string) error {
	if err := l.step(from); err != nil {
		return err
	}
	return l.Store.(pipeline.Copier).Copy(ctx, from, to)
}

func (l linkless) Copy(_ context.Context, from, to string) error {
	return fmt.Errorf("link %s to %s: %w", from, to, errors.ErrUnsupported)
}

func (l linkless) Move(ctx context.Context, from, to string) error {
	if err := l.step(from); err != nil {
		return err
	}
	return l.Store.(pipeline.Mover).Move(ctx, from, to)
}

// Wherever moving ends for a moment, the corpus reads as it should, and the next start brings everything to its place: with links, without
// them, and in a store that can do neither.
func TestPlacesCutShort(t *testing.T) {
	pipelinetest.Long(t)
	commands := map[string]func(c *corpus.Corpus) error{
		"compact": func(c *corpus.Corpus) error {
			_, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20})
			return err
		},
		"drop": func(c *corpus.Corpus) error {
			_, err := c.Drop(t.Context(), corpus.DropInput{Version: 3})
			return err
		},
	}
	for name, wrap := range map[string]func(*ailing) pipeline.Store{
		"linked":   func(a *ailing) pipeline.Store { return linked{a} },
		"linkless": func(a *ailing) pipeline.Store { return linkless{a} },
		"neither":  func(a *ailing) pipeline.Store { return a },
	} {
		for command, do := range commands {
			t.Run(name+"/"+command, func(t *testing.T) {
				step := 1
				if testing.Short() {
					step = 4
				}
				for ops := 0; ; ops += step {
					_, whole := corpustest.TwoNights(t)
					if command == "drop" {
						pipelinetest.Must(t, commands["compact"](whole))
					}
					before := keptNow(t, whole)
					newest, err := whole.Newest(t.Context())
					pipelinetest.Must(t, err)
					pipelinetest.Must(t, do(corpus.Open(stopped{whole.Store()}, corpustest.Tables)))
					if m, err := whole.Newest(t.Context()); err != nil || m.Version != newest.Version+1 {
						t.Fatalf("%+v, %v", m, err)
					}
					a := &ailing{Store: whole.Store(), left: ops}
					c := corpus.Open(wrap(a), corpustest.Tables)
					err = c.Recover(t.Context(), nil)
					if !maps.Equal(keptNow(t, whole), before) {
						t.Fatalf("after %d operations: other documents", ops)
					}
					if err != nil && !errors.Is(err, errAiling) {
						t.Fatal(err)
					}
					pipelinetest.Must(t, whole.Recover(t.Context(), nil))
					corpustest.Verified(t, whole)
					if err == nil {
						if ops < 3 {
							t.Errorf("it took %d operations", ops)
						}
						return
					}
				}
			})
		}
	}
}

// stopped is a store in which nothing moves between the places of documents: as if the process ended behind the manifest. What was not
// copied is not removed either.
type stopped struct{ pipeline.Store }

func (stopped) Copy(context.Context, string, string) error { return nil }

// In a bucket, too, and where everything lies in data/, as in the corpora of earlier programs.
func TestPlacesInBucket(t *testing.T) {
	bucket, err := store.Open(t.Context(), pipelinetest.StartS3(t).Bucket(t, "corpus"), store.Options{})
	pipelinetest.Must(t, err)
	t.Cleanup(func() { pipelinetest.Must(t, bucket.Close()) })
	whole := fiveNights(t)
	pipelinetest.Must(t, whole.Store().(pipeline.Mover).Move(t.Context(), "retired/data", "retired/was"))
	infos, err := whole.Store().List(t.Context(), "")
	pipelinetest.Must(t, err)
	for _, info := range infos {
		if strings.HasPrefix(info.Name, pipeline.WorkFolder) {
			continue
		}
		data, err := pipeline.ReadAll(t.Context(), whole.Store(), info.Name)
		pipelinetest.Must(t, err)
		pipelinetest.Must(t, pipeline.WriteAll(t.Context(), bucket, strings.Replace(info.Name, "retired/was/", "data/", 1), data))
	}
	c := corpus.Open(bucket, corpustest.Tables)
	before := keptNow(t, c)
	report, err := verify.Corpus(t.Context(), c, verify.Options{})
	if err != nil || len(report.Unsettled) != 1 || !strings.HasPrefix(report.Unsettled[0], "data/000003-") || len(report.Unexpected) > 0 {
		t.Errorf("as it came: %+v, %v", report, err)
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"nothing", func() error { return c.Recover(t.Context(), nil) }},
		{"compact", func() error {
			_, err := corpustest.Compact(t.Context(), c, corpustest.SmallShards)
			return err
		}},
		{"drop", func() error {
			_, err := c.Drop(t.Context(), corpus.DropInput{Version: 7})
			return err
		}},
		{"gc", func() error {
			_, err := c.GC(t.Context(), corpus.GCInput{Keep: 1})
			return err
		}},
	} {
		pipelinetest.Must(t, step.do())
		corpustest.Verified(t, c)
		if !maps.Equal(keptNow(t, c), before) {
			t.Errorf("%s: other documents", step.name)
		}
	}
	infos, err = bucket.List(t.Context(), dataset.RetiredFolder)
	if err != nil || len(infos) > 0 {
		t.Errorf("retired are %v, %v", infos, err)
	}
}

// The files of every version are found where they lie, until they are freed.
func TestFilesAt(t *testing.T) {
	_, c := corpustest.TwoNights(t)
	_, err := corpustest.Compact(t.Context(), c, corpustest.CompactInput{ShardBytes: 1 << 20})
	pipelinetest.Must(t, err)
	corpustest.Drop(t, c)
	_, err = c.Drop(t.Context(), corpus.DropInput{Version: 2})
	pipelinetest.Must(t, err)
	for version, want := range [][]string{{"data/000001"}, {"data/000001"}, {"data/000001", "retired/data/000002"}, {"retired/data/000003"}, {"data/000001", "retired/data/000002"}, {"data/000001"}} {
		files, err := c.FilesAt(t.Context(), version)
		pipelinetest.Must(t, err)
		var shards []string
		for _, f := range files {
			pipelinetest.Must(t, dataset.CheckFile(t.Context(), c.Store(), f, nil))
			if folder, _, _ := strings.Cut(f.Path, "-"); strings.Contains(f.Path, "data/") {
				shards = append(shards, folder)
			}
		}
		if !slices.Equal(shards, want) {
			t.Errorf("version %d lies at %v, want %v", version, shards, want)
		}
	}
	_, err = c.GC(t.Context(), corpus.GCInput{Keep: 1})
	pipelinetest.Must(t, err)
	for version, free := range []bool{false, false, true, true, true, false} {
		if _, err := c.FilesAt(t.Context(), version); errors.Is(err, pipeline.ErrUsage) != free {
			t.Errorf("version %d, collected: %v", version, err)
		}
	}
}
