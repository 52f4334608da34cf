package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

const projectFolder = "../.."

// composition is the project's docker-compose.yml, up on an engine of the test.
type composition struct {
	*dockerEngine

	folder string // of a copy of the file and of what it names
	secret string
}

// TestCompose runs the very docker-compose.yml: its services come up, a corpus is published and run while a stage is scaled
// up and down and a worker, a server of NATS and the coordinator are killed. The digest is that of one process.
func TestCompose(t *testing.T) {
	t.Parallel()
	d := startDocker(t)
	in := news(t, 41, 900)
	if err := os.CopyFS(filepath.Join(in, "sample"), os.DirFS(sampleFolder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(in), 0o755); err != nil { // it is mounted for a user who is not root
		t.Fatal(err)
	}
	want := alone(t, in)
	c := compose(t, d)

	// Without a sink the run cannot be over before all has happened.
	c.must("up", "--detach", "--scale", "serve=2", "--scale", "parse=2", "--scale", "sink=0")
	published := c.must("run", "--rm", "-T", "--volume", in+":/in:ro", "millrace", "publish", "--json", "--upload", "--source", "news", "/in")
	if !strings.Contains(published, `"refused": []`) && !strings.Contains(published, `"refused": null`) {
		t.Errorf("published: %s", published)
	}
	run := make(chan execution, 1)
	go func() {
		run <- c.compose("run", "--rm", "-T", "millrace", "start", "--id", "tonight", "--wait", "--json")
	}()

	first := c.until("a task of parse is done", func(s *cluster.Status) bool { return done(s, "parse") > 0 })
	c.kill(c.containers("parse")[0])
	c.kill(c.containers("nats-2")[0])
	c.ask("pause")
	c.must("up", "--detach", "--no-deps", "--scale", "parse=4", "parse")
	for _, id := range c.containers("serve") {
		if strings.HasPrefix(first.Coordinator, id[:12]) { // the name of a host is the beginning of its container's id
			c.docker("kill", "--signal", "KILL", id) // the engine does not start it again
		}
	}
	c.until("the other coordinator leads", func(s *cluster.Status) bool { return s.Leading && s.Coordinator != first.Coordinator })
	c.ask("resume")
	c.must("up", "--detach", "--no-deps", "--scale", "parse=1", "parse")
	c.until("all but the sink is done", func(s *cluster.Status) bool { return done(s, "resolve") > 0 })
	c.must("up", "--detach", "--no-deps", "--scale", "sink=1", "sink")

	e := <-run
	var got ingest.Result
	if err := json.Unmarshal([]byte(e.stdout), &got); err != nil || got.Digest != want.Digest {
		t.Errorf("start: exit %d, digest %q, want %s: %v\n%s\n%s", e.code, got.Digest, want.Digest, err, e.stdout, tail(e.stderr))
	}
	if out := c.must("run", "--rm", "-T", "millrace", "verify", "s3://corpus/news"); !strings.Contains(out, "sound") {
		t.Errorf("verify: %s", out)
	}
	c.restarted("nats-2")
	c.hardened()
	c.keepsSecrets()
}

// compose builds the images that the file names, and copies it beside a config with small tasks.
func compose(t *testing.T, d *dockerEngine) *composition {
	t.Helper()
	c := &composition{dockerEngine: d, folder: filepath.Join(t.TempDir(), "project"), secret: "not-a-secret-5b0e"}
	c.images()
	for _, name := range []string{"docker-compose.yml", "configs/nats.conf", "configs/cluster.yaml"} {
		data, err := os.ReadFile(filepath.Join(projectFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if strings.HasSuffix(name, "cluster.yaml") {
			text = strings.Replace(text, "\n  replicas: 3", "\n  replicas: 3\n  ack_wait: 5s", 1)
			text = strings.Replace(text, "\n  cron: ", "\n  cron: '' # ", 1) // the test may run at that minute
			_, plan, _ := strings.Cut(fleetConfig("", ""), "\nplan: ")       // the same as of the one process
			plan, _, _ = strings.Cut(plan, "\n")
			text += "\nplan: " + plan + "\n"
		}
		c.write(name, text)
	}
	c.write(".env", "S3_ACCESS_KEY=millrace-test\nS3_SECRET_KEY="+c.secret+"\n")
	t.Cleanup(func() {
		if t.Failed() {
			e := c.compose("logs", "--no-color", "--tail", "40")
			t.Logf("the services said:\n%s", e.stdout)
		}
		if e := c.compose("down", "--volumes", "--timeout", "5", "--remove-orphans"); e.code != 0 {
			t.Errorf("down: exit %d\n%s", e.code, tail(e.stderr))
		}
		if left := c.docker("ps", "--all", "--quiet") + c.docker("volume", "ls", "--quiet"); left != "" {
			t.Errorf("containers or volumes are left: %s", left)
		}
	})
	return c
}

func (c *composition) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// images builds what the file names: ours by the Dockerfile, the others of the same programs, which the module proxy has,
// with busybox for their health checks, as the ones of the registry have.
func (c *composition) images() {
	c.t.Helper()
	binary, err := built()
	if err != nil {
		c.t.Fatal(err)
	}
	s3, err := filepath.Abs(filepath.Join(projectFolder, pipelinetest.S3Server))
	if err != nil || !exists(s3) {
		c.t.Skipf("skip: no server of an object store: make %s: %v", pipelinetest.S3Server, err)
	}
	nats := filepath.Join(c.t.TempDir(), "nats-server")
	build := exec.CommandContext(c.t.Context(), "go", "build", "-o", nats, "github.com/nats-io/nats-server/v2")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		c.t.Fatalf("%v\n%s", err, out)
	}
	version, err := exec.CommandContext(c.t.Context(), nats, "--version").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	_, natsTag, _ := strings.Cut(strings.TrimSpace(string(version)), ": v")
	_, s3Tag, _ := strings.Cut(filepath.Base(s3), "-")

	ours := c.t.TempDir()
	files := map[string]string{"image/millrace": binary, "image/ca-certificates.crt": "/etc/ssl/certs/ca-certificates.crt"}
	c.image("millrace:local", ours, files, filepath.Join(projectFolder, "Dockerfile"), "--build-arg", "BINARY=given")
	theirs := map[string]string{"nats:" + natsTag + "-alpine": nats, "versity/versitygw:" + s3Tag: s3}
	for tag, server := range theirs {
		c.image(tag, c.t.TempDir(), map[string]string{"usr/local/bin/" + filepath.Base(strings.TrimSuffix(server, "-"+s3Tag)): server}, "")
	}
	theirs["millrace:local"] = binary
	for service, image := range composeImages(c.t) {
		if theirs[image] == "" {
			c.t.Errorf("service %s wants the image %s, which is not of the versions that are tested: %v", service, image, theirs)
		}
	}
}

// image builds one from files; without a Dockerfile they and busybox are all that is in it.
func (c *composition) image(tag, folder string, files map[string]string, dockerfile string, more ...string) {
	c.t.Helper()
	if dockerfile == "" {
		busybox, err := exec.LookPath("busybox")
		if err != nil {
			c.t.Fatal(err)
		}
		files["bin/busybox"] = busybox
	}
	for name, from := range files {
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o755); err != nil {
			c.t.Fatal(err)
		}
		if out, err := exec.CommandContext(c.t.Context(), "cp", "-L", from, filepath.Join(folder, name)).CombinedOutput(); err != nil {
			c.t.Fatalf("%v\n%s", err, out)
		}
	}
	if dockerfile == "" {
		for _, applet := range []string{"sh", "wget", "od", "tr", "mv", "cat", "mkdir", "chown"} {
			if err := os.Symlink("busybox", filepath.Join(folder, "bin", applet)); err != nil {
				c.t.Fatal(err)
			}
		}
		dockerfile = filepath.Join(folder, "Dockerfile")
		if err := os.WriteFile(dockerfile, []byte("FROM scratch\nCOPY bin /bin\nCOPY usr /usr\n"), 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
	c.docker(append(append([]string{"build", "--quiet", "--tag", tag, "--file", dockerfile}, more...), folder)...)
}

// composeImages are the images that the services name.
func composeImages(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(projectFolder, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct{ Image string }
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	images := map[string]string{}
	for name, s := range file.Services {
		images[name] = s.Image
	}
	return images
}

// TestComposeServices: the file has a service for each stage. It takes no engine to see that.
func TestComposeServices(t *testing.T) {
	images := composeImages(t)
	for _, name := range append([]string{"serve", "s3", "nats-1", "nats-2", "nats-3"}, stageNames()...) {
		if images[name] == "" {
			t.Errorf("no service %s", name)
		}
	}
}

func (c *composition) compose(args ...string) execution {
	c.t.Helper()
	return c.run(c.folder, "docker-compose", args...)
}

// must runs a command of compose that has to succeed.
func (c *composition) must(args ...string) string {
	c.t.Helper()
	e := c.compose(args...)
	if e.code != 0 {
		c.t.Fatalf("docker-compose %s: exit %d\n%s%s", strings.Join(args, " "), e.code, tail(e.stdout), tail(e.stderr))
	}
	return e.stdout
}

// containers are those of a service that run.
func (c *composition) containers(service string) []string {
	c.t.Helper()
	list := strings.Fields(c.docker("ps", "--no-trunc", "--quiet", "--filter", "label=com.docker.compose.service="+service))
	if len(list) == 0 {
		c.t.Fatalf("no container of %s runs", service)
	}
	return list
}

// kill is a crash: the engine sees the process end, and starts it again.
func (c *composition) kill(id string) {
	c.t.Helper()
	pid, err := strconv.Atoi(c.docker("inspect", "--format", "{{.State.Pid}}", id))
	if err != nil || pid <= 1 {
		c.t.Fatalf("container %s has the process %d: %v", id, pid, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
}

// client runs a command of millrace in the container of a coordinator.
func (c *composition) client(args ...string) execution {
	c.t.Helper()
	args = append([]string{"exec", c.containers("serve")[0], "/millrace", "--config", "/etc/millrace/cluster.yaml"}, args...)
	return c.run("", "docker", args...)
}

// ask does what asks the coordinator for something; one that has just changed may not answer.
func (c *composition) ask(command string) {
	c.t.Helper()
	for range 5 {
		e := c.client(command)
		if e.code == exitDone {
			return
		}
		c.t.Logf("%s: exit %d\n%s", command, e.code, e.stderr)
	}
	c.t.Fatalf("nobody does %s", command)
}

// look is a picture of the cluster; its zero value if none can be had now.
func (c *composition) look() *cluster.Status {
	c.t.Helper()
	var s cluster.Status
	if e := c.client("status", "--json"); e.code == exitDone {
		if err := json.Unmarshal([]byte(e.stdout), &s); err != nil {
			c.t.Fatalf("status: %v\n%s", err, e.stdout)
		}
	}
	return &s
}

// until looks again and again until something is so.
func (c *composition) until(what string, so func(*cluster.Status) bool) *cluster.Status {
	c.t.Helper()
	begun := time.Now()
	for end := begun.Add(3 * patienceOfTests); ; { // each look is a client in a container
		s := c.look()
		if so(s) {
			c.t.Logf("%s: after %s", what, time.Since(begun).Round(time.Second))
			return s
		}
		if time.Now().After(end) {
			c.t.Fatalf("it never comes that %s: %+v", what, s)
		}
	}
}

// done is how many tasks of a stage are.
func done(s *cluster.Status, stage string) int {
	for _, st := range s.Stages {
		if st.Stage == stage {
			return st.Done
		}
	}
	return 0
}

// restarted checks that what crashed was started again.
func (c *composition) restarted(service string) {
	c.t.Helper()
	if n := c.docker("inspect", "--format", "{{.RestartCount}}", c.containers(service)[0]); n == "0" {
		c.t.Errorf("%s was killed and never started again", service)
	}
}

// hardened checks what every container that stays is held to, and that nothing is published beyond loopback.
func (c *composition) hardened() {
	c.t.Helper()
	type container struct {
		Name       string
		Config     struct{ User string }
		HostConfig struct {
			ReadonlyRootfs bool
			Privileged     bool
			CapDrop        []string
			SecurityOpt    []string
			Memory         int64
			PortBindings   map[string][]struct {
				HostIP string `json:"HostIp"`
			}
		}
	}
	ids := strings.Fields(c.docker("ps", "--quiet"))
	var list []container
	if err := json.Unmarshal([]byte(c.docker(append([]string{"inspect"}, ids...)...)), &list); err != nil {
		c.t.Fatal(err)
	}
	for _, x := range list {
		h := &x.HostConfig
		if x.Config.User != "65532:65532" || !h.ReadonlyRootfs || h.Privileged || h.Memory == 0 ||
			fmt.Sprint(h.CapDrop, h.SecurityOpt) != "[ALL] [no-new-privileges:true]" {
			c.t.Errorf("%s may do more than it has to: %+v", x.Name, x)
		}
		for port, bindings := range h.PortBindings {
			for _, b := range bindings {
				if b.HostIP != "127.0.0.1" {
					c.t.Errorf("%s publishes %s on %q", x.Name, port, b.HostIP)
				}
			}
		}
	}
}

// keepsSecrets checks that neither the logs nor what the coordinator shows hold a secret.
func (c *composition) keepsSecrets() {
	c.t.Helper()
	nats := c.containers("nats-1")[0]
	token := c.docker("exec", nats, "cat", "/etc/nats/secrets/nats-token")
	said := []string{c.must("logs", "--no-color")}
	for path, want := range map[string]string{"readyz": "ready", "metrics": "millrace_stage_lag", "status": "tonight"} {
		var e execution
		for range 10 { // on a machine that is loaded a picture of the cluster may not be had in time
			if e = c.run("", "docker", "exec", nats, "wget", "-q", "-O", "-", "http://serve:8642/"+path); e.code == 0 {
				break
			}
		}
		if !strings.Contains(e.stdout, want) {
			c.t.Errorf("%s shows %s%s", path, e.stdout, e.stderr)
		}
		said = append(said, e.stdout)
	}
	for _, secret := range []string{c.secret, token} {
		if len(secret) < 10 || strings.Contains(strings.Join(said, "\n"), secret) {
			c.t.Errorf("the secret %q is too short, in the logs or shown", secret)
		}
	}
}
