package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// FreeBytes returns the space that this process may still fill on the disk that holds path. The path need not exist: its
// nearest existing parent counts.
func FreeBytes(path string) (int64, error) {
	p, err := filepath.Abs(path)
	if err != nil {
		return 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	for {
		var st unix.Statfs_t
		err := unix.Statfs(p, &st)
		if err == nil {
			return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // the types differ by system
		}
		parent := filepath.Dir(p)
		if !errors.Is(err, fs.ErrNotExist) || parent == p {
			return 0, fmt.Errorf("free space of %s: %w", p, err)
		}
		p = parent
	}
}

// BootID identifies the time since this machine was started, "" where the system does not say. Files that were written
// without Sync are to be trusted under the same BootID only.
func BootID() string {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}
