package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/millrace/millrace/pipeline/jobs/ingest"
)

// builtIn is the folder of what built made, "" before.
var builtIn string

// built is the program as users have it: static, and without the race detector, which takes many times the memory and, on real text,
// many minutes.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "millrace-test-")
	if err != nil {
		return "", err
	}
	builtIn = dir
	name := filepath.Join(dir, "millrace")
	build := exec.Command("go", "build", "-o", name, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as in the Dockerfile
	out, err := build.CombinedOutput()
	if err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return name, os.Chmod(dir, 0o755) // other users run it too
})

// execution is what became of one run of the program.
type execution struct {
	code           int
	stdout, stderr string
	result         ingest.Result // of run --json
}

// told is what was said on stderr, an error with its hint as people read it.
func (e execution) told() string {
	var b strings.Builder
	for line := range strings.Lines(e.stderr) {
		var said struct{ Error, Hint string }
		if json.Unmarshal([]byte(line), &said) != nil || said.Error == "" {
			b.WriteString(line)
			continue
		}
		fmt.Fprintf(&b, "error: %s\nhint: %s\n", said.Error, said.Hint)
	}
	return b.String()
}

// execute runs the program to its end. attributes may be nil. A short test ends here, skipped.
func execute(t *testing.T, attributes *syscall.SysProcAttr, args ...string) execution {
	t.Helper()
	ofPrograms(t)
	name, err := built()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &stdout, &stderr, attributes
	err = cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	e := execution{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	if len(args) > 0 && args[0] == "run" && stdout.Len() > 0 {
		if err := json.Unmarshal(stdout.Bytes(), &e.result); err != nil {
			t.Fatalf("stdout of run is no JSON: %v\n%s", err, stdout.String())
		}
	}
	return e
}
