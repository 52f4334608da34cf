package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// make writes all that there is for some platforms into a folder, and the digests of it.
func (s *source) make(ctx context.Context, out string, list []platform) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if err := emptied(out); err != nil {
		return err
	}
	docs, err := s.documents()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "millrace-dist-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // what is left of it is nothing to the user
	manual, err := s.manual(ctx, scratch)
	if err != nil {
		return err
	}
	var sums []string
	write := func(name string, data []byte) error {
		sums = append(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256(data), name))
		return os.WriteFile(filepath.Join(out, name), data, 0o644)
	}
	for i := range list {
		if err := s.platform(ctx, &list[i], scratch, docs, manual, write); err != nil {
			return fmt.Errorf("%s: %w", &list[i], err)
		}
	}
	slices.SortFunc(sums, func(a, b string) int { return strings.Compare(a[2*sha256.Size:], b[2*sha256.Size:]) })
	return os.WriteFile(filepath.Join(out, sumsFile), []byte(strings.Join(sums, "")), 0o644)
}

// sumsFile has the digests, as sha256sum -c reads them.
const sumsFile = "SHA256SUMS"

// emptied makes a folder that is empty, or holds what this program made. It takes no other folder for its own.
func emptied(folder string) error {
	left, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		return err
	}
	for _, f := range left {
		if name := f.Name(); name != sumsFile && !strings.HasPrefix(name, "millrace") {
			return fmt.Errorf("%s has %s in it: name an empty folder", folder, name)
		}
	}
	for _, f := range left {
		if err := os.Remove(filepath.Join(folder, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// platform makes what there is for one.
func (s *source) platform(ctx context.Context, p *platform, scratch string, docs, manual map[string][]byte, write func(string, []byte) error) error {
	place, err := s.binary(ctx, p, scratch)
	if err != nil {
		return err
	}
	binary, err := os.ReadFile(place)
	if err != nil {
		return err
	}
	parts, err := s.parts(ctx, p, binary)
	if err != nil {
		return err
	}
	docs = maps.Clone(docs)
	docs[thirdPartyFile] = thirdParty(parts)
	name := "millrace-" + s.version.String() + "-" + p.os + "-" + p.arch
	files := []entry{{"millrace", binary, 0o755}}
	for _, part := range []map[string][]byte{docs, manual} {
		for file, data := range part {
			files = append(files, entry{file, data, 0o644})
		}
	}
	archive, err := packed(files, name+"/", s.time)
	if err == nil {
		err = write(name+".tar.gz", archive)
	}
	if err != nil {
		return err
	}
	bill, err := s.bill(p, binary, parts)
	if err == nil {
		err = write(name+".cdx.json", bill)
	}
	if err != nil {
		return err
	}
	file, wheel, err := s.wheel(p, binary, docs, expressionOfAll(parts))
	if err == nil {
		err = write(file, wheel)
	}
	if err != nil || p.debian == "" {
		return err
	}
	file, debian, err := s.debian(p, binary, docs, manual)
	if err != nil {
		return err
	}
	return write(file, debian)
}

// binary is where the program of a platform is. It is built once.
func (s *source) binary(ctx context.Context, p *platform, scratch string) (string, error) {
	place := filepath.Join(scratch, p.os+"-"+p.arch)
	if _, err := os.Stat(place); err == nil {
		return place, nil
	}
	return place, s.build(ctx, p, place)
}

// thirdPartyFile has the licences of what the program is built of.
const thirdPartyFile = "THIRD-PARTY.txt"

// documents are the files of the source that lie beside the binary, by name.
func (s *source) documents() (map[string][]byte, error) {
	names := []string{"LICENSE", "NOTICE", "README.md", "CHANGELOG.md"}
	configs, err := filepath.Glob(filepath.Join(s.folder, "configs", "*"))
	if err != nil {
		return nil, err
	}
	for _, path := range configs {
		if filepath.Ext(path) != ".go" { // by which the program has them, too
			names = append(names, "configs/"+filepath.Base(path))
		}
	}
	docs := map[string][]byte{}
	for _, name := range names {
		if docs[name], err = os.ReadFile(filepath.Join(s.folder, filepath.FromSlash(name))); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// manual has the man pages and completions that the program writes of itself, by name: they are the same for every platform. It is built for this
// machine first.
func (s *source) manual(ctx context.Context, scratch string) (map[string][]byte, error) {
	host := &platform{os: runtime.GOOS, arch: runtime.GOARCH}
	program, err := s.binary(ctx, host, scratch)
	if err != nil {
		return nil, err
	}
	pages := filepath.Join(scratch, "man")
	if _, err := s.output(ctx, nil, program, "man", pages); err != nil {
		return nil, err
	}
	manual := map[string][]byte{}
	list, err := os.ReadDir(pages)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		if manual["man/"+f.Name()], err = os.ReadFile(filepath.Join(pages, f.Name())); err != nil {
			return nil, err
		}
	}
	for shell, name := range map[string]string{"bash": "millrace.bash", "zsh": "_millrace", "fish": "millrace.fish"} {
		text, err := s.output(ctx, nil, program, "completion", shell)
		if err != nil {
			return nil, err
		}
		manual["completions/"+name] = []byte(text + "\n")
	}
	return manual, nil
}
