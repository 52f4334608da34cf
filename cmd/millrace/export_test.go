package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A reader that has enough closes the pipe: that is no error, and nothing is said.
func TestExportToAClosedPipe(t *testing.T) {
	folder := t.TempDir()
	var lines bytes.Buffer
	for i := range 20000 { // more than a pipe and the buffers before it hold
		fmt.Fprintf(&lines, "{\"text\": \"这是第 %d 篇，和别的都不一样，因为它的号码是 %x。\"}\n", i, i*7919)
	}
	writeTree(t, folder, map[string]string{"in/a.jsonl": lines.String()})
	out := filepath.Join(folder, "out")
	if e := execute(t, nil, "run", filepath.Join(folder, "in"), "--out", out, "--json"); e.code != exitDone {
		t.Fatal(e.stderr)
	}
	name, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"export", out}, {"export", out, "--text"}} {
		cmd := exec.CommandContext(t.Context(), name, args...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReaderSize(pipe, 16).ReadString('\n'); err != nil {
			t.Error(err)
		}
		if err := pipe.Close(); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
			t.Errorf("%v: %v\n%s", args[0], err, stderr.String())
		}
	}
	// A full disk is an error.
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	defer func() { _ = full.Close() }()
	cmd := exec.CommandContext(t.Context(), name, "export", out)
	cmd.Stdout = full
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("a full disk: %v", err)
	}
}

// A corpus in a bucket is exported as one in a folder.
func TestExportFromABucket(t *testing.T) {
	bucket, _ := startBucket(t)
	local := filepath.Join(t.TempDir(), "out")
	var want execution
	for _, out := range []string{local, bucket + "/out"} {
		if e := execute(t, nil, "run", "--json", "--out", out, sampleFolder); e.code != exitDone {
			t.Fatal(e.stderr)
		}
		e := execute(t, nil, "export", out)
		if e.code != exitDone || want.stdout != "" && e.stdout != want.stdout || e.stdout == "" {
			t.Errorf("%s: exit %d\n%s", out, e.code, e.stderr)
		}
		want = e
	}
}
