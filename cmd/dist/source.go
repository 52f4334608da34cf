package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// source is the tree that everything is made of.
type source struct {
	folder  string
	version version
	time    time.Time
	environ []string // beside that of the process
}

// version is what a build is called: of a tag v1.2.3 that, and else of no release.
type version struct {
	release string // 1.2.3, 0.0.0 without a tag
	commit  string // its first 12 digits, "" if it has a tag, or is of no repository
	dirty   bool   // something in the tree is not committed
}

// String is the version as the program says it, by the rules of semantic versions.
func (v version) String() string { return v.suffixed("-dev", "+", ".dirty") }

// Wheel is the same by those of Python.
func (v version) Wheel() string { return v.suffixed(".dev0", "+", ".dirty") }

// Debian is the same by those of Debian: it is before the release.
func (v version) Debian() string { return v.suffixed("~dev", "+", ".dirty") }

func (v version) suffixed(development, commit, dirty string) string {
	if v.release != "0.0.0" && v.commit == "" && !v.dirty {
		return v.release
	}
	text := v.release + development
	if v.commit != "" {
		text += commit + v.commit
		if v.dirty {
			text += dirty
		}
	}
	return text
}

// tag is the name of a tag of a release.
var tag = regexp.MustCompile(`^v([0-9]+\.[0-9]+\.[0-9]+)$`)

// sourceIn is the tree that a folder is the top of, with the version that its repository says.
func sourceIn(ctx context.Context, folder string) (*source, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(folder, "cmd", "dist")); err != nil {
		return nil, fmt.Errorf("%s is not the top of the source: %w", folder, err)
	}
	s := &source{folder: folder, version: version{release: "0.0.0"}, time: time.Unix(firstZip, 0)}
	if top, err := s.git(ctx, "rev-parse", "--show-prefix"); err == nil && top == "" { // else the tree is of no repository, or of another one
		if err := s.ofRepository(ctx); err != nil {
			return nil, err
		}
	}
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("SOURCE_DATE_EPOCH is %q: it is a number of seconds", text)
		}
		s.time = time.Unix(n, 0)
	}
	s.time = time.Unix(max(s.time.Unix(), firstZip), 0).UTC()
	return s, nil
}

// firstZip is the first day that a zip file can name.
const firstZip = 315532800

func (s *source) ofRepository(ctx context.Context) error {
	seconds, err := s.git(ctx, "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return fmt.Errorf("time of the commit: %w", err)
	}
	s.time = time.Unix(n, 0)
	changed, err := s.git(ctx, "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return err
	}
	s.version.dirty = changed != ""
	tags, err := s.git(ctx, "tag", "--points-at", "HEAD", "--sort=version:refname")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(tags, "\n") {
		if m := tag.FindStringSubmatch(name); m != nil {
			s.version.release = m[1] // the last one
		}
	}
	if s.version.release == "0.0.0" || s.version.dirty {
		s.version.commit, err = s.git(ctx, "rev-parse", "--short=12", "HEAD")
	}
	return err
}

func (s *source) git(ctx context.Context, args ...string) (string, error) {
	return s.output(ctx, nil, "git", args...)
}

// output runs a program in the folder of the source and returns what it prints, without the white space at its end.
func (s *source) output(ctx context.Context, environ []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = s.folder, append(append(os.Environ(), s.environ...), environ...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, said.Bytes())
	}
	return strings.TrimRight(string(out), "\n\r\t "), nil
}

// tracked are the files of the source that the repository has, by path.
func (s *source) tracked(ctx context.Context) ([]string, error) {
	list, err := s.git(ctx, "ls-files", "-z")
	if err != nil {
		return nil, err
	}
	var files []string
	for name := range strings.SplitSeq(strings.TrimRight(list, "\x00"), "\x00") {
		if i, err := os.Lstat(filepath.Join(s.folder, name)); err == nil && i.Mode().IsRegular() {
			files = append(files, name)
		}
	}
	return files, nil
}
