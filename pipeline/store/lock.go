package store

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// ErrLocked says that somebody else, perhaps in this very process, holds the lock.
var ErrLocked = errors.New("locked")

// Lock is a lock on a file, between processes and within one. The system frees it when the process dies,
// and the garbage collector when nothing refers to it any more.
type Lock struct {
	close func() error
}

// TryLock takes the lock of the file at path, making the file if need be, or fails at once with ErrLocked. The file
// holds the process id of the last owner and is never removed: removing it would let two owners lock two files of one
// name.
func TryLock(path string) (*Lock, error) { return tryLock(path, unix.LOCK_EX) }

// TryShare is TryLock for those who keep each other's company, but nobody else's: any number of them hold the lock at once.
func TryShare(path string) (*Lock, error) { return tryLock(path, unix.LOCK_SH) }

func tryLock(path string, how int) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = heldBy(f)
		}
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return &Lock{close: sync.OnceValue(func() error { return errors.Join(free(f), f.Close()) })}, nil
}

// free frees the lock also for those who have the open file by a fork: a process that is being started holds it until it becomes what it
// is to be.
func free(f *os.File) error {
	if err := unix.Flock(int(f.Fd()), unix.LOCK_UN); err != nil {
		return fmt.Errorf("unlock %s: %w", f.Name(), err)
	}
	return nil
}

func heldBy(f *os.File) error {
	var b [20]byte
	n, _ := f.ReadAt(b[:], 0) // the process id is a courtesy
	if pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n]))); err == nil {
		return fmt.Errorf("%w by process %d", ErrLocked, pid)
	}
	return ErrLocked
}

// Close frees the lock. It may be called again.
func (l *Lock) Close() error { return l.close() }
