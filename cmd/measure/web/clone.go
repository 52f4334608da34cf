package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mikelolasagasti/xz"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Repository is where pages come from.
type Repository struct {
	Name   string `yaml:"name"` // owner/name on GitHub
	Commit string `yaml:"commit"`
}

// Store finds repositories at their commits.
type Store struct {
	Clones string // a folder of clones that others made, instead of fetching
	Cache  string // where fetched ones are kept
}

// clone is a repository of which one commit is read.
type clone struct {
	dir, commit string
	names       []string // of all its files
}

// open finds a repository, or fetches its one commit from GitHub.
func (s Store) open(ctx context.Context, r Repository) (*clone, error) {
	dir := filepath.Join(s.Cache, strings.ReplaceAll(r.Name, "/", "+"))
	var err error
	if s.Clones != "" {
		dir, err = findClone(s.Clones, r.Name)
	} else {
		err = fetch(ctx, dir, r)
	}
	if err != nil {
		return nil, err
	}
	c := &clone{dir: dir, commit: r.Commit}
	names, err := git(ctx, dir, "ls-tree", "-r", "-z", "--name-only", r.Commit)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", r.Name, r.Commit, err)
	}
	c.names = strings.Split(strings.TrimSuffix(string(names), "\x00"), "\x00")
	return c, nil
}

// findClone finds the clone of owner/name below a folder: as owner/name, owner+name or name, itself or up to two levels down.
func findClone(folder, repository string) (dir string, err error) {
	for _, base := range []string{repository, strings.ReplaceAll(repository, "/", "+"), path.Base(repository)} {
		for _, deeper := range []string{"", ".git", "/.git", "/*", "/*/.git"} {
			found, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(base)) + filepath.FromSlash(deeper))
			if err != nil {
				return "", err
			}
			for _, dir := range found {
				_, headless := os.Stat(filepath.Join(dir, "HEAD"))
				_, empty := os.Stat(filepath.Join(dir, "objects"))
				if headless == nil && empty == nil {
					return dir, nil
				}
			}
		}
	}
	return "", fmt.Errorf("no clone of %s in %s: git clone --bare https://github.com/%s %s", repository, folder, repository,
		filepath.Join(folder, filepath.FromSlash(repository)))
}

// fetch gets one commit of a repository, unless it is there.
func fetch(ctx context.Context, dir string, r Repository) error {
	if _, err := git(ctx, dir, "cat-file", "-e", r.Commit+"^{commit}"); err == nil {
		return nil
	}
	if _, err := git(ctx, ".", "init", "--quiet", "--bare", dir); err != nil {
		return err
	}
	from := "https://github.com/" + r.Name
	if _, err := git(ctx, dir, "fetch", "--quiet", "--depth", "1", from, r.Commit); err != nil {
		return fmt.Errorf("fetch %s at %s: %w\nwithout a network, name a folder of clones: --clones DIR", from, r.Commit, err)
	}
	return nil
}

func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0")
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("git %s: %s", args[0], bytes.TrimSpace(failed.Stderr))
	}
	return out, err
}

// match lists the files that a pattern of path.Match names.
func (c *clone) match(pattern string) (found []string, err error) {
	for _, name := range c.names {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pattern, err)
		}
		if ok {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no such file in %s", pattern, c.dir)
	}
	return found, nil
}

// read returns a page, decompressed, as UTF-8. What is none in these repositories is GB 18030.
func (c *clone) read(ctx context.Context, name string) ([]byte, error) {
	data, err := git(ctx, c.dir, "show", c.commit+":"+name)
	if err == nil {
		data, err = decompressed(path.Ext(name), data)
	}
	if err == nil && !utf8.Valid(data) {
		data, err = simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

func decompressed(ending string, data []byte) ([]byte, error) {
	var r io.Reader
	var err error
	switch ending {
	case ".gz":
		r, err = gzip.NewReader(bytes.NewReader(data))
	case ".xz":
		r, err = xz.NewReader(bytes.NewReader(data), 0)
	default:
		return data, nil
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
