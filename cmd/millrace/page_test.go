package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// TestPageControl: serve makes a token that its owner alone reads, keeps it, and does what who has it asks for: of the run that is named.
func TestPageControl(t *testing.T) {
	t.Parallel()
	in, work := news(t, 61, 20), t.TempDir()
	f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"), "work: "+work)
	f.environ = append(f.environ, "MILLRACE_SERVE_CONTROL=true")
	address := regexp.MustCompile(`"address":"([^"]+)"`)
	begin := func() (*process, string) {
		serve := f.millrace("serve", "--http", "127.0.0.1:0")
		serve.waitFor(`"leading"`)
		return serve, "http://" + address.FindStringSubmatch(serve.said())[1]
	}
	serve, at := begin()
	found, err := filepath.Glob(filepath.Join(work, "*", controlName))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	info, err := os.Stat(found[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(data))
	if strings.Contains(serve.said(), token) {
		t.Error("serve says the token")
	}
	tell := func(token, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at+"/live/control", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	check := func(token, body string, code int, text string) string {
		t.Helper()
		got, said := tell(token, body)
		if got != code || !strings.Contains(said, text) {
			t.Errorf("%s: %d %s, want %d and %q", body, got, said, code, text)
		}
		return said
	}
	check("guess", `{"do":"start"}`, http.StatusUnauthorized, "token")
	check(token, `{"do":"pause","id":"other"}`, http.StatusConflict, "run other is not the newest")
	check(token, `{"do":"cancel"}`, http.StatusConflict, "no run to cancel")
	check(token, `{"do":"retry"}`, http.StatusConflict, "dead letter")
	check(token, `{"do":"retry","id":"none"}`, http.StatusConflict, "no dead letter is called")
	// Without a worker the run goes nowhere.
	said := check(token, `{"do":"start"}`, http.StatusOK, "is asked for")
	id := regexp.MustCompile(`manual-[0-9TZ-]+`).FindString(said)
	f.eventually("run          "+id+" is running", "status")
	check(token, `{"do":"pause","id":"`+id+`"}`, http.StatusOK, "run "+id+" is paused")
	check(token, `{"do":"pause","id":"`+id+`"}`, http.StatusConflict, "nothing to pause")
	check(token, `{"do":"resume","id":"`+id+`"}`, http.StatusOK, "run "+id+" is running")
	check(token, `{"do":"cancel","id":"`+id+`"}`, http.StatusOK, "run "+id+" was cancelled")
	f.stop(serve)
	serve, at = begin()
	check(token, `{"do":"pause","id":"`+id+`"}`, http.StatusConflict, "nothing to pause")
	f.stop(serve)
}

// TestMadeToken: of several processes that make a token at once all have the same.
func TestMadeToken(t *testing.T) {
	name := filepath.Join(t.TempDir(), "work", controlName)
	var making sync.WaitGroup
	tokens := make([]string, 8)
	for i := range tokens {
		making.Go(func() {
			var err error
			if tokens[i], err = madeToken(name); err != nil {
				t.Error(err)
			}
		})
	}
	making.Wait()
	for _, token := range tokens {
		if token != tokens[0] || len(token) < 16 {
			t.Errorf("tokens %q", tokens)
		}
	}
	left, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := madeToken(name); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("an empty one: %v", err)
	}
}

// TestRunPage: millrace run --http answers while the run goes on; an address that cannot be is a wrong usage.
func TestRunPage(t *testing.T) {
	t.Parallel()
	in, out := news(t, 62, 20), filepath.Join(t.TempDir(), "corpus")
	if e := execute(t, nil, "run", "--out", out, "--http", "nonsense", in); e.code != exitUsage || !strings.Contains(e.stderr, "missing port") {
		t.Errorf("exit %d\n%s", e.code, e.stderr)
	}
	if e := execute(t, nil, "run", "--json", "--out", out, "--http", "127.0.0.1:0", "--log-level", "info", in); e.code != exitDone && e.code != exitRejected || !strings.Contains(e.stderr, "page, health and metrics") {
		t.Errorf("exit %d\n%s", e.code, e.stderr)
	}
}
