package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"io"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wheelFiles opens a wheel as pip does: every file is in RECORD with its digest and size, and RECORD itself without.
func wheelFiles(t *testing.T, data []byte) map[string]entry {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]entry{}
	record := ""
	for _, f := range r.File {
		c, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(c) // checks the checksum of the archive, too
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		files[f.Name] = entry{f.Name, content, int64(f.Mode().Perm())}
		if record = f.Name; f.Name != r.File[len(r.File)-1].Name && strings.HasSuffix(f.Name, "/RECORD") {
			t.Errorf("%s is not the last file", f.Name)
		}
	}
	lines, err := csv.NewReader(bytes.NewReader(files[record].data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		want := []string{line[0], "", ""}
		if line[0] != record {
			sum := sha256.Sum256(files[line[0]].data)
			want = []string{line[0], "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]), strconv.Itoa(len(files[line[0]].data))}
		}
		if diff := cmp.Diff(want, line); diff != "" {
			t.Error(diff)
		}
	}
	if len(lines) != len(r.File) || len(files) != len(r.File) {
		t.Errorf("%d lines of %d files, %d names", len(lines), len(r.File), len(files))
	}
	return files
}

// TestWheels: names, tags and metadata agree with each other, for every platform and kind of version.
func TestWheels(t *testing.T) {
	docs := map[string][]byte{"README.md": []byte("# millrace\n\n破碎\n"), "LICENSE": []byte("l"), "NOTICE": []byte("n"), thirdPartyFile: []byte("t")}
	for _, v := range []version{{release: "1.2.3"}, {release: "1.2.3", stage: "rc", number: "1"}, {commit: "0123456789ab", dirty: true}} {
		for i := range platforms {
			p := &platforms[i]
			s := &source{version: v, time: noon}
			name, data, err := s.wheel(p, []byte("program of "+p.String()), docs, "Apache-2.0 AND MIT")
			if err != nil {
				t.Fatal(err)
			}
			// Of the specification of the format: distribution-version-python-abi-platform.
			parts := strings.Split(strings.TrimSuffix(name, ".whl"), "-")
			if len(parts) != 5 || parts[0] != "millrace" || parts[1] != v.Wheel() || parts[2] != "py3" || parts[3] != "none" || !strings.HasSuffix(name, ".whl") {
				t.Errorf("name %s", name)
			}
			files := wheelFiles(t, data)
			info := "millrace-" + v.Wheel() + ".dist-info/"
			wheel := fields(t, files[info+"WHEEL"].data)
			var tags []string
			for tag := range strings.SplitSeq(parts[4], ".") {
				tags = append(tags, "py3-none-"+tag)
			}
			if diff := cmp.Diff(tags, wheel["Tag"]); diff != "" || wheel.Get("Root-Is-Purelib") != "false" || wheel.Get("Wheel-Version") != "1.0" {
				t.Errorf("%s: %v", diff, wheel)
			}
			metadata := fields(t, files[info+"METADATA"].data)
			if metadata.Get("Name") != "millrace" || metadata.Get("Version") != v.Wheel() || metadata.Get("License-Expression") != "Apache-2.0 AND MIT" {
				t.Errorf("%v", metadata)
			}
			for _, file := range metadata["License-File"] {
				if len(files[info+"licenses/"+file].data) == 0 {
					t.Errorf("%s is not there", file)
				}
			}
			if len(metadata["License-File"]) != 3 || !bytes.HasSuffix(files[info+"METADATA"].data, append([]byte("\n\n"), docs["README.md"]...)) {
				t.Errorf("%s", files[info+"METADATA"].data)
			}
			script := files["millrace-"+v.Wheel()+".data/scripts/millrace"]
			if string(script.data) != "program of "+p.String() || script.mode != 0o755 {
				t.Errorf("program %q, mode %o", script.data, script.mode)
			}
			module := string(files["millrace/__init__.py"].data)
			if said := regexp.MustCompile(`(?m)^__version__ = "(.*)"$`).FindStringSubmatch(module); said == nil || said[1] != v.Wheel() {
				t.Errorf("the module says version %q", said)
			}
		}
	}
}

// fields are those at the start of a file of Python or Debian.
func fields(t *testing.T, data []byte) textproto.MIMEHeader {
	t.Helper()
	head, _, _ := bytes.Cut(data, []byte("\n\n"))
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(bytes.TrimSpace(head), "\n\n"...))))
	read, err := r.ReadMIMEHeader()
	if err != nil {
		t.Fatalf("%v in\n%s", err, head)
	}
	return read
}
