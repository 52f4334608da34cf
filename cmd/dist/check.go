package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// check makes everything twice, from copies of the source in two folders of other lengths, at which no repository is, and says what differs. With
// fresh each is compiled with a cache of its own. The first is kept in a folder, if one is named.
func (s *source) check(ctx context.Context, keep string, list []platform, fresh bool) error {
	top, err := os.MkdirTemp("", "millrace-check-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(top) }() // what is left of it is nothing to the user
	var made []string
	for _, name := range []string{"a", filepath.Join("another", "folder", "with a longer name")} {
		other := *s
		other.folder = filepath.Join(top, name, "source")
		if err := s.copyTo(ctx, other.folder); err != nil {
			return err
		}
		if fresh {
			other.environ = []string{"GOCACHE=" + filepath.Join(top, name, "cache")}
		}
		out := filepath.Join(top, name, "dist")
		if len(made) == 0 && keep != "" {
			out = keep
		}
		if err := other.make(ctx, out, list); err != nil {
			return err
		}
		made = append(made, out)
	}
	return compare(made[0], made[1])
}

// compare says which files of two folders differ.
func compare(a, b string) error {
	left, err := os.ReadDir(a)
	if err != nil {
		return err
	}
	right, err := os.ReadDir(b)
	if err != nil {
		return err
	}
	if len(left) != len(right) || len(left) == 0 {
		return fmt.Errorf("%d files were made, then %d", len(left), len(right))
	}
	var errs []error
	for _, f := range left {
		one, err := os.ReadFile(filepath.Join(a, f.Name()))
		if err != nil {
			return err
		}
		two, err := os.ReadFile(filepath.Join(b, f.Name()))
		if err != nil {
			return err
		}
		if !bytes.Equal(one, two) {
			errs = append(errs, fmt.Errorf("%s differs: %d and %d bytes", f.Name(), len(one), len(two)))
		}
		fmt.Printf("%s: the same %d bytes twice\n", f.Name(), len(one))
	}
	return errors.Join(errs...)
}

// copyTo copies the files of the source that the repository has.
func (s *source) copyTo(ctx context.Context, folder string) error {
	list, err := s.tracked(ctx)
	if err != nil {
		return err
	}
	for _, name := range list {
		to := filepath.Join(folder, name)
		data, err := os.ReadFile(filepath.Join(s.folder, name))
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
