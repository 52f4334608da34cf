package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// peakBound is what a run of two workers may have resident, whatever its input: the tests have inputs of gigabytes.
const peakBound = 512 << 20

// TestHostileInput: each of these ends with a reason in the ledger, exit code 4, the good documents kept, and within the
// memory bound.
func TestHostileInput(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "in")
	good := strings.Repeat("隆冬季节，风寒水冷。省总工会大楼会议室里灯火通明。\n", 40)
	write := func(name string, data []byte) {
		t.Helper()
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("good.txt", []byte(good))

	// A line of 1 GB, between two good ones. The file has a hole, so it takes no disk.
	write("endless.jsonl", []byte(`{"text":"`+strings.Repeat("一", 40000)))
	endless, err := os.OpenFile(filepath.Join(folder, "endless.jsonl"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := endless.WriteAt([]byte("\"}\n{\"text\":\"在一行很长的文字之后\"}\n"), 1<<30); err != nil {
		t.Fatal(err)
	}
	if err := endless.Close(); err != nil {
		t.Fatal(err)
	}

	write("bomb.txt.gz", gzipped(t, ' ', 2<<30))
	write("bomb.jsonl.gz", gzipped(t, '\n', 2<<30))
	cut := zstandard(t, "{\"text\":\"在损坏之前的一行\"}\n{\"text\":\""+random(90000)+"\"}\n")
	write("truncated.jsonl.zst", cut[:len(cut)-20])
	write("binary.dat", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00"))
	write("broken.jsonl", []byte("{\"text\":\"好的一行\"}\n{\"text\":\n[1]\n{\"words\":1}\n{\"text\":7}\n"))
	write("gbk.txt", []byte("\xb5\xc4\xd2\xbb\xca\xc7\xb2\xbb\xc1\xcb\xd4\xda\xc8\xcb\xd3\xd0\xce\xd2\xcb\xfb\xd5\xe2"))
	write("empty.txt", nil)
	write("locked.txt", []byte(good))
	if err := os.Chmod(filepath.Join(folder, "locked.txt"), 0); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"loop": ".", "above": "..", "outside.txt": "/etc/passwd", "dangling.txt": "nowhere", "inside.txt": "good.txt"} {
		if err := os.Symlink(target, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}

	out := filepath.Join(t.TempDir(), "out")
	e := execute(t, unprivileged(t, out, folder), "run", folder, "--out", out, "--workers", "2", "--json")
	if e.code != 4 {
		t.Fatalf("exit code %d, want 4\n%s", e.code, e.stderr)
	}
	peak := e.result.PeakRSSBytes
	t.Logf("peak memory %d MiB", peak>>20)
	if peak == 0 || peak > peakBound {
		t.Errorf("peak memory %d bytes, over %d", peak, peakBound)
	}
	verified(t, out)
	m := newest(t, out)
	for reason, n := range map[string]int64{
		ingest.ReasonTooLarge: 1, ingest.ReasonBadJSON: 2, ingest.ReasonFieldMissing: 1, ingest.ReasonFieldType: 1,
	} {
		if m.Reasons.Rejected[reason] != n {
			t.Errorf("%d documents rejected as %s, want %d", m.Reasons.Rejected[reason], reason, n)
		}
	}
	for reason, n := range map[string]int64{
		ingest.ReasonExpansion: 1, ingest.ReasonTooLarge: 1, ingest.ReasonTruncated: 1, ingest.ReasonBinary: 1, pipeline.ReasonLink: 1,
		pipeline.ReasonOutside: 2, pipeline.ReasonMissing: 1, pipeline.ReasonSpecial: 1, pipeline.ReasonUnreadable: 1,
	} {
		if m.Reasons.Files[reason] != n {
			t.Errorf("%d files rejected as %s, want %d", m.Reasons.Files[reason], reason, n)
		}
	}
	if m.Reasons.Filtered[ingest.ReasonEmpty] != 1 {
		t.Errorf("filtered: %v, want one that is empty", m.Reasons.Filtered)
	}
	// good.txt, what inside.txt links to (its duplicate), the lines after the endless one, before the damage, in broken.jsonl.
	if d := m.Totals.Documents; d.Kept < 4 || d.ExactDuplicates != 1 {
		t.Errorf("%+v, want at least 4 kept and the linked file an exact duplicate", d)
	}
}

// random is text that does not compress well: n characters, the same every time.
func random(n int) string {
	var b strings.Builder
	for i, state := 0, uint32(1); i < n; i++ {
		state = state*1664525 + 1013904223
		b.WriteRune(rune(0x4E00 + state>>16%20000))
	}
	return b.String()
}

// gzipped is one byte n times, in a thousandth of that many bytes: a member of 16 MiB, again and again.
func gzipped(t *testing.T, one byte, n int) []byte {
	t.Helper()
	const member = 16 << 20
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(bytes.Repeat([]byte{one}, member)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(b.Bytes(), n/member)
}

func zstandard(t *testing.T, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close() //nolint:errcheck // it has no stream
	return w.EncodeAll([]byte(text), nil)
}

// unprivileged makes the program run as nobody, so that a file without permissions is unreadable for it, and gives out to
// nobody. A test that is not run by root is unprivileged as it is.
func unprivileged(t *testing.T, out string, open ...string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(out, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	for _, folder := range append(open, out) {
		for ; folder != os.TempDir() && folder != "/"; folder = filepath.Dir(folder) {
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

// smallDisk mounts a file system of its own for a test, to be unmounted at its end.
func smallDisk(t *testing.T, size string, unmount int) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a small file system is mounted for this, which only root can do")
	}
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, unmount); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// TestFullDisk: a disk that fills up stops the run with exit code 1, nothing half-written is visible, and with more room
// a second run resumes.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t, "24m", 0)
	folder := news(t, 5, 2500)
	out := filepath.Join(disk, "out")
	want := execute(t, nil, "run", folder, "--out", filepath.Join(t.TempDir(), "out"), "--json")

	// The planner sees room enough, and then somebody else takes it.
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 21<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	o := jobOptions(t, out, folder)
	o.SplitBytes, o.PartitionBytes, o.ShardBytes = 0, 0, 128<<20
	refused := execute(t, nil, "run", folder, "--out", out, "--json")
	if refused.code != 1 || !strings.Contains(refused.stderr, "free") {
		t.Errorf("with too little room from the start: exit code %d\n%s", refused.code, refused.stderr)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	o.Hook = func(point string) {
		if point == "plan:stored" {
			if err := os.WriteFile(filler, make([]byte, 21<<20), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
	full := mustFail(t, o)
	if !strings.Contains(full.Error(), "no space left") {
		t.Errorf("the error does not say what is wrong: %v", full)
	}
	for _, name := range readersSee(t, out) {
		if strings.HasPrefix(name, "data/") || strings.HasPrefix(name, "manifests/") {
			t.Errorf("%s is visible after a run that failed", name)
		}
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	again := execute(t, nil, "run", folder, "--out", out, "--json")
	if again.result.Digest == "" || again.result.Digest != want.result.Digest || !again.result.Resumed {
		t.Errorf("after room was made: %+v, want digest %s, resumed\n%s", again.result, want.result.Digest, again.stderr)
	}
	verified(t, out)
}
