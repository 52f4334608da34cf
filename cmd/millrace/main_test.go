package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// leakChecked fails a run of tests that leaves a goroutine behind.
type leakChecked struct{ m *testing.M }

func (l leakChecked) Run() int {
	code := l.m.Run()
	if err := os.RemoveAll(builtIn); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if code != 0 {
		return code
	}
	// Each look takes a second; on a busy machine what was told to end may take several.
	var err error
	for range 10 {
		if err = goleak.Find(); err == nil {
			return 0
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func TestMain(m *testing.M) {
	for _, role := range []string{crashEnv, roleEnv, poisonedEnv, doEnv, panicsEnv} {
		if os.Getenv(role) != "" { // a child that may be killed: it makes no folder for scripts, which would be left
			os.Exit(leakChecked{m}.Run())
		}
	}
	if err := errors.Join(
		// Most of these tests wait for processes: of a cluster, or that stand still. A flag that is given counts more.
		flag.Set("test.parallel", strconv.Itoa(3*runtime.GOMAXPROCS(0))),
		// With the race detector a process waits for a second before it ends, and the tests start many hundreds. The variable is read at the start.
		os.Setenv("GORACE", strings.TrimSpace("atexit_sleep_ms=10 "+os.Getenv("GORACE"))),
		os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin"), // where a Docker engine and what it calls are
	); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	testscript.Main(leakChecked{m}, map[string]func(){"millrace": main})
}

// The scripts are the commands as a user types them. $SAMPLE, $DAMAGED, $CONFIGS, $PAGES and $TOKENIZERS are folders of the repository.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               sample(t, scripts, 3),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv(config.LogFormatVariable, logText) // as on a terminal
			for name, folder := range map[string]string{
				"SAMPLE": "../../testdata/sample", "DAMAGED": "../../testdata/damaged", "CONFIGS": "../../configs",
				"PAGES": "testdata/pages", "TOKENIZERS": "../../pipeline/text/bpe/testdata",
			} {
				abs, err := filepath.Abs(folder)
				if err != nil {
					return err
				}
				env.Setenv(name, abs)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "eventually": eventually, "age": ageCorpus},
	})
}

// exits runs a command and checks its exit code: exits 2 millrace run.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = err.Error()
	}
	if want := "exit status " + args[0]; code != want && code != args[0] {
		ts.Fatalf("%s, want %s", code, want)
	}
}

// ageCorpus makes a corpus what code version 6 would have made, as far as its manifests tell: age CORPUS.
func ageCorpus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: age CORPUS")
	}
	names, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), pipeline.ManifestsFolder, "*.json"))
	if err != nil || len(names) == 0 {
		ts.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		ts.Check(err)
		now := fmt.Sprintf("\n  \"key_text\": %d,", ingest.KeyText)
		if bytes.Count(data, []byte(now)) != 1 {
			ts.Fatalf("%s has no key text", name)
		}
		data = bytes.Replace(data, []byte(now), nil, 1)
		data = bytes.Replace(data, []byte("\n  \"code\": \""+pipeline.CodeVersion+"\""), []byte("\n  \"code\": \"6\""), 1)
		const tail = 2*sha256.Size + len("\"\n}\n") // the checksum is that of the file without it
		sum := sha256.Sum256(append(data[:len(data)-tail:len(data)-tail], "\"\n}\n"...))
		copy(data[len(data)-tail:], hex.EncodeToString(sum[:]))
		ts.Check(os.Chmod(name, 0o644))
		ts.Check(os.WriteFile(name, data, 0o644))
	}
}

// eventually runs a command until it succeeds, for a process in the background takes a moment: eventually millrace status.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: eventually COMMAND [ARG...]")
	}
	for end := time.Now().Add(patienceOfTests); ; {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%v: %v", args, err)
		}
	}
}

// writeTree writes files below a folder.
func writeTree(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
