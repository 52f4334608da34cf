package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/monitor"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue"
)

// fleet is a cluster of real processes for a test: one corpus, one config, and what runs for it.
type fleet struct {
	t       *testing.T
	out     string
	config  string   // file
	environ []string // of every process
}

// fleetConfig is a config of many small tasks over the folder in.
func fleetConfig(in, out string, more ...string) string {
	lines := []string{
		"sources:", "  - {name: " + filepath.Base(in) + ", path: " + in + ", scan: true}",
		"plan: {split_bytes: 64KiB, shard_bytes: 1MiB}",
		"workers: 2",
		"out: " + out,
		"serve: {http: ''}",
	}
	return strings.Join(append(lines, more...), "\n") + "\n"
}

// vanishedSetting, in the environment, has documents of files go that are gone.
const vanishedSetting = "MILLRACE_PLAN_VANISHED_FILES=withdraw"

// newFleet writes the config. more are further lines of it; those on NATS are one. A short test ends here, skipped.
func newFleet(t *testing.T, in, out string, more ...string) *fleet {
	t.Helper()
	ofPrograms(t)
	return watchedFleet(t, in, out, more...)
}

// watchedFleet is one of a test whose children the race detector watches as well: it is run when tests are to be short, too.
func watchedFleet(t *testing.T, in, out string, more ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, out: out, config: filepath.Join(t.TempDir(), "config.yaml"), environ: os.Environ()}
	f.configure(in, more...)
	return f
}

// configure replaces the config: for the processes that are started from now on.
func (f *fleet) configure(in string, more ...string) {
	f.t.Helper()
	if err := os.WriteFile(f.config, []byte(fleetConfig(in, f.out, more...)), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// process is a running one, whose output is kept.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd

	mu     sync.Mutex
	output bytes.Buffer  // guarded by mu
	grown  chan struct{} // guarded by mu; closed when output grows, and replaced
	ended  chan struct{} // closed when the process is gone
}

// Write keeps what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.grown)
	p.grown = make(chan struct{})
	return p.output.Write(b)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// start starts a process that ends with the test at the latest.
func (f *fleet) start(name string, environ []string, binary string, args ...string) *process {
	f.t.Helper()
	p := &process{t: f.t, name: name, grown: make(chan struct{}), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(f.t.Context(), binary, args...)
	p.cmd.Env = append(slices.Clone(f.environ), environ...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // the code is asked for later
	}()
	f.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may be gone
		<-p.ended
		if f.t.Failed() {
			f.t.Logf("%s said:\n%s", name, tail(p.said()))
		}
	})
	return p
}

func tail(text string) string {
	const most = 6000
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	return text
}

// millrace starts the built program with the fleet's config.
func (f *fleet) millrace(args ...string) *process {
	f.t.Helper()
	binary, err := built()
	if err != nil {
		f.t.Fatal(err)
	}
	return f.start(strings.Join(args, " "), nil, binary, append(args, "--config", f.config, "--log-format", "json", "--log-level", "info")...)
}

// serve starts a coordinator and waits until it leads.
func (f *fleet) serve() *process {
	f.t.Helper()
	p := f.millrace("serve")
	p.waitFor(`"leading"`)
	return p
}

// patienceOfTests is when a test gives up waiting for a process.
const patienceOfTests = 40 * time.Second

// waitFor waits until the process says something.
func (p *process) waitFor(text string) {
	p.t.Helper()
	timer := time.NewTimer(patienceOfTests)
	defer timer.Stop()
	for {
		p.mu.Lock()
		found, grown := strings.Contains(p.output.String(), text), p.grown
		p.mu.Unlock()
		if found {
			return
		}
		select {
		case <-grown:
		case <-p.ended:
			if !strings.Contains(p.said(), text) {
				p.t.Fatalf("%s ended without saying %q", p.name, text)
			}
		case <-timer.C:
			p.t.Fatalf("%s never said %q", p.name, text)
		}
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("%s: %v: %v", p.name, s, err)
	}
}

// wake lets a process go on that has stopped itself, or is about to.
func (p *process) wake() {
	p.t.Helper()
	for deadline := time.Now().Add(patienceOfTests); ; {
		out, err := exec.CommandContext(p.t.Context(), "ps", "-o", "stat=", "-p", strconv.Itoa(p.cmd.Process.Pid)).Output()
		if err != nil {
			p.t.Fatalf("%s: ps: %v", p.name, err)
		}
		if strings.HasPrefix(string(out), "T") {
			p.signal(syscall.SIGCONT)
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s does not stop", p.name)
		}
	}
}

// wait waits for the end and returns the exit code.
func (p *process) wait() int {
	p.t.Helper()
	timer := time.NewTimer(patienceOfTests)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		p.t.Fatalf("%s does not end", p.name)
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop tells processes to stop, and they have to do so with exit code 0.
func (f *fleet) stop(list ...*process) {
	f.t.Helper()
	for _, p := range list {
		p.signal(syscall.SIGTERM)
	}
	for _, p := range list {
		if code := p.wait(); code != exitDone {
			f.t.Errorf("%s: exit %d after SIGTERM", p.name, code)
		}
	}
}

// do runs a command of a client to its end.
func (f *fleet) do(args ...string) execution {
	f.t.Helper()
	p := f.millrace(args...)
	code := p.wait()
	return execution{code: code, stdout: p.said()}
}

// finish waits for the end of the command start --wait, and checks that the run has made the first version.
func (f *fleet) finish(start *process, want ingest.Result) {
	f.t.Helper()
	if code := start.wait(); code != exitDone && code != exitRejected {
		f.t.Fatalf("%s: exit %d\n%s", start.name, code, start.said())
	}
	f.holds(want)
}

// holds checks that the newest version is the first, with this content, and that the corpus is sound.
func (f *fleet) holds(want ingest.Result) {
	f.t.Helper()
	m := newest(f.t, f.out)
	if m == nil || m.Version != 1 || m.Digest != want.Digest {
		f.t.Fatalf("the corpus holds %+v, want version 1 with digest %s", m, want.Digest)
	}
	verified(f.t, f.out)
}

// tidy checks that no run leaves work files behind; the coordinator removes them when it has said how the run has ended.
func (f *fleet) tidy() {
	f.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); ; <-tick.C {
		left, err := filepath.Glob(filepath.Join(f.out, ".millrace", "runs", "*"))
		if err == nil && len(left) == 0 {
			return
		}
		if err != nil || time.Now().After(end) {
			f.t.Errorf("work is left behind: %v, %v", left, err)
			return
		}
	}
}

// The child of a cluster test is this test binary with these variables: a coordinator, worker or NATS server in a process of
// its own, which stops or kills itself at a named point.
const (
	roleEnv   = "FLEET_ROLE"
	configEnv = "FLEET_CONFIG"
	atEnv     = "FLEET_AT" // signal:point#visit, such as KILL:commit:placed#1
	portEnv   = "FLEET_PORT"
	leaseEnv  = "FLEET_LEASE"
)

// child starts this test binary in a role.
func (f *fleet) child(role, at string, more ...string) *process {
	f.t.Helper()
	self, err := os.Executable()
	if err != nil {
		f.t.Fatal(err)
	}
	environ := append([]string{roleEnv + "=" + role, configEnv + "=" + f.config, atEnv + "=" + at}, more...)
	return f.start(role+" until "+at, environ, self, "-test.run=^TestClusterChild$", "-test.count=1")
}

// TestClusterChild is what child starts.
func TestClusterChild(t *testing.T) {
	role, ok := os.LookupEnv(roleEnv)
	if !ok {
		t.Skip("it is the child process of the tests of clusters, which start it themselves")
	}
	if role == "nats" {
		natsChild(t)
		return
	}
	ctx, stop := withSignals(t.Context(), func(string) {})
	defer stop()
	a := &app{stdio: stdio{out: os.Stdout, err: os.Stderr, environ: os.Environ()}, display: monitor.NewDisplay(os.Stderr, false)}
	a.config, a.logLevel, a.logFormat = os.Getenv(configEnv), "info", "json"
	c, err := (&memberFlags{}).config(a)
	if err != nil {
		t.Fatal(err)
	}
	log, err := a.logger()
	if err != nil {
		t.Fatal(err)
	}
	options, err := clusterOptions(c, log)
	if err != nil {
		t.Fatal(err)
	}
	options.Hook = hookOf(os.Getenv(atEnv))
	site, err := openSite(ctx, c, options.Access)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := site.close(); err != nil {
			t.Error(err)
		}
	}()
	as := coordinator
	if role == "worker" {
		as = worker
	}
	m, err := join(ctx, c, as, log)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	if role == "worker" {
		w := &cluster.Worker{
			Control: m.control, Site: engine.NewSite(options.Engine(), site.out, site.work), Stages: stageNames(), Log: log,
			ShutdownTimeout: c.Worker.ShutdownTimeout,
		}
		err = w.Run(ctx)
	} else {
		err = coordinatorChild(c, m, options, site).Run(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func coordinatorChild(c config.Config, m *member, o ingest.Options, site *site) *cluster.Coordinator {
	ttl, err := time.ParseDuration(os.Getenv(leaseEnv))
	if err != nil {
		panic(err) // of the test itself
	}
	return &cluster.Coordinator{
		Control: m.control, Site: engine.NewSite(o.Engine(), site.out, site.work), Log: o.Log, LeaseTTL: ttl,
		Queue:    queue.Options{Stages: stageNames(), AckWait: c.NATS.AckWait},
		Progress: func() cluster.Progress { return cluster.Progress{} },
	}
}

// hookOf sends a signal to its own process at a visit of a point.
func hookOf(at string) func(string) {
	name, point, found := strings.Cut(at, ":")
	if !found {
		return nil
	}
	point, visit, _ := strings.Cut(point, "#")
	n, _ := strconv.Atoi(visit)
	signal := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "STOP": syscall.SIGSTOP, "TERM": syscall.SIGTERM}[name]
	var mu sync.Mutex
	return func(name string) {
		mu.Lock()
		defer mu.Unlock()
		if name != point {
			return
		}
		if n--; n != 0 {
			return
		}
		fmt.Fprintf(os.Stderr, "reached %s\n", point)
		_ = syscall.Kill(os.Getpid(), signal)
		if signal == syscall.SIGKILL {
			select {} // it takes a moment; nothing may happen in it
		}
	}
}

// natsChild is a server as an operator would run it.
func natsChild(t *testing.T) {
	port, err := strconv.Atoi(os.Getenv(portEnv))
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "n0", Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: os.Getenv(configEnv), NoLog: true, NoSigs: true,
		SyncInterval: time.Second, JetStreamMaxStore: 1 << 40, // streams reserve out of it: not by how full the disk is
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := withSignals(t.Context(), func(string) {})
	defer stop()
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server is not ready")
	}
	fmt.Fprintln(os.Stderr, "listening")
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
}

// external is a NATS server in a process of its own.
type external struct {
	*process
	fleet *fleet
	dir   string
	port  string
}

// startNATS starts a server on a free port.
func startNATS(t *testing.T) *external {
	t.Helper()
	port := strconv.Itoa(pipelinetest.FreePort(t))
	e := &external{fleet: &fleet{t: t, environ: os.Environ()}, dir: filepath.Join(t.TempDir(), "nats"), port: port}
	e.run()
	return e
}

func (e *external) run() {
	e.fleet.config = e.dir
	e.process = e.fleet.child("nats", "", portEnv+"="+e.port)
	e.waitFor("listening")
}

// setting is the line of the config that names the server, for one corpus of its own.
func (e *external) setting(corpus string) string {
	return fmt.Sprintf("nats: {urls: ['nats://127.0.0.1:%s'], corpus: %s, ack_wait: 1s}", e.port, corpus)
}

func (e *external) kill() {
	e.signal(syscall.SIGKILL)
	e.wait()
}

// although asks for a job while a worker dies at a point, or a coordinator ("coordinator POINT"), or nobody (""); others take their places. It
// returns what was said of the job, and the coordinator and the worker that are there then.
func (f *fleet) although(at string, serve, worker *process, ask ...string) (said string, leads, works *process) {
	f.t.Helper()
	role, point, dies := strings.Cut(at, " ")
	if !dies {
		role, point = "worker", at
	}
	if role == "coordinator" {
		f.stop(serve)
	} else {
		f.stop(worker)
	}
	start := f.millrace(ask...)
	if point != "" {
		var bad *process
		if role == "coordinator" {
			bad = f.child("serve", point, leadersLease)
		} else {
			bad = f.child("worker", point)
		}
		bad.waitFor("reached")
		bad.wait()
	}
	if role == "coordinator" {
		serve = f.serve()
	} else {
		worker = f.millrace("worker")
	}
	if code := start.wait(); code != exitDone {
		f.t.Fatalf("exit %d\n%s", code, start.said())
	}
	return start.said(), serve, worker
}
