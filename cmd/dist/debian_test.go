package main

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // the format of Debian asks for it
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// members are those of the outer archive of a package, in its order.
func members(t *testing.T, data []byte) (list []arMember) {
	t.Helper()
	data, ok := bytes.CutPrefix(data, []byte("!<arch>\n"))
	if !ok {
		t.Fatal("it is no archive of ar")
	}
	for len(data) > 0 {
		if len(data) < 60 || string(data[58:60]) != "`\n" {
			t.Fatalf("header %q", data[:min(60, len(data))])
		}
		size, err := strconv.Atoi(strings.TrimSpace(string(data[48:58])))
		if err != nil {
			t.Fatal(err)
		}
		if at := strings.TrimSpace(string(data[16:28])); at != strconv.FormatInt(noon.Unix(), 10) {
			t.Errorf("time %s", at)
		}
		list = append(list, arMember{strings.TrimSpace(string(data[:16])), data[60 : 60+size]})
		data = data[60+size+size%2:]
	}
	return list
}

// TestDebian opens a package as dpkg does.
func TestDebian(t *testing.T) {
	docs := map[string][]byte{
		"README.md": []byte("read me"), "CHANGELOG.md": []byte("changes"), "LICENSE": []byte("l"), "NOTICE": []byte("n"), thirdPartyFile: []byte("t"),
		"configs/a.yaml": []byte("a: 1\n"),
	}
	manual := map[string][]byte{"man/millrace-run.1": []byte(".TH"), "completions/millrace.bash": []byte("b"), "completions/_millrace": []byte("z"), "completions/millrace.fish": []byte("f")}
	for _, v := range []version{{release: "1.2.3"}, {release: "1.2.3", stage: "rc", number: "1"}, {commit: "0123456789ab"}} {
		for i := range platforms[:2] {
			s, p := &source{version: v, time: noon, maintainer: "Ada L <ada@example.org>"}, &platforms[i]
			binary := bytes.Repeat([]byte("x"), 5000+i) // of odd and even sizes
			name, data, err := s.debian(p, binary, docs, manual)
			if err != nil {
				t.Fatal(err)
			}
			if want := "millrace_" + v.Debian() + "_" + p.arch + ".deb"; name != want {
				t.Errorf("name %s, want %s", name, want)
			}
			list := members(t, data)
			if len(list) != 3 || list[0].name != "debian-binary" || string(list[0].data) != "2.0\n" || list[1].name != "control.tar.gz" || list[2].name != "data.tar.gz" {
				t.Fatalf("members %v", list)
			}
			control, files := unpacked(t, list[1].data), unpacked(t, list[2].data)

			var sums strings.Builder
			kilobytes := 0
			for _, path := range []string{
				"usr/bin/millrace", "usr/share/bash-completion/completions/millrace", "usr/share/doc/millrace/NOTICE", "usr/share/doc/millrace/README.md.gz",
				"usr/share/doc/millrace/THIRD-PARTY.txt.gz", "usr/share/doc/millrace/changelog.Debian.gz", "usr/share/doc/millrace/changelog.gz",
				"usr/share/doc/millrace/copyright", "usr/share/doc/millrace/examples/a.yaml", "usr/share/doc/millrace/examples/millrace-serve.service",
				"usr/share/fish/vendor_completions.d/millrace.fish", "usr/share/lintian/overrides/millrace", "usr/share/man/man1/millrace-run.1.gz",
				"usr/share/zsh/vendor-completions/_millrace",
			} {
				f, ok := files["./"+path]
				if !ok {
					t.Errorf("%s is not there", path)
				}
				fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(f.data), path) //nolint:gosec // likewise
				kilobytes += (len(f.data) + 1023) / 1024
				if strings.HasSuffix(path, ".gz") && f.data[8] != 2 {
					t.Errorf("%s does not say that it is compressed as well as can be", path)
				}
			}
			if diff := cmp.Diff(sums.String(), string(control["./md5sums"].data)); diff != "" {
				t.Error(diff)
			}
			if f := files["./usr/bin/millrace"]; f.mode != 0o755 || !bytes.Equal(f.data, binary) {
				t.Errorf("the program has mode %o, %d bytes", f.mode, len(f.data))
			}
			head := fields(t, control["./control"].data)
			for field, want := range map[string]string{
				"Package": "millrace", "Version": v.Debian(), "Architecture": p.arch, "Maintainer": s.maintainer, "Installed-Size": strconv.Itoa(kilobytes),
			} {
				if got := head.Get(field); got != want {
					t.Errorf("%s: %s, want %s", field, got, want)
				}
			}
			if !bytes.HasSuffix(control["./control"].data, []byte(".\n")) || bytes.Contains(control["./control"].data, []byte("\n\n")) {
				t.Errorf("control is not one paragraph: %q", control["./control"].data)
			}
			changes := uncompressed(t, files["./usr/share/doc/millrace/changelog.Debian.gz"].data)
			if want := "millrace (" + v.Debian() + ") unstable;"; !strings.HasPrefix(changes, want) || !strings.HasSuffix(changes, "\n -- Ada L <ada@example.org>  Mon, 23 Nov 2026 12:00:01 +0000\n") {
				t.Errorf("changelog %q", changes)
			}
			dpkgReads(t, name, data, head.Get("Version"))
		}
	}
}

func uncompressed(t *testing.T, data []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dpkgReads asks the real one, where it is.
func dpkgReads(t *testing.T, name string, data []byte, version string) {
	t.Helper()
	dpkg, err := exec.LookPath("dpkg-deb")
	if err != nil {
		t.Log("skip: no dpkg-deb")
		return
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := exec.CommandContext(t.Context(), dpkg, "--field", path, "Version").Output()
	if err != nil || strings.TrimSpace(string(got)) != version {
		t.Errorf("dpkg-deb says version %q: %v", got, err)
	}
	if said, err := exec.CommandContext(t.Context(), dpkg, "--contents", path).CombinedOutput(); err != nil || !strings.Contains(string(said), "./usr/bin/millrace\n") {
		t.Errorf("%v: %s", err, said)
	}
}

func TestMaintainer(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{defaultMaintainer, defaultMaintainer},
		{"  Ada L   <ada@example.org> ", "Ada L <ada@example.org>"},
		{"李明 <li@example.org>", "李明 <li@example.org>"},
		{"", ""},
		{"ada@example.org", ""},
		{"Ada", ""},
		{"Ada <ada>", ""},
		{`"L, Ada" <ada@example.org>`, ""},
		{"Ada <ada@example.org>\nDepends: evil", ""},
		{"Ada <ada@example.org>, Bob <bob@example.org>", ""},
	} {
		got, err := maintainerOf(c.text)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q is %q: %v", c.text, got, err)
		}
	}
}
