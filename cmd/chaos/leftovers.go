package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/millrace/millrace/pipeline/store"
)

const (
	scratchPrefix = "chaos-"
	lockName      = "lock" // held by the process that a scratch folder is of
	keptName      = "kept" // of a folder that somebody is to look at
)

// newScratch makes the folder of this process, when what processes that were killed left behind is gone. release gives it back; it stays
// there if it is to be kept.
func newScratch(ctx context.Context, say func(string, ...any)) (folder string, release func(keep bool) error, err error) {
	if err := removeLeft(ctx, os.TempDir(), say); err != nil {
		return "", nil, err
	}
	if folder, err = os.MkdirTemp("", scratchPrefix); err != nil {
		return "", nil, err
	}
	lock, err := store.TryLock(filepath.Join(folder, lockName))
	if err != nil {
		return "", nil, err
	}
	return folder, func(keep bool) error {
		if keep {
			say("logs and corpora are left in %s", folder)
			return errors.Join(os.WriteFile(filepath.Join(folder, keptName), nil, 0o600), lock.Close())
		}
		return errors.Join(lock.Close(), os.RemoveAll(folder))
	}, nil
}

// removeLeft removes networks, mounts and folders whose process is gone: a next one would meet their addresses, and a disk that is full.
func removeLeft(ctx context.Context, temp string, say func(string, ...any)) error {
	removed, err := removeNetworks(ctx, func(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	if len(removed) > 0 {
		say("removed what an earlier chaos left: %s", strings.Join(removed, ", "))
	}
	folders, globErr := filepath.Glob(filepath.Join(temp, scratchPrefix+"*"))
	errs := []error{err, globErr}
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, lockName)); err != nil {
			continue // somebody else's, or not locked yet
		}
		lock, err := store.TryLock(filepath.Join(folder, lockName))
		if err != nil {
			continue // its process works
		}
		errs = append(errs, unmountBelow(ctx, folder))
		if _, err := os.Stat(filepath.Join(folder, keptName)); err != nil {
			say("removed what an earlier chaos left: %s", folder)
			errs = append(errs, os.RemoveAll(folder))
		}
		errs = append(errs, lock.Close())
	}
	return errors.Join(errs...)
}

// unmountBelow unmounts what is mounted in a folder.
func unmountBelow(ctx context.Context, folder string) error {
	f, err := os.Open("/proc/self/mounts")
	if err != nil {
		return nil // only where there is this file are there mounts of ours
	}
	defer func() { _ = f.Close() }() // read only
	var errs []error
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && strings.HasPrefix(fields[1], folder+"/") {
			_, err := exec.CommandContext(ctx, "umount", "--lazy", fields[1]).Output()
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
