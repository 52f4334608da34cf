package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// upload puts the files of a folder below a URL.
func upload(t *testing.T, folder, url string) {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // every file is committed
	err = store.Scan(t.Context(), folder, store.Access{}, func(f store.Found) error {
		data, err := os.ReadFile(filepath.Join(folder, f.Path))
		if err != nil {
			return err
		}
		return pipeline.WriteAll(t.Context(), s, f.Path, data)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// startBucket starts an object store with a bucket, and keeps work files away from those of this machine's user.
func startBucket(t *testing.T) (bucket string, server *pipelinetest.S3) {
	t.Helper()
	server = pipelinetest.StartS3(t)
	if !testing.Short() {
		if _, err := built(); err != nil { // before go loses its cache of what is built
			t.Fatal(err)
		}
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return server.Bucket(t, "millrace"), server
}

// TestBucket is the job as a user types it: from files and from objects into a bucket, with the same digest as into a folder.
func TestBucket(t *testing.T) {
	bucket, server := startBucket(t)
	upload(t, sampleFolder, bucket+"/sample")
	local := execute(t, nil, "run", "--json", "--out", "file://"+t.TempDir()+"/corpus", sampleFolder)
	if local.code != exitDone {
		t.Fatalf("into a folder: exit %d\n%s", local.code, local.stderr)
	}
	outs := map[string]string{bucket + "/from/files": sampleFolder, bucket + "/from/objects": bucket + "/sample"}
	for out, in := range outs {
		e := execute(t, nil, "run", "--json", "--out", out, in)
		if e.code != exitDone || e.result.Digest != local.result.Digest {
			t.Fatalf("%s: exit %d, digest %s, want %s\n%s", out, e.code, e.result.Digest, local.result.Digest, e.stderr)
		}
		if again := execute(t, nil, "run", "--json", "--out", out, in); again.result.Files.Skipped != local.result.Files.Read {
			t.Errorf("%s: the second run skipped %d of %d files\n%s", out, again.result.Files.Skipped, local.result.Files.Read, again.stderr)
		}
		for command, want := range map[string]string{
			"verify": "sound", "inspect": "VOCABULARY", "files": out + "/data/000001-", "log": local.result.Digest[:8],
		} {
			e := execute(t, nil, command, out)
			if e.code != exitDone || !strings.Contains(e.stdout, want) {
				t.Errorf("%s %s: exit %d\n%s%s", command, out, e.code, e.stdout, e.stderr)
			}
			if strings.Contains(e.stdout+e.stderr, server.Secret) {
				t.Errorf("%s prints the credentials", command)
			}
		}
		verified(t, out)
	}
	dry := execute(t, nil, "--json=false", "run", "--dry-run", "--out", bucket+"/new", bucket+"/sample/")
	if dry.code != exitDone {
		t.Errorf("dry run: exit %d\n%s", dry.code, dry.stderr)
	}
	// A bucket that holds its own corpora is no reason to read them.
	if e := execute(t, nil, "run", "--json", "--out", bucket+"/from/files", bucket+"/from"); e.result.Files.Listed == 0 {
		t.Errorf("the corpus beside it was not listed: exit %d\n%s", e.code, e.stderr)
	}
}

// TestBucketErrors end with the exit code of what is wrong, and leave nothing.
func TestBucketErrors(t *testing.T) {
	bucket, server := startBucket(t)
	for _, tt := range []struct {
		name string
		code int
		args []string
		env  map[string]string
	}{
		{"no bucket", exitUnreachable, []string{"run", "--out", "s3://no-such-bucket/a", sampleFolder}, nil},
		{"no input", exitUsage, []string{"run", "--out", bucket + "/a", bucket + "/none"}, nil},
		{"no corpus", exitUsage, []string{"verify", bucket + "/a"}, nil},
		{"credentials in the URL", exitUsage, []string{"verify", "s3://key:" + server.Secret + "@bucket/a"}, nil},
		{"remote work", exitUsage, []string{"run", "--out", bucket + "/a", "--work", bucket + "/w", sampleFolder}, nil},
		{"unknown store", exitUsage, []string{"run", "--out", "gs://bucket/a", sampleFolder}, nil},
		{"wrong credentials", exitUnreachable, []string{"inspect", bucket + "/a"}, map[string]string{"AWS_SECRET_ACCESS_KEY": "wrong-" + server.Secret}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			e := execute(t, nil, tt.args...)
			if e.code != tt.code || !strings.Contains(e.stderr, `"error":`) {
				t.Errorf("exit %d, want %d\n%s%s", e.code, tt.code, e.stdout, e.stderr)
			}
			if strings.Contains(e.stdout+e.stderr, server.Secret) {
				t.Errorf("the credentials are printed:\n%s", e.stderr)
			}
		})
	}
	if l := readersSee(t, bucket+"/a"); len(l) != 0 {
		t.Errorf("left in the bucket: %v", l)
	}
}

// TestBucketCrashes kills the run round its commit, where files lie in place that no manifest names. It is resumed to the
// same digest; or given up, and then nothing of it is left.
func TestBucketCrashes(t *testing.T) {
	bucket, _ := startBucket(t)
	want := job(t, jobOptions(t, t.TempDir(), sampleFolder))
	for _, at := range []string{"store:written#5", "commit:tables#1", "commit:placed#1", "commit:manifest#1"} {
		t.Run(at, func(t *testing.T) {
			out := bucket + "/" + strings.ReplaceAll(at, "#", ":")
			output, err := child(t, at, out, sampleFolder).CombinedOutput()
			if !killed(t, err, string(output)) {
				t.Fatalf("the run never came to %s", at)
			}
			finished(t, out, sampleFolder, want)
		})
	}
	t.Run("given up", func(t *testing.T) {
		out := bucket + "/given-up"
		output, err := child(t, "commit:placed#1", out, sampleFolder).CombinedOutput()
		if !killed(t, err, string(output)) {
			t.Fatal("the run never came to its commit")
		}
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "a.txt"), []byte("另一个文件，只有一句话。\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		o := jobOptions(t, out, folder)
		o.Restart = true
		if r := job(t, o); r.Version != 1 || r.Documents.Kept != 1 {
			t.Errorf("version %d of %d documents", r.Version, r.Documents.Kept)
		}
		verified(t, out)
	})
}

// TestBucketWaits: run --wait waits for its turn in a bucket too, where no lock of this machine says that another has it.
func TestBucketWaits(t *testing.T) {
	in, out := news(t, 35, 20), pipelinetest.StartS3(t).Bucket(t, "millrace")+"/corpus"
	f := newFleet(t, in, out)
	s, err := store.Open(t.Context(), out, store.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // nothing is written any more
	other, err := store.Hold(t.Context(), s, "another machine", func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	run := f.millrace("run", "--wait", "--json", "--work", t.TempDir(), in)
	run.waitFor("waiting for the other run to end")
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if code := run.wait(); code != exitDone && code != exitRejected {
		t.Errorf("exit %d", code)
	}
	verified(t, out)
}
