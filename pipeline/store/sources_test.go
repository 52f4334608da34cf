package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// tree makes a folder with one of everything that may lie in a source. It returns the folder.
func tree(t *testing.T) string {
	t.Helper()
	base := t.TempDir()
	root := filepath.Join(base, "news")
	write(t, filepath.Join(base, "outside.txt"), "secret")
	for name, content := range map[string]string{
		"a.b": "ab", "a/one.txt": "1", "a/deep/two.txt": "22", "a-b": "x", "b.txt": "333", "新闻/三.txt": "三",
		".hidden": "h", ".git/config": "h", "a/.DS_Store": "h", "empty": "", "name\xd0\xc2": "gbk",
	} {
		write(t, filepath.Join(root, name), content)
	}
	for link, target := range map[string]string{
		"link-file":      "b.txt",
		"link-absolute":  filepath.Join(root, "b.txt"),
		"a/link-up":      "../b.txt",
		"link-folder":    "a",
		"a/loop":         "..",
		"link-dangling":  "nowhere",
		"link-outside":   "../outside.txt",
		"link-outside-2": filepath.Join(base, "outside.txt"),
		"link-fifo":      "fifo",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o666); err != nil {
		t.Fatal(err)
	}
	// A socket's path is short everywhere but in temporary folders: it is made with a relative one.
	t.Chdir(root)
	socket, err := new(net.ListenConfig).Listen(t.Context(), "unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	return root
}

// scanned is what Scan has to say of tree, but for the times.
var scanned = []store.Found{
	{Path: "a-b", Bytes: 1},
	{Path: "a.b", Bytes: 2},
	{Path: "a/deep/two.txt", Bytes: 2},
	{Path: "a/link-up", Bytes: 3},
	{Path: "a/loop", Reason: pipeline.ReasonLink},
	{Path: "a/one.txt", Bytes: 1},
	{Path: "b.txt", Bytes: 3},
	{Path: "empty"},
	{Path: "fifo", Reason: pipeline.ReasonSpecial},
	{Path: "link-absolute", Bytes: 3},
	{Path: "link-dangling", Reason: pipeline.ReasonMissing},
	{Path: "link-fifo", Reason: pipeline.ReasonSpecial},
	{Path: "link-file", Bytes: 3},
	{Path: "link-folder", Reason: pipeline.ReasonLink},
	{Path: "link-outside", Reason: pipeline.ReasonOutside},
	{Path: "link-outside-2", Reason: pipeline.ReasonOutside},
	{Path: `name\xd0\xc2`, Bytes: 3, Reason: pipeline.ReasonName},
	{Path: "socket", Reason: pipeline.ReasonSpecial},
	{Path: "新闻/三.txt", Bytes: 3},
}

func scan(t *testing.T, root string) (list []store.Found) {
	t.Helper()
	err := store.Scan(t.Context(), root, store.Access{}, func(f store.Found) error {
		list = append(list, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestScan(t *testing.T) {
	root := tree(t)
	got := scan(t, root)
	for i := range got {
		if (got[i].ModTime == 0) != (got[i].Reason != "" && got[i].Bytes == 0) {
			t.Errorf("%s has time %d", got[i].Path, got[i].ModTime)
		}
		got[i].ModTime = 0
	}
	if diff := cmp.Diff(scanned, got); diff != "" {
		t.Errorf("scan (-want +got):\n%s", diff)
	}
	// A root may be a link itself, and its path may be relative.
	if err := os.Symlink(root, root+"-link"); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(root))
	if n := len(scan(t, filepath.Base(root)+"-link")); n != len(scanned) {
		t.Errorf("%d found through a link to the root, want %d", n, len(scanned))
	}
}

// TestScanOrder: the files of any tree come in byte order, however many folders are listed before their turn, and a scan that is stopped in
// the middle leaves none of these behind.
func TestScanOrder(t *testing.T) {
	root := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	var want []string
	var fill func(folder string, depth int)
	fill = func(folder string, depth int) {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range random.IntN(8) {
			name := path.Join(folder, fmt.Sprintf("%d%s", i, []string{"", ".txt", "-b", "新"}[random.IntN(4)]))
			if depth < 5 && random.IntN(3) == 0 {
				fill(name, depth+1)
				continue
			}
			if err := os.WriteFile(filepath.Join(root, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			want = append(want, name)
		}
	}
	for i := range 3 { // more folders side by side than are listed at once
		for k := range 20 {
			fill(fmt.Sprintf("%d/%02d", i, k), 2)
		}
	}
	slices.Sort(want)
	var got []string
	for _, f := range scan(t, root) {
		got = append(got, f.Path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scan of %d files (-want +got):\n%s", len(want), diff)
	}
	stop := errors.New("stop")
	for after := range 20 {
		n := 0
		err := store.Scan(t.Context(), root, store.Access{}, func(store.Found) error {
			if n++; n > after {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || n != after+1 {
			t.Errorf("stopped at file %d: %d were found, %v", after, n, err)
		}
	}
}

func TestScanErrors(t *testing.T) {
	root := tree(t)
	nothing := func(store.Found) error { return nil }
	if err := store.Scan(t.Context(), filepath.Join(root, "none"), store.Access{}, nothing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("scan of nothing: %v", err)
	}
	if err := store.Scan(t.Context(), filepath.Join(root, "b.txt"), store.Access{}, nothing); err == nil {
		t.Error("scanned a file")
	}
	stop := errors.New("stop")
	if err := store.Scan(t.Context(), root, store.Access{}, func(store.Found) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("scan stopped by its user: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Scan(ctx, root, store.Access{}, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("scan without time: %v", err)
	}
}

func TestScanUnreadableFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	root := t.TempDir()
	write(t, filepath.Join(root, "closed", "f"), "x")
	if err := os.Chmod(filepath.Join(root, "closed"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, "closed"), 0o700) })
	want := []store.Found{{Path: "closed", Reason: pipeline.ReasonUnreadable}}
	if diff := cmp.Diff(want, scan(t, root)); diff != "" {
		t.Errorf("scan (-want +got):\n%s", diff)
	}
}

func TestStat(t *testing.T) {
	root := tree(t)
	tests := []struct {
		file, root string
		want       store.Found
	}{
		{"b.txt", ".", store.Found{Path: "b.txt", Bytes: 3}},
		{"a/deep/two.txt", "a/deep", store.Found{Path: "two.txt", Bytes: 2}},
		{"link-file", ".", store.Found{Path: "link-file", Bytes: 3}},
		{".hidden", ".", store.Found{Path: ".hidden", Bytes: 1}},
		{"link-outside", "..", store.Found{Path: "outside.txt", Bytes: 6}},
		{"link-dangling", ".", store.Found{Path: "link-dangling", Reason: pipeline.ReasonMissing}},
		{"fifo", ".", store.Found{Path: "fifo", Reason: pipeline.ReasonSpecial}},
	}
	for _, tt := range tests {
		dir, got, err := store.Stat(filepath.Join(root, tt.file))
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
			continue
		}
		got.ModTime = 0
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.file, diff)
		}
		if want, _ := filepath.EvalSymlinks(filepath.Join(root, tt.root)); dir != want {
			t.Errorf("%s: root %s, want %s", tt.file, dir, want)
		}
	}
	for _, bad := range []string{"none", "a", "link-folder", "none/none"} {
		if _, found, err := store.Stat(filepath.Join(root, bad)); err == nil {
			t.Errorf("%s: %v, want an error", bad, found)
		}
	}
}

// TestSources opens everything that Scan found: a file opens, anything else is rejected for the reason of the scan.
func TestSources(t *testing.T) {
	root := tree(t)
	sources, err := store.OpenSources([]pipeline.Source{{Name: "none", Root: filepath.Join(root, "none")}, {Name: "news", Root: root}}, store.Access{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range scan(t, root) {
		want := f.Reason
		switch want {
		case pipeline.ReasonLink:
			want = pipeline.ReasonChanged // a folder now, and planned as a file
		case pipeline.ReasonName:
			want = pipeline.ReasonMissing // no file has the name that the plan can hold
		}
		file := pipeline.SourceFile{Source: 1, Path: f.Path, Bytes: f.Bytes, ModTime: f.ModTime}
		if got := openReason(t, sources, file); got != want {
			t.Errorf("%s: %q, want %q", f.Path, got, want)
		}
	}
	info, err := os.Stat(filepath.Join(root, "b.txt"))
	if err != nil {
		t.Fatal(err)
	}
	good := pipeline.SourceFile{Source: 1, Path: "b.txt", Bytes: 3, ModTime: info.ModTime().UnixNano()}
	for _, tt := range []struct {
		want   string
		change func(*pipeline.SourceFile)
	}{
		{"", func(*pipeline.SourceFile) {}},
		{pipeline.ReasonChanged, func(f *pipeline.SourceFile) { f.Bytes++ }},
		{pipeline.ReasonChanged, func(f *pipeline.SourceFile) { f.ModTime++ }},
		{pipeline.ReasonMissing, func(f *pipeline.SourceFile) { f.Path = "b.txt/below" }},
		{pipeline.ReasonMissing, func(f *pipeline.SourceFile) { f.Path = "a/none/none" }},
		{pipeline.ReasonOutside, func(f *pipeline.SourceFile) { f.Path = "../outside.txt" }},
		{pipeline.ReasonOutside, func(f *pipeline.SourceFile) { f.Path = "a/../../outside.txt" }},
		{pipeline.ReasonOutside, func(f *pipeline.SourceFile) { f.Path = filepath.Join(root, "b.txt") }},
		{pipeline.ReasonOutside, func(f *pipeline.SourceFile) { f.Path = "" }},
	} {
		file := good
		tt.change(&file)
		if got := openReason(t, sources, file); got != tt.want {
			t.Errorf("%+v: %q, want %q", file, got, tt.want)
		}
	}

	// A root that is gone is no verdict on its files.
	_, err = sources.Open(t.Context(), pipeline.SourceFile{Source: 0, Path: "b.txt"})
	if _, ok := errors.AsType[*pipeline.RejectError](err); ok || !errors.Is(err, pipeline.ErrUnreachable) {
		t.Errorf("open below a root that is gone: %v", err)
	}
	if _, err := sources.Open(t.Context(), pipeline.SourceFile{Source: 2, Path: "b.txt"}); err == nil {
		t.Error("opened a file of no source")
	}

	for range 2 {
		if err := sources.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := sources.Open(t.Context(), good); !errors.Is(err, os.ErrClosed) {
		t.Errorf("open after close: %v", err)
	}
}

func openReason(t *testing.T, sources *store.Sources, file pipeline.SourceFile) string {
	t.Helper()
	o, err := sources.Open(t.Context(), file)
	if err == nil {
		defer func() { _ = o.Close() }()
		data, err := io.ReadAll(io.NewSectionReader(o, 0, 1<<20))
		if err != nil || int64(len(data)) != file.Bytes || o.Size() != file.Bytes {
			t.Errorf("%s: read %d of %d bytes, %v", file.Path, len(data), o.Size(), err)
		}
		return ""
	}
	reject, ok := errors.AsType[*pipeline.RejectError](err)
	if !ok {
		t.Errorf("%s: %v is no RejectError", file.Path, err)
		return "?"
	}
	return reject.Reason
}
