package main

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/pipeline/store"
)

// What a process that is gone left is removed, and nothing else.
func TestRemoveLeft(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	folder := func(name string, files ...string) string {
		t.Helper()
		at := filepath.Join(temp, name)
		if err := os.Mkdir(at, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(at, f), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return at
	}
	left := folder("chaos-1", lockName, "log")
	others := []string{
		folder("chaos-2", lockName, keptName), // somebody is to look at it
		folder("chaos-3", lockName),           // its process works
		folder("chaos-4", "log"),              // not ours
		folder("other", lockName),
	}
	lock, err := store.TryLock(filepath.Join(others[1], lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	if err := removeLeft(t.Context(), temp, t.Logf); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is there: %v", left, err)
	}
	for _, at := range others {
		if _, err := os.Stat(at); err != nil {
			t.Error(err)
		}
	}
}

func TestOwnerOf(t *testing.T) {
	t.Parallel()
	const most = 1 << 22 // a process id is less than that
	for _, pid := range []int{1, 35, 36, 4711, most - 1} {
		prefix := networkPrefix(pid, 1234)
		for _, name := range []string{prefix, prefix + "-0", prefix + "-12", prefix + "-12v"} {
			if got := ownerOf(name); got != pid || len(name) > 15 {
				t.Errorf("%s: process %d, not %d", name, got, pid)
			}
		}
	}
	for _, name := range []string{"lo", "eth0", "mr", "mr0", "mr1-", "mrx", "mrs-0-1-2", "mr1-0-1w", "docker0", "mr1234x0n1"} {
		if got := ownerOf(name); got != 0 {
			t.Errorf("%s is of process %d", name, got)
		}
	}
}

// All of a network is found by its names; that of a process that works is left alone.
func TestRemoveNetworks(t *testing.T) {
	n, err := newNetwork(t.Context(), 99, []string{"one", "two"})
	if err != nil {
		t.Fatal(err)
	}
	if n == nil {
		t.Skip("skip: this user may not make network namespaces")
	}
	for _, gone := range []bool{false, true} {
		removed, err := removeNetworks(t.Context(), func(pid int) bool { return gone && pid == os.Getpid() })
		want := 0
		if gone {
			want = 5 // a bridge, a device for each place, each place
		}
		if err != nil || len(removed) != want {
			t.Errorf("gone: %v: removed %v, %v", gone, removed, err)
		}
	}
	if _, err := net.InterfaceByName(n.prefix); err == nil {
		t.Errorf("%s is there", n.prefix)
	}
}
