package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// child re-executes the test binary to run only the named test, which finds what to do in the variable.
func child(t *testing.T, test, variable, value string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), variable+"="+value)
	cmd.Stderr = os.Stderr
	return cmd
}

// A lock that is closed is free, even while a process that is being started still has the open file of its parent.
func TestLockIsFreeBesideForks(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	first, err := store.TryLock(name)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("skip: which files are open cannot be told: %v", err)
	}
	copies := 0
	for _, e := range list {
		if at, err := os.Readlink("/proc/self/fd/" + e.Name()); err != nil || at != name {
			continue
		}
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if fd, err = syscall.Dup(fd); err != nil { // what a fork has is the same open file
			t.Fatal(err)
		}
		defer syscall.Close(fd) //nolint:errcheck // of no file that was written
		copies++
		break
	}
	if err := first.Close(); err != nil || copies != 1 {
		t.Errorf("%d copies, %v", copies, err)
	}
	again, err := store.TryLock(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	first, err := store.TryLock(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.TryLock(name)
	if !errors.Is(err, store.ErrLocked) {
		t.Fatalf("second lock: %v, want ErrLocked", err)
	}
	for _, want := range []string{name, strconv.Itoa(os.Getpid())} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not name %s", err, want)
		}
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	}
	again, err := store.TryLock(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if _, err := store.TryLock(filepath.Join(name, "below", "a", "file")); err == nil {
		t.Error("locked a file below a file")
	}
}

func TestLockDiesWithItsProcess(t *testing.T) {
	const variable = "MILLRACE_TEST_LOCK"
	if name := os.Getenv(variable); name != "" {
		lock, err := store.TryLock(name)
		fmt.Println(err)
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed
		_ = lock.Close()
		return
	}
	name := filepath.Join(t.TempDir(), "lock")
	cmd := child(t, t.Name(), variable, name)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "<nil>\n" {
		t.Fatalf("child says %q, %v", line, err)
	}
	_, err = store.TryLock(name)
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
		t.Errorf("lock of a living process: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	lock, err := store.TryLock(name)
	if err != nil {
		t.Fatalf("lock of a dead process: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Error(err)
	}
}

// TestLocalFullDisk runs in a child whose files may have 64 KiB: the write that crosses it fails half-way, as on a full
// disk.
func TestLocalFullDisk(t *testing.T) {
	const variable = "MILLRACE_TEST_FULL"
	root := os.Getenv(variable)
	if root == "" {
		root = t.TempDir()
		if out, err := child(t, t.Name(), variable, root).Output(); err != nil {
			t.Fatalf("child: %v\n%s", err, out)
		}
		if got := files(t, root); len(got) != 1 || got[0] != "before" {
			t.Errorf("left on disk: %v", got)
		}
		return
	}
	l, err := store.NewLocal(root, store.LocalOptions{Sync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := pipeline.WriteAll(t.Context(), l, "before", []byte("x")); err != nil {
		t.Fatal(err)
	}
	limit := syscall.Rlimit{Cur: 1 << 16, Max: 1 << 16}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 1<<17)
	for name, write := range map[string]func() error{
		"Create": func() error { return pipeline.WriteAll(t.Context(), l, "full", big) },
		"PutNew": func() error { return l.PutNew(t.Context(), "full", big) },
	} {
		err := write()
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), filepath.Join(root, "full")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, err := l.Create(t.Context(), "full")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(big); err == nil {
		t.Error("write succeeded")
	}
	if err := w.Commit(); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("commit after a failed write: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestFreeBytes(t *testing.T) {
	folder := t.TempDir()
	here, err := store.FreeBytes(folder)
	if err != nil || here <= 0 {
		t.Fatalf("FreeBytes = %d, %v", here, err)
	}
	if n, err := store.FreeBytes(filepath.Join(folder, "not", "made", "yet")); err != nil || n <= 0 {
		t.Errorf("FreeBytes of what does not exist = %d, %v", n, err)
	}
	if id := store.BootID(); runtime.GOOS == "linux" && len(id) != 36 {
		t.Errorf("BootID = %q", id)
	}
}
