package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
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
	bare    bool     // it is of no repository
	quick   bool     // the binary of this machine is built as make build does

	maintainer string // who answers for the Debian packages: a name and an address
}

// sourceIn is the tree that a folder is the top of, with the version that its repository says.
func sourceIn(ctx context.Context, folder string) (*source, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(folder, "cmd", "dist")); err != nil {
		return nil, fmt.Errorf("%s is not the top of the source: %w", folder, err)
	}
	s := &source{folder: folder, time: time.Unix(firstZip, 0), maintainer: defaultMaintainer}
	if _, err := os.Lstat(filepath.Join(folder, ".git")); err != nil { // a repository above the folder is of something else
		s.bare = true
	} else if err := s.ofRepository(ctx); err != nil {
		return nil, err
	}
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > lastZip {
			return nil, fmt.Errorf("SOURCE_DATE_EPOCH is %q: it is a number of seconds up to %d", text, lastZip)
		}
		s.time = time.Unix(n, 0)
	}
	s.time = time.Unix(max(s.time.Unix(), firstZip), 0).UTC()
	return s, nil
}

// firstZip and lastZip are the first and last time that a zip file can name, in 1980 and 2107.
const (
	firstZip = 315532800
	lastZip  = 4354819198
)

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
	// What is not in the repository counts, too: it would be compiled, and configs come along.
	changed, err := s.git(ctx, "status", "--porcelain")
	if err != nil {
		return err
	}
	if changed == "" {
		tags, err := s.git(ctx, "tag", "--points-at", "HEAD")
		if err != nil {
			return err
		}
		if s.version = tagged(strings.Split(tags, "\n")); s.version.release != "" {
			return nil
		}
	}
	s.version.dirty = changed != ""
	s.version.commit, err = s.git(ctx, "rev-parse", "--short=12", "HEAD")
	return err
}

func (s *source) git(ctx context.Context, args ...string) (string, error) {
	// Whoever owns the folder: what is in it is about to be compiled and run.
	return s.output(ctx, nil, "git", append([]string{"-c", "safe.directory=*"}, args...)...)
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

// tracked are the files of the source that the repository has, by path. Without one they are all, but hidden ones and what make makes.
func (s *source) tracked(ctx context.Context) ([]string, error) {
	if s.bare {
		return s.visible()
	}
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

func (s *source) visible() (files []string, err error) {
	err = filepath.WalkDir(s.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == s.folder {
			return err
		}
		name, err := filepath.Rel(s.folder, path)
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") || name == "bin" || name == "out" || name == "dist") {
			return fs.SkipDir
		}
		if d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") {
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	return files, err
}
