package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// warmBytes is about what a run over 1 GB of text takes of memory and page cache, warmNight what one over a night's files does.
const (
	warmBytes = 2 << 30
	warmNight = 512 << 20
)

// warm has the kernel hold memory that it can give to whoever runs next: it writes a file and removes it. A virtual machine whose host takes
// back what it does not use pays up to ten times as much for a page that it has to ask for as for one that it has just freed, and which of
// them a run gets would depend on what ran before it. On a machine with memory of its own it changes nothing.
func warm(folder string, size int) (err error) {
	name := filepath.Join(folder, "warm")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(name)) }()
	block := bytes.Repeat([]byte{1}, 1<<20)
	for range size / len(block) {
		if _, err := f.Write(block); err != nil {
			return err
		}
	}
	return nil
}
