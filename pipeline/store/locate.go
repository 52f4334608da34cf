package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store/s3"
)

// Located is what somebody's path or URL names: a folder to scan, or one file in the folder that serves as its root.
type Located struct {
	Root   string
	Folder bool
	Name   string // of the folder
	File   Found  // if it is no folder
}

// Locate says what a path or URL names. That there is nothing is a pipeline.ErrUsage.
func Locate(ctx context.Context, path string, a Access) (Located, error) {
	abs, err := Absolute(path)
	if err != nil {
		return Located{}, err
	}
	if s3.IsURL(abs) {
		return locateRemote(ctx, abs, a)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return Located{}, notThere(path, cause(err))
	}
	if !info.IsDir() {
		root, found, err := Stat(abs)
		return Located{Root: root, File: found}, err
	}
	if target, err := filepath.EvalSymlinks(abs); err == nil {
		abs = target
	}
	name := filepath.Base(abs)
	if name == string(filepath.Separator) {
		name = "root"
	}
	return Located{Root: abs, Folder: true, Name: name}, nil
}

func notThere(path string, err error) error {
	return pipeline.WithHint(fmt.Errorf("%w: path %s: %w", pipeline.ErrUsage, path, err), "name files or folders that exist and can be read")
}

// locateRemote takes an object of exactly this key for the file that is meant, and anything else for a folder.
func locateRemote(ctx context.Context, at string, a Access) (found Located, err error) {
	root, err := s3.ParseURL(at)
	if err != nil {
		return Located{}, err
	}
	folder, name, below := root.Parent()
	r, err := openRemote(folder.String(), a)
	if err != nil {
		return Located{}, err
	}
	defer func() { _ = r.close() }() // read only
	if below {
		found, err := r.stat(ctx, name)
		if err != nil {
			return Located{}, err
		}
		if found.Reason != pipeline.ReasonMissing {
			return Located{Root: folder.String(), File: found}, nil
		}
	}
	if has, err := r.source.HasFolder(ctx, name); err != nil {
		return Located{}, err
	} else if !has {
		return Located{}, notThere(at, os.ErrNotExist)
	}
	return Located{Root: root.String(), Folder: true, Name: root.Base()}, nil
}
