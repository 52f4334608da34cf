package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestClusterFullDisk: a run that will not fit is not begun. A server of NATS whose disk was full takes no writes any more, even
// when there is room again, so serve ends instead of standing there; started again it goes on.
func TestClusterFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "32m", syscall.MNT_DETACH) // a process of the fleet may still end
	in := news(t, 38, 2500)
	want := alone(t, in)
	f := newFleet(t, in, filepath.Join(disk, "corpus"))
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 28<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := f.serve()
	var workers []*process
	for range 6 { // their heartbeats fill the last page of the disk
		workers = append(workers, f.millrace("worker"))
	}
	if e := f.do("start", "--wait"); e.code != exitFailed || !strings.Contains(e.stdout, "are free") || !strings.Contains(e.stdout, `"hint":"free some space`) {
		t.Errorf("with too little room: exit %d\n%s", e.code, e.stdout)
	}
	if err := os.WriteFile(filler, make([]byte, 64<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if code := serve.wait(); code != exitFailed || !strings.Contains(serve.said(), `"error":"nats server: `) || !strings.Contains(serve.said(), "no space left on device") {
		t.Errorf("serve on a full disk: exit %d", code)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	serve = f.serve()
	f.finish(f.millrace("start", "--wait", "--json"), want)
	f.stop(append(workers, serve)...)
}
