package pipelinetest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// S3Server is the file, below the project's root, of the server that the tests of object stores run against. make builds
// it, of the version in its name.
const S3Server = ".cache/bin/versitygw-v1.8.0"

// S3 is an object store of its own for a test, on loopback. Its credentials are in the environment of the test.
type S3 struct {
	Endpoint string // http://127.0.0.1:PORT
	Folder   string // in which each folder is a bucket
	Versions string // in which it keeps old versions of the objects of buckets that are to have them
	Secret   string // in AWS_SECRET_ACCESS_KEY: no output holds it
}

// StartS3 starts an empty object store that ends with the test. Without its server the test is skipped, but not in CI.
func StartS3(t testing.TB) *S3 {
	t.Helper()
	binary := filepath.Join(root(t), S3Server)
	if _, err := os.Stat(binary); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is absent: make builds it before the tests", S3Server)
		}
		t.Skipf("skip: no server of an object store: make %s", S3Server)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "millrace-test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret-7c1f")
	t.Setenv("AWS_SESSION_TOKEN", "")
	for range 3 { // a port that is free now may not be in a moment
		if s := startS3(t, binary); s != nil {
			t.Setenv("AWS_ENDPOINT_URL_S3", s.Endpoint)
			return s
		}
	}
	t.Fatal("the server of the object store does not start")
	return nil
}

func startS3(t testing.TB, binary string) *S3 {
	t.Helper()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(FreePort(t)))
	s := &S3{Endpoint: "http://" + address, Folder: t.TempDir(), Versions: t.TempDir(), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY")}
	ctx, stop := context.WithCancel(context.Background()) // it outlives t.Context, which ends before the clean-ups
	cmd := exec.CommandContext(ctx, binary, "--quiet", "--port", address, "--health", "/health", "posix", "--versioning-dir", s.Versions, s.Folder)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+os.Getenv("AWS_ACCESS_KEY_ID"), "ROOT_SECRET_KEY="+os.Getenv("AWS_SECRET_ACCESS_KEY"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is killed
	}()
	end := func() {
		stop()
		<-ended
	}
	if !s.answers(ctx, ended) {
		end()
		t.Logf("the server of the object store says: %s", said.String())
		return nil
	}
	t.Cleanup(end)
	return s
}

// answers waits until the server answers, or ends.
func (s *S3) answers(ctx context.Context, ended <-chan struct{}) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint+"/health", nil)
		if err != nil {
			return false
		}
		if r, err := http.DefaultClient.Do(request); err == nil {
			_ = r.Body.Close() // its status says all
			if r.StatusCode == http.StatusOK {
				http.DefaultClient.CloseIdleConnections()
				return true
			}
		}
		select {
		case <-ended:
			return false
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// Bucket makes a bucket and returns its URL.
func (s *S3) Bucket(t testing.TB, name string) string {
	t.Helper()
	Must(t, os.Mkdir(filepath.Join(s.Folder, name), 0o755))
	return fmt.Sprintf("s3://%s", name)
}
