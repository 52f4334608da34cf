package main

import (
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program is a small one in the place of the real one: it says its version, and writes a man page and completions.
const program = `package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
	"golang.org/x/sync/errgroup"
)

var linked string

func main() {
	var g errgroup.Group
	g.Go(func() error {
		switch os.Args[1] {
		case "man":
			if err := os.Mkdir(os.Args[2], 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(os.Args[2], "millrace.1"), []byte(".TH MILLRACE 1\n"), 0o644)
		case "completion":
			_, err := fmt.Println("# completion of", os.Args[2])
			return err
		default:
			return yaml.NewEncoder(os.Stdout).Encode("millrace " + linked)
		}
	})
	if err := g.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`

// tree is a folder with the files that a source has, with that program, of the modules of the real one.
func tree(t *testing.T) string {
	t.Helper()
	t.Setenv("SOURCE_DATE_EPOCH", "")
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_SYSTEM": os.DevNull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_COMMITTER_DATE": "2026-11-23T10:11:13Z",
	} {
		t.Setenv(name, value)
	}
	folder := filepath.Join(t.TempDir(), "source")
	files := map[string]string{
		"cmd/millrace/main.go": program, "cmd/dist/main.go": "package main\n\nfunc main() {}\n", "LICENSE": "licence\n", "NOTICE": "notice\n",
		"README.md": "# millrace\n\n" + strings.Repeat("read me ", 1000), "CHANGELOG.md": "# Changes\n", "configs/example.yaml": "a: 1\n",
		"configs/embed.go": "package configs\n",
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	for name, text := range files {
		put(t, filepath.Join(folder, name), text)
	}
	return folder
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// repository is a tree that is committed.
func repository(t *testing.T) string {
	t.Helper()
	folder := tree(t)
	git(t, folder, "init", "--quiet")
	git(t, folder, "add", ".")
	git(t, folder, "commit", "--quiet", "--message", "all of it")
	return folder
}

func git(t *testing.T, folder string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func in(t *testing.T, folder string) *source {
	t.Helper()
	s, err := sourceIn(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// host is the platform of this machine, to build for.
func host(t *testing.T) *platform {
	t.Helper()
	if testing.Short() {
		t.Skip("skip: it compiles, and has no goroutine of its own")
	}
	list, err := platformsOf([]string{"host"})
	if err != nil {
		t.Skipf("skip: nothing is made for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return &list[0]
}

// contents are the files of a folder, by name.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range list {
		data, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name()] = string(data)
	}
	return files
}

func names(files map[string]string) []string { return slices.Sorted(maps.Keys(files)) }

var noon = time.Date(2026, 11, 23, 12, 0, 1, 0, time.UTC)

// TestRefusals: what is asked for wrongly is named, and nothing is removed.
func TestRefusals(t *testing.T) {
	folder := repository(t)
	taken := t.TempDir()
	put(t, filepath.Join(taken, "thesis.txt"), "years of work")
	for _, c := range []struct {
		at, want string
		args     []string
	}{
		{folder, `unknown platform "plan9/386": known are linux/amd64, linux/arm64, darwin/amd64, darwin/arm64, and host`, []string{"--platform", "plan9/386"}},
		{t.TempDir(), "is not the top of the source", nil},
		{filepath.Join(folder, "cmd"), "is not the top of the source", []string{"check"}},
		{folder, "has thesis.txt in it: name an empty folder", []string{"--out", taken, "--platform", "host"}},
		{folder, `maintainer is "nobody": it is a name and an address, as in "millrace <`, []string{"--maintainer", "nobody"}},
		{folder, "--quick is for --platform host alone", []string{"--quick", "--out", taken}},
		{folder, "unknown command", []string{"publish"}},
	} {
		t.Chdir(c.at)
		cmd := command()
		cmd.SetArgs(c.args)
		cmd.SetOut(io.Discard)
		if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
	if got := contents(t, taken)["thesis.txt"]; got != "years of work" {
		t.Errorf("the file is %q", got)
	}
}
