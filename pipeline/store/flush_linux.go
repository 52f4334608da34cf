package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// startFlush has the kernel begin to write a part of a file to the disk. It waits for nothing, and what fails shows as the file is synced.
func startFlush(f *os.File, from, size int64) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { _ = unix.SyncFileRange(int(fd), from, size, unix.SYNC_FILE_RANGE_WRITE) })
}
