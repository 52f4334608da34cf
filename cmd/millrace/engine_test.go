package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dockerEngine is a Docker engine of a test's own: own folder, own socket, and a network namespace of its own, so that
// neither its bridges nor its packet filter touch those of the machine. Its end is the test's.
type dockerEngine struct {
	t      *testing.T
	socket string
}

// startDocker starts an engine, or skips the test where there is none to start.
func startDocker(t *testing.T) *dockerEngine {
	t.Helper()
	ofPrograms(t)
	if os.Geteuid() != 0 {
		t.Skip("skip: a Docker engine takes root")
	}
	for _, name := range []string{"dockerd", "containerd", "runc", "docker-compose", "iptables", "busybox"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("skip: no Docker engine: %v; .ci/engine installs it", err)
		}
	}
	// Not t.TempDir: the path of a socket is short, and what mounts have left is better seen than fatal.
	folder, err := os.MkdirTemp("", "dockerd-")
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(folder, name) }
	d := &dockerEngine{t: t, socket: in("socket")}
	log, err := os.Create(in("log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), "busybox", "sh", "-c", `busybox ip link set lo up && exec dockerd "$@"`, "dockerd",
		"--data-root", in("data"), "--exec-root", in("exec"), "--pidfile", in("pid"), "--host", "unix://"+d.socket, "--bridge", "none")
	cmd.Stdout, cmd.Stderr = log, log
	// A test binary that runs out of time cleans nothing up: the engine then ends with it, and its containers with the engine.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		_ = os.RemoveAll(folder) // empty but for the log
		t.Skipf("skip: no network namespace for a Docker engine: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is told to stop
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone
		<-ended
		if err := log.Close(); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Errorf("the engine leaves behind: %v", err)
		}
	})
	if !d.answers(ended) {
		said, err := os.ReadFile(in("log"))
		t.Skipf("skip: a Docker engine does not run here: %s %v", tail(string(said)), err)
	}
	return d
}

// answers waits until the engine does, or has ended.
func (d *dockerEngine) answers(ended <-chan struct{}) bool {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(patienceOfTests)
	defer limit.Stop()
	for {
		if d.run("", "docker", "version").code == 0 {
			return true
		}
		select {
		case <-tick.C:
		case <-ended:
			return false
		case <-limit.C:
			return false
		}
	}
}

// clientLimit is how long a client of the engine may take; one of them waits for a whole run.
const clientLimit = 8 * time.Minute

// run runs a client of the engine in a folder, to its end.
func (d *dockerEngine) run(folder, name string, args ...string) execution {
	d.t.Helper()
	if name == "docker" {
		if debian := "/usr/bin/docker"; exists(debian) { // which builds without a plugin
			name = debian
		}
	}
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), clientLimit) // clean-ups use it too, behind the end of t.Context
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &stdout, &stderr
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix://"+d.socket, "DOCKER_BUILDKIT=1")
	err := cmd.Run()
	if cmd.ProcessState == nil {
		d.t.Error(err)
		return execution{code: -1}
	}
	return execution{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

// docker runs a command that has to succeed, and returns what it prints.
func (d *dockerEngine) docker(args ...string) string {
	d.t.Helper()
	e := d.run("", "docker", args...)
	if e.code != 0 {
		d.t.Fatalf("docker %s: exit %d\n%s%s", strings.Join(args, " "), e.code, tail(e.stdout), tail(e.stderr))
	}
	return strings.TrimSpace(e.stdout)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
