package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/millrace/millrace/pipeline/pipelinetest/terminal"
)

// tty is a process on a terminal.
type tty struct {
	*terminal.Terminal
	t    *testing.T
	cmd  *exec.Cmd
	file *os.File // the other end
	done chan struct{}

	mu    sync.Mutex
	grown chan struct{} // guarded by mu; closed when something was written, and replaced
	raw   bytes.Buffer  // guarded by mu; all that was written
}

const ttyHeight = 40

// onTerminal starts the built program on a terminal of a width.
func onTerminal(t *testing.T, width int, args ...string) *tty {
	t.Helper()
	return onTerminalWith(t, width, nil, args...)
}

// onTerminalWith is onTerminal with variables of the environment.
func onTerminalWith(t *testing.T, width int, environ []string, args ...string) *tty {
	t.Helper()
	ofPrograms(t)
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	p := &tty{Terminal: terminal.New(width, ttyHeight), t: t, done: make(chan struct{}), grown: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), binary, args...)
	p.cmd.Env = slices.Concat(os.Environ(), []string{"TERM=xterm", "MILLRACE_LOG_FORMAT=", "NO_COLOR="}, environ)
	if p.file, err = pty.StartWithSize(p.cmd, &pty.Winsize{Cols: uint16(width), Rows: ttyHeight}); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		_, _ = io.Copy(p, p.file) // it ends with the process
		_ = p.cmd.Wait()          // the code is asked for later
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		_ = p.file.Close()
		if t.Failed() {
			t.Logf("the terminal shows:\n%s", p.String())
		}
	})
	return p
}

func (p *tty) Write(b []byte) (int, error) {
	n, err := p.Terminal.Write(b)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.raw.Write(b)
	close(p.grown)
	p.grown = make(chan struct{})
	return n, err
}

// await waits until the screen is as it should be, and returns it.
func (p *tty) await(what string, is func(screen string) bool) string {
	p.t.Helper()
	timer := time.NewTimer(patienceOfTests)
	defer timer.Stop()
	for {
		p.mu.Lock()
		grown := p.grown
		p.mu.Unlock()
		if screen := p.String(); is(screen) {
			return screen
		}
		select {
		case <-grown:
		case <-p.done:
			if screen := p.String(); is(screen) {
				return screen
			}
			p.t.Fatalf("it has ended without: %s", what)
		case <-timer.C:
			p.t.Fatalf("waited for: %s", what)
		}
	}
}

func (p *tty) shows(pattern string) string {
	p.t.Helper()
	return p.await(pattern, regexp.MustCompile(pattern).MatchString)
}

// press sends keys.
func (p *tty) press(keys string) {
	p.t.Helper()
	if _, err := p.file.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// picture is what a line of a picture looks like.
var picture = regexp.MustCompile(`[━─]|^(total|planning) |^\d+(s|m\d\ds)(  |$)`)

// end waits for the process and returns its exit code. No line of a picture may have been too wide for the terminal; what stays on the screen as
// text, such as paths, may.
func (p *tty) end() int {
	p.t.Helper()
	<-p.done
	for _, line := range p.Wrapped() {
		if picture.MatchString(line) {
			p.t.Errorf("a line was wider than the terminal: %q", line)
		}
	}
	if err := p.Err(); err != nil {
		p.t.Error(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// state is that of the terminal.
func (p *tty) state() unix.Termios {
	p.t.Helper()
	s, err := unix.IoctlGetTermios(int(p.file.Fd()), getTermios)
	if err != nil {
		p.t.Fatal(err)
	}
	return *s
}

var masks = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`[━─]`), "▒"},
	{regexp.MustCompile(`▒ +\d+%[^\n]*`), "▒  N%"}, // and the rates, and times
	{regexp.MustCompile(`(?m)^\d+(s|m\d\ds)( |$)`), "T$2"},
	{regexp.MustCompile(`\d[\d,]*(\.\d+)?`), "N"},
	{regexp.MustCompile(`(N (files found|documents|done)  )N [kM]?B`), "${1}N B"},
}

// masked is a screen without what differs from run to run.
func masked(screen string) string {
	for _, m := range masks {
		screen = m.pattern.ReplaceAllString(screen, m.by)
	}
	return screen
}

// manyLinks makes a folder of files that are all the same one.
func manyLinks(t *testing.T, files int, text string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "many")
	writeTree(t, root, map[string]string{"one.txt": text})
	for i := range files {
		folder := filepath.Join(root, fmt.Sprintf("%03d", i/1000))
		if i%1000 == 0 {
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Link(filepath.Join(root, "one.txt"), filepath.Join(folder, fmt.Sprintf("%03d.txt", i%1000))); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var widths = []int{60, 80, 120}

// forWidths runs a test at each width of a terminal.
func forWidths(t *testing.T, test func(t *testing.T, width int)) {
	for _, width := range widths {
		t.Run(strconv.Itoa(width), func(t *testing.T) {
			t.Parallel()
			test(t, width)
		})
	}
}

// TestTerminalPlan: while files are found and looked at, that is said; an interrupted command leaves nothing of its picture.
func TestTerminalPlan(t *testing.T) {
	t.Parallel()
	in := manyLinks(t, 40_000, "少年不识愁滋味，爱上层楼。\n")
	forWidths(t, func(t *testing.T, width int) {
		p := onTerminal(t, width, "run", in, "--out", filepath.Join(t.TempDir(), "out"))
		screen := p.shows(`planning .*\n.*files found`)
		line := regexp.MustCompile(`(?m)^planning +(finding files|[━─]+ +\d+%  \S+).*\n\d+s  [\d,]+ files found  [\d.]+ [kM]B$`)
		if !line.MatchString(screen) {
			t.Errorf("planning is shown as\n%s", screen)
		}
		if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if code := p.end(); code != exitInterrupted {
			t.Errorf("exit %d", code)
		}
		want := "interrupt: stopping; once more kills\nerror: interrupted\nhint: the same command again resumes where this one stopped\n"
		if got := p.String(); unbroken(got) != unbroken(want) {
			t.Errorf("at the end %q", got)
		}
	})
}

// unbroken is a text without white space, wherever its lines are broken.
func unbroken(text string) string { return strings.Join(strings.Fields(text), "") }

// TestTerminalRun: a run, one that goes on with it, and one that fails, as they look.
func TestTerminalRun(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&text, "第%d天，少年不识愁滋味，爱上层楼，爱上层楼，为赋新词强说愁。\n", i)
	}
	in := manyLinks(t, 60, text.String())
	forWidths(t, func(t *testing.T, width int) {
		out := filepath.Join(t.TempDir(), "out")
		args := []string{"run", in, "--out", out, "--workers", "1", "--set", "plan.split_bytes=4MiB"}
		p := onTerminal(t, width, args...)
		screen := p.shows(`(?m)^  parse +[━─]+ +[2-9]\d%(.*\n)+.*read [1-9]`)
		want := `total       ▒  N%
  parse     ▒  N%
  normalize ▒  N%
  dedupe    ▒  N%
  supersede ▒
T  read N  filtered N  rejected N
`
		if diff := cmp.Diff(want, squeezed(masked(screen))); diff != "" {
			t.Errorf("a run (-want +got):\n%s", diff)
		}
		p.press("\x03")
		if code := p.end(); code != exitInterrupted {
			t.Errorf("exit %d", code)
		}
		p = onTerminal(t, width, args...)
		p.shows(`resuming the run of `)
		if code := p.end(); code != exitDone {
			t.Errorf("exit %d", code)
		}
		if !regexp.MustCompile(`^resumingtherunof\S+/many:[1-9]\d*of[1-9]\d*tasksaredoneversion000001of`).MatchString(unbroken(p.String())) {
			t.Errorf("a run that goes on:\n%s", p.String())
		}
	})
}

// squeezed has one sign for each bar.
func squeezed(screen string) string {
	return regexp.MustCompile(`▒+`).ReplaceAllString(screen, "▒")
}

// TestTerminalFails: what went wrong stands below what was said, and no bar is left.
func TestTerminalFails(t *testing.T) {
	t.Parallel()
	forWidths(t, func(t *testing.T, width int) {
		in := filepath.Join(t.TempDir(), "in")
		writeTree(t, in, map[string]string{"a.jsonl": strings.Repeat("{\"text\": \"少年不识愁滋味\"\n", 200_000) + "{\"text\": \"爱上层楼\"}\n"})
		p := onTerminal(t, width, "run", in, "--out", filepath.Join(t.TempDir(), "out"), "--set", "limits.max_reject_ratio=0.1")
		if code := p.end(); code != exitFailed {
			t.Errorf("exit %d", code)
		}
		screen := p.String()
		if strings.ContainsAny(screen, "━─") || !strings.HasPrefix(screen, "error: ") || !strings.Contains(screen, "\nhint: ") {
			t.Errorf("a run that fails:\n%s", screen)
		}
	})
}

// TestTerminalWatch: status --watch is drawn in place, its keys do what they say, and the terminal is given back as it was, however it ends.
func TestTerminalWatch(t *testing.T) {
	t.Parallel()
	f := newFleet(t, news(t, 3, 20), filepath.Join(t.TempDir(), "corpus"), startNATS(t).setting("watched"))
	serve := f.serve()
	worker := f.millrace("worker")
	if code := f.millrace("start", "--wait", "--id", "first").wait(); code != exitDone && code != exitRejected {
		t.Fatalf("exit %d", code)
	}
	f.eventually("idle", "status")
	t.Run("ends", func(t *testing.T) {
		forWidths(t, func(t *testing.T, width int) {
			p := onTerminal(t, width, "status", "--watch", "--config", f.config)
			before := p.state() // perhaps its own already
			p.shows(`(?m)^run first is committed\ncoordinator .*\n\nWORKER .*\n.* idle .*\n\nq quit, w workers, d given up \(0\)$`)
			if now := p.state(); now.Lflag&unix.ECHO != 0 || now.Lflag&unix.ISIG == 0 {
				t.Errorf("while it is watched the terminal has the flags %x", now.Lflag)
			}
			p.press("w")
			p.shows(`(?m)^coordinator .*\n\nq quit`)
			p.press("d")
			p.shows(`(?m)^coordinator .*\n\nnothing was given up\n\nq quit`)
			p.press("dw")
			p.shows(`(?m)^coordinator .*\n\nWORKER .*\n.* idle .*\n\nq quit`)
			switch width {
			case widths[0]:
				p.press("q")
			case widths[1]:
				p.press("\x03") // Ctrl-C
			default:
				if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
			if code := p.end(); code != exitDone {
				t.Errorf("exit %d", code)
			}
			if now := p.state(); now.Lflag&(unix.ECHO|unix.ICANON) != unix.ECHO|unix.ICANON {
				t.Errorf("the terminal is left with the flags %x, before %x", now.Lflag, before.Lflag)
			}
			if screen := p.String(); !strings.HasPrefix(screen, "run first is committed\n") || strings.Count(screen, "WORKER") != 1 {
				t.Errorf("at the end:\n%s", screen)
			}
		})
	})
	f.stop(worker, serve)
}

// TestTerminalWaits: start --wait says that there is no worker, once, and that there is one; and shows how far the run is.
func TestTerminalWaits(t *testing.T) {
	t.Parallel()
	url := startNATS(t)
	forWidths(t, func(t *testing.T, width int) {
		f := newFleet(t, news(t, 4, 2000), filepath.Join(t.TempDir(), "corpus"), url.setting("waited"+strconv.Itoa(width)))
		serve := f.serve()
		p := onTerminal(t, width, "start", "--wait", "--id", "first", "--config", f.config)
		p.shows(`there is no worker: run (.*\n)+total .*\n  parse .*0%`)
		worker := f.millrace("worker")
		if code := p.end(); code != exitDone && code != exitRejected {
			t.Errorf("exit %d", code)
		}
		screen := p.String()
		if !strings.HasPrefix(screen, "waiting for run first to end\nwarning: there is no worker") || strings.Count(screen, "no worker") != 1 ||
			!strings.Contains(unbroken(screen), "runfirstwaitsformillraceworker") || strings.ContainsAny(screen, "━─") || !strings.Contains(screen, "version 000001") {
			t.Errorf("at the end:\n%s", screen)
		}
		f.stop(worker, serve)
	})
}

// TestTerminalPlain: with NO_COLOR nothing is coloured, and all else is drawn as ever; on a dumb terminal nothing is drawn at all.
func TestTerminalPlain(t *testing.T) {
	t.Parallel()
	in := manyLinks(t, 5000, "少年不识愁滋味，爱上层楼。\n")
	coloured, drawn := regexp.MustCompile(`\x1b\[[0-9;]*m`), regexp.MustCompile(`\x1b\[[0-9;]*[A-HJKf]`)
	for _, test := range []struct {
		name              string
		environ           []string
		colours, pictures bool
	}{
		{"xterm", nil, true, true},
		{"NO_COLOR", []string{"NO_COLOR=1"}, false, true},
		{"an empty NO_COLOR", []string{"NO_COLOR="}, true, true},
		{"dumb", []string{"TERM=dumb"}, false, false},
		{"dumb with text", []string{"TERM=dumb", "MILLRACE_LOG_FORMAT=text"}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := onTerminalWith(t, 80, test.environ, "run", in, "--out", filepath.Join(t.TempDir(), "out"), "--log-level", "debug")
			if code := p.end(); code != exitDone {
				t.Errorf("exit %d", code)
			}
			raw := p.raw.Bytes()
			if got := coloured.Match(raw); got != test.colours {
				t.Errorf("coloured: %v\n%q", got, raw)
			}
			if got := drawn.Match(raw); got != test.pictures {
				t.Errorf("drawn: %v\n%q", got, raw)
			}
			if !strings.Contains(p.String(), "version 000001") {
				t.Errorf("no summary in\n%s", p.String())
			}
		})
	}
}

// panicsEnv has this test binary read keys and panic.
const panicsEnv = "MILLRACE_TEST_PANICS"

// TestTerminalPanic: a process that panics while it reads keys gives the terminal back as it was.
func TestTerminalPanic(t *testing.T) {
	if os.Getenv(panicsEnv) != "" {
		_, restore, err := readKeys(context.Background(), os.Stdin)
		if err != nil {
			t.Fatal(err)
		}
		defer restore()
		if s, err := unix.IoctlGetTermios(int(os.Stdin.Fd()), getTermios); err != nil || s.Lflag&unix.ECHO != 0 {
			t.Fatalf("keys are not read: flags %x, %v", s.Lflag, err)
		}
		panic("as this test wants")
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTerminalPanic$")
	cmd.Env = append(os.Environ(), panicsEnv+"=1")
	file, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	said, _ := io.ReadAll(file) // it ends with an error where the process has
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || !bytes.Contains(said, []byte("as this test wants")) {
		t.Fatalf("%v\n%s", err, said)
	}
	s, err := unix.IoctlGetTermios(int(file.Fd()), getTermios)
	if err != nil {
		t.Fatal(err)
	}
	if s.Lflag&(unix.ECHO|unix.ICANON) != unix.ECHO|unix.ICANON {
		t.Errorf("the terminal is left with the flags %x", s.Lflag)
	}
}
