package publish

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

// publishing is a Publisher over one source, news, whose references end in refs.
func publishing(t *testing.T, source string, digest bool) (p *Publisher, refs func() []string) {
	t.Helper()
	var got []string
	p, err := New(Options{
		Roots: []intake.Root{{Name: "news", Root: source}}, Out: filepath.Join(t.TempDir(), "corpus"), Digest: digest,
		Put: func(_ context.Context, files ...queue.FileRef) error {
			for _, f := range files {
				name := f.Source + "/" + f.Path
				if f.Digest != "" {
					name += " " + f.Digest[:8]
				}
				got = append(got, name)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, func() []string { return slices.Sorted(slices.Values(got)) }
}

func writeTree(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

// TestPublishConfines: nothing outside of a source is ever published, by whatever path or link it is named; links within a
// source are files of it.
func TestPublishConfines(t *testing.T) {
	root := t.TempDir()
	news, secret := filepath.Join(root, "news"), filepath.Join(root, "secret")
	writeTree(t, news, map[string]string{"a.txt": "甲", "sub/b.txt": "乙", "sub/deep/c.txt": "丙", ".hidden": "x"})
	writeTree(t, secret, map[string]string{"key.txt": "s"})
	link(t, filepath.Join(secret, "key.txt"), filepath.Join(news, "sub", "leaves.txt"))
	link(t, "../../secret/key.txt", filepath.Join(news, "sub", "relative.txt"))
	link(t, "../a.txt", filepath.Join(news, "sub", "stays.txt"))
	link(t, secret, filepath.Join(news, "out"))
	link(t, news, filepath.Join(root, "alias"))
	if err := os.Mkdir(filepath.Join(news, "same-begin"), 0o755); err != nil {
		t.Fatal(err)
	}
	sub := []string{"news/sub/b.txt", "news/sub/deep/c.txt", "news/sub/stays.txt"}
	for _, tt := range []struct {
		path    string
		want    []string
		refused []string // base names with reasons
	}{
		{news, append([]string{"news/a.txt"}, sub...), []string{"leaves.txt outside", "out outside", "relative.txt outside"}},
		{news + "/sub", sub, []string{"leaves.txt outside", "relative.txt outside"}},
		{news + "/sub/deep", []string{"news/sub/deep/c.txt"}, nil},
		{news + "/sub/stays.txt", []string{"news/sub/stays.txt"}, nil},
		{news + "/sub/leaves.txt", nil, []string{"leaves.txt outside"}},
		{news + "/out", nil, []string{"out outside"}},
		{news + "/out/key.txt", nil, []string{"key.txt outside"}},
		{filepath.Join(root, "alias", "sub", "deep"), []string{"news/sub/deep/c.txt"}, nil},
		{news + "/sub/../a.txt", []string{"news/a.txt"}, nil},
	} {
		p, refs := publishing(t, news, false)
		if err := p.Publish(t.Context(), tt.path); err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		var refused []string
		for _, r := range p.Result().Refused {
			refused = append(refused, filepath.Base(r.Path)+" "+r.Reason)
			if Says(r.Reason) == "" {
				t.Errorf("no text for reason %s", r.Reason)
			}
		}
		slices.Sort(refused)
		if diff := cmp.Diff(tt.want, refs()); diff != "" {
			t.Errorf("%s: published (-want +got):\n%s", tt.path, diff)
		}
		if diff := cmp.Diff(tt.refused, refused); diff != "" {
			t.Errorf("%s: refused (-want +got):\n%s", tt.path, diff)
		}
	}
	for _, outside := range []string{secret, filepath.Join(secret, "key.txt"), news + "/../secret", root, news + "/none"} {
		p, refs := publishing(t, news, false)
		if err := p.Publish(t.Context(), outside); !errors.Is(err, pipeline.ErrUsage) || len(refs()) > 0 {
			t.Errorf("%s: %v, published %v", outside, err, refs())
		}
	}
}

// TestPublishUpload: files come into the source whole, under their paths; what is there already keeps its time.
func TestPublishUpload(t *testing.T) {
	root := t.TempDir()
	news, local := filepath.Join(root, "news"), filepath.Join(root, "tonight")
	writeTree(t, news, map[string]string{"there.txt": "same", "other.txt": "old"})
	writeTree(t, local, map[string]string{"there.txt": "same", "other.txt": "new", "d/e.txt": "甲"})
	link(t, "/etc/hostname", filepath.Join(local, "leaves"))
	before, err := os.Stat(filepath.Join(news, "there.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for round, uploaded := range []int64{2, 0} {
		p, refs := publishing(t, news, true)
		if err := p.Upload(t.Context(), "news", local); err != nil {
			t.Fatal(err)
		}
		// sha256 of 甲, new, same
		want := []string{"news/d/e.txt 33e3580c", "news/other.txt 11507a0e", "news/there.txt 0967115f"}
		if diff := cmp.Diff(want, refs()); diff != "" {
			t.Errorf("round %d (-want +got):\n%s", round, diff)
		}
		if p.Result().Uploaded != uploaded || len(p.Result().Refused) != 1 || p.Result().Refused[0].Reason != pipeline.ReasonOutside {
			t.Errorf("round %d: %d uploaded, refused %v", round, p.Result().Uploaded, p.Result().Refused)
		}
	}
	after, err := os.Stat(filepath.Join(news, "there.txt"))
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("a file that was there has changed: %v, %v", after.ModTime(), err)
	}
	p, _ := publishing(t, news, false)
	other := filepath.Join(root, "again", "other.txt")
	writeTree(t, root, map[string]string{"again/other.txt": "third"})
	if err := p.Upload(t.Context(), "news", local, other); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "both called other.txt") {
		t.Errorf("two files of one name: %v", err)
	}
}

// TestPublishBucket: the same below a prefix of a bucket.
func TestPublishBucket(t *testing.T) {
	server := pipelinetest.StartS3(t)
	bucket := server.Bucket(t, "millrace")
	local := filepath.Join(t.TempDir(), "tonight")
	writeTree(t, local, map[string]string{"a.txt": "甲", "sub/b.txt": "乙"})
	p, refs := publishing(t, bucket+"/news", false)
	if err := p.Upload(t.Context(), "news", local); err != nil || p.Result().Uploaded != 2 {
		t.Fatalf("%d uploaded, %v", p.Result().Uploaded, err)
	}
	want := []string{"news/a.txt", "news/sub/b.txt"}
	if diff := cmp.Diff(want, refs()); diff != "" {
		t.Errorf("uploaded (-want +got):\n%s", diff)
	}
	for at, want := range map[string][]string{
		bucket + "/news": want, bucket + "/news/sub/": want[1:], bucket + "/news/a.txt": want[:1],
	} {
		p, refs := publishing(t, bucket+"/news", false)
		if err := p.Publish(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, refs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
	beside, err := store.Open(t.Context(), bucket+"/newspaper", store.Options{Write: true}) // begins with the same letters
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = beside.Close() }() // every file is committed
	if err := pipeline.WriteAll(t.Context(), beside, "a.txt", []byte("甲")); err != nil {
		t.Fatal(err)
	}
	p, _ = publishing(t, bucket+"/news", false)
	if err := p.Publish(t.Context(), bucket+"/newspaper"); !errors.Is(err, pipeline.ErrUsage) || strings.Contains(err.Error(), server.Secret) {
		t.Errorf("beside the source: %v", err)
	}
}
