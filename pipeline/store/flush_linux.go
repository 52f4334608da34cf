package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// startFlush has the kernel begin to write a part of a file to the disk, and does not wait for the end of it. An error is one of the disk,
// which the sync might not tell once more; that a file system, or a sandbox, does not have the call is none.
func startFlush(f *os.File, from, size int64) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var flushErr error
	err = conn.Control(func(fd uintptr) { flushErr = unix.SyncFileRange(int(fd), from, size, unix.SYNC_FILE_RANGE_WRITE) })
	for _, none := range []error{unix.ENOSYS, unix.EINVAL, unix.ESPIPE, unix.EPERM, unix.EOPNOTSUPP, unix.EINTR} {
		if errors.Is(flushErr, none) {
			return err
		}
	}
	return errors.Join(err, flushErr)
}
