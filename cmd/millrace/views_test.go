package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
)

// listening lists where a process listens, by what Linux says of its sockets.
func listening(t *testing.T, pid int) (addresses []string) {
	t.Helper()
	mine := map[string]bool{}
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(links) == 0 {
		t.Fatalf("open files of %d: %v", pid, err)
	}
	for _, l := range links {
		target, err := os.Readlink(l)
		if inode, ok := strings.CutPrefix(target, "socket:["); err == nil && ok {
			mine[strings.TrimSuffix(inode, "]")] = true
		}
	}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue // a machine without IPv6
		}
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line)
			const listens, unconnected = "0A", "07" // of TCP, and of UDP
			if len(f) > 9 && mine[f[9]] && (f[3] == listens || f[3] == unconnected) {
				addresses = append(addresses, f[1])
			}
		}
	}
	return addresses
}

// onLoopback says whether an address in Linux's table is one of this machine alone.
func onLoopback(address string) bool {
	ip, _, _ := strings.Cut(address, ":")
	return len(ip) == 8 && strings.HasSuffix(ip, "7F") || ip == "00000000000000000000000001000000" ||
		strings.HasPrefix(ip, "0000000000000000FFFF0000") && strings.HasSuffix(ip, "7F")
}

// get asks a process over HTTP.
func get(t *testing.T, method, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

var sampleLine = regexp.MustCompile(`^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+0-9.e]+$`)

// TestNothingLeaks runs serve, worker and start with a token and the keys of an object store, at the level that says most:
// neither is in what they print, show over HTTP or leave in files. And nothing listens beyond loopback.
func TestNothingLeaks(t *testing.T) {
	bucket, server := startBucket(t)
	in := news(t, 41, 60)
	work := t.TempDir()
	f := newFleet(t, in, bucket+"/corpus", "work: "+work)
	f.environ = os.Environ()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	millrace := func(args ...string) *process {
		return f.start(args[0], nil, binary, append(args, "--config", f.config, "--log-format", "json", "--log-level", "debug")...)
	}
	address := func(p *process) string {
		p.waitFor("health and metrics")
		m := regexp.MustCompile(`"address":"([^"]+)"`).FindStringSubmatch(p.said())
		if m == nil {
			t.Fatalf("no address: %s", p.said())
		}
		return "http://" + m[1]
	}
	serve := millrace("serve", "--http", "127.0.0.1:0")
	serve.waitFor(`"leading"`)
	worker := millrace("worker", "--http", "127.0.0.1:0")
	start := millrace("start", "--wait", "--json")
	if code := start.wait(); code != exitRejected {
		t.Fatalf("start: exit %d\n%s", code, start.said())
	}
	plain := millrace("worker") // by default a worker does not listen at all
	plain.waitFor("waiting for a run")
	var status *process
	var seen cluster.Status
	for end := time.Now().Add(patienceOfTests); len(seen.Workers) < 2 && time.Now().Before(end); { // it says that it waits before it is known
		status = millrace("status", "--json")
		status.wait()
		if err := json.Unmarshal([]byte(status.said()), &seen); err != nil {
			t.Fatalf("status --json: %v\n%s", err, status.said())
		}
	}
	watch := millrace("status", "--watch", "--json")
	watch.waitFor("}\n{") // one line each time
	f.stop(watch)
	var shown strings.Builder
	for _, p := range []*process{serve, worker} {
		at := address(p)
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/status", "/"} {
			code, body := get(t, http.MethodGet, at+path)
			if code != http.StatusOK && path != "/" && (path != "/status" || p == serve) {
				t.Errorf("%s %s: %d %s", p.name, path, code, body)
			}
			shown.WriteString(body)
			if path != "/metrics" {
				continue
			}
			for line := range strings.Lines(body) {
				if !strings.HasPrefix(line, "# ") && !sampleLine.MatchString(strings.TrimSuffix(line, "\n")) {
					t.Errorf("%s: not a line of metrics: %q", p.name, line)
				}
			}
		}
		if code, _ := get(t, http.MethodPost, at+"/status"); code == http.StatusOK {
			t.Errorf("%s obeys POST", p.name)
		}
	}
	for _, want := range []string{
		`millrace_leader 1`, `millrace_run_state{state="committed"} 1`, `millrace_version 1`, `millrace_workers{state="idle"} 2`,
		`millrace_stage_lag{stage="parse",tasks="waiting"} 0`, `millrace_version_documents{outcome="read"} 60`,
		`millrace_worker_documents_total{stage="parse"}`,
	} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%s is not in the metrics:\n%s", want, shown.String())
		}
	}
	if !seen.Leading || len(seen.Workers) != 2 || seen.Run.State != cluster.Committed {
		t.Errorf("status --json:\n%s", status.said())
	}

	found, err := filepath.Glob(filepath.Join(work, "*", serverName))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s of the corpus: %v, %v", serverName, found, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var own serverFile
	if err := json.Unmarshal(data, &own); err != nil || own.Token == "" {
		t.Fatalf("%s: %v", serverName, err)
	}
	if info, err := os.Stat(found[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v: %v", serverName, info.Mode(), err)
	}
	secrets := []string{own.Token, server.Secret}
	texts := map[string]string{
		"serve": serve.said(), "worker": worker.said(), "start": start.said(), "status": status.said(), "http": shown.String(),
		"config show": f.do("config", "show").stdout,
	}
	for name, text := range texts {
		if text == "" {
			t.Errorf("%s says nothing", name)
		}
		for i, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s shows secret %d", name, i)
			}
		}
	}
	noSecretFiles(t, work, secrets)

	if runtime.GOOS == "linux" {
		for p, want := range map[*process]int{serve: 2, worker: 1, plain: 0} {
			list := listening(t, p.cmd.Process.Pid)
			for _, a := range list {
				if !onLoopback(a) {
					t.Errorf("%s listens on %s", p.name, a)
				}
			}
			if len(list) != want {
				t.Errorf("%s listens on %v, want %d addresses", p.name, list, want)
			}
		}
	}
	second := millrace("worker", "--http", strings.TrimPrefix(address(serve), "http://"))
	if code := second.wait(); code != exitUsage || !strings.Contains(second.said(), "address already in use") {
		t.Errorf("a port in use: exit %d\n%s", code, second.said())
	}
	f.stop(worker, plain)
	serve.kill(t)
	gone := millrace("status")
	if code := gone.wait(); code != exitUnreachable {
		t.Errorf("status without a server: exit %d\n%s", code, gone.said())
	}
}

// kill ends a process at once.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.wait()
}

// noSecretFiles reads every file below a folder but the one that is there to hold a secret.
func noSecretFiles(t *testing.T, folder string, secrets []string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(at) == serverName {
			return err
		}
		data, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		files++
		for i, s := range secrets {
			if bytes.Contains(data, []byte(s)) {
				t.Errorf("%s holds secret %d", at, i)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("%s files read below the work folder: %v", strconv.Itoa(files), err)
	}
}

// TestStatusText: what a person reads, with and without a coordinator.
func TestStatusText(t *testing.T) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	s := cluster.Status{Coordinator: "host-1-abcd", CoordinatorAge: 3600, Waiting: []string{"next"}}
	if err := output.Status(w, &s, stageNames(), lineOf); err != nil {
		t.Fatal(err)
	}
	s = cluster.Status{
		Coordinator: "host-1-abcd", Leading: true, Dead: 2, InputBytes: 5e9,
		Run:    cluster.Record{ID: "tonight", State: cluster.Running, Plan: strings.Repeat("ab", 32)},
		Stages: []cluster.StageStatus{{StageProgress: cluster.StageProgress{Stage: "parse", Done: 1200, Total: 4000, ETASeconds: 61}, Waiting: 2700, Working: 100, Rate: 41.25e6}},
		Workers: []cluster.WorkerStatus{
			{ID: "w1", Host: "h1", Stages: []string{"parse"}, Slots: 8, Age: 1.2, Plan: strings.Repeat("ab", 32)},
			{ID: "w2", Host: "h2", Stages: []string{"sink"}, Slots: 2, Age: 2, Refused: "planned by code version 9"},
		},
	}
	if err := output.Status(w, &s, stageNames(), lineOf); err != nil {
		t.Fatal(err)
	}
	for _, s := range []cluster.Status{
		{Run: cluster.Record{ID: "tonight", State: cluster.Planning}, Planning: &pipeline.PlanningState{Step: "looking at files", Of: "news", Files: 9833, Bytes: 98e6, Done: 1200, Total: 9833}},
		{Run: cluster.Record{ID: "tonight", State: cluster.Running}, Done: .42, WholeETASeconds: 75},
		{Run: cluster.Record{ID: "tonight", State: cluster.Committed}, DroppedBy: 3},
	} {
		if err := output.Status(w, &s, stageNames(), lineOf); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"planning     looking at files of news, 1,200 of 9,833: 9,833 files with 98.0 MB\n", "whole        42 % done, 1m15s left\n",
		"run          tonight is committed at 0001-01-01 00:00:00 UTC, and was dropped by version 3\n",
		"none leads: host-1-abcd was last heard of 1h0m0s ago", "waiting      next", "no worker", "run          tonight is running",
		"parse  1,200  4,000    2,700      100  41.2  1m1s", "given up     2 splits", "w1      h1    parse   8      1s ago  working",
		"refuses the run", "w2 refuses: planned by code version 9",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestVersionInMetrics: the metrics know the newest version also where nobody asked for them between the run that made it and
// one that found nothing new.
func TestVersionInMetrics(t *testing.T) {
	t.Parallel()
	in := news(t, 42, 20)
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
	serve, worker := f.millrace("serve", "--http", "127.0.0.1:0"), f.millrace("worker")
	serve.waitFor(`"leading"`)
	for range 2 {
		if e := f.do("start", "--wait"); e.code != exitDone {
			t.Fatalf("start: exit %d\n%s", e.code, e.stdout)
		}
	}
	m := regexp.MustCompile(`"address":"([^"]+)"`).FindStringSubmatch(serve.said())
	_, body := get(t, http.MethodGet, "http://"+m[1]+"/metrics")
	for _, want := range []string{"millrace_run_state{state=\"nothing new\"} 1\n", "millrace_version 1\n", "millrace_version_documents{outcome=\"read\"} 20\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in the metrics:\n%s", want, body)
		}
	}
	if strings.Contains(body, "millrace_version_committed_timestamp_seconds 0\n") {
		t.Error("the metrics do not know when the version was committed")
	}
	f.stop(worker, serve)
}
