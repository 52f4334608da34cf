package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMake: what is made of a tree is the same of a copy in another folder, whose files are of other modes and another time, under another umask and at
// another place in the world. Everything in it is opened.
func TestMake(t *testing.T) {
	p := host(t)
	folder := repository(t)
	other := filepath.Join(t.TempDir(), "one", "with a longer name")
	if err := in(t, folder).copyTo(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, ".git"), filepath.Join(other, ".git")); err != nil {
		t.Fatal(err)
	}
	s := in(t, other)
	one := filepath.Join(t.TempDir(), "dist")
	if err := s.make(t.Context(), one, []platform{*p}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(other, ".git"), filepath.Join(folder, ".git")); err != nil {
		t.Fatal(err)
	}
	git(t, folder, "config", "core.fileMode", "false")
	for _, name := range []string{"README.md", "configs/example.yaml", "LICENSE"} {
		if err := os.Chmod(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	defer syscall.Umask(syscall.Umask(0o077))
	t.Setenv("TZ", "Asia/Tokyo")
	t.Setenv("GOFLAGS", "-tags=other")
	t.Setenv("GOAMD64", "v3")
	two := filepath.Join(t.TempDir(), "dist")
	if err := in(t, folder).make(t.Context(), two, []platform{*p}); err != nil {
		t.Fatal(err)
	}
	if err := compare(one, two); err != nil {
		t.Error(err)
	}

	made := contents(t, one)
	name := "millrace-" + s.version.String() + "-" + p.os + "-" + p.arch
	want := []string{sumsFile, name + ".cdx.json", name + ".tar.gz", "millrace-" + s.version.Wheel() + "-py3-none-" + p.wheel + ".whl"}
	if p.debian != "" {
		want = append(want, "millrace_"+s.version.Debian()+"_"+p.debian+".deb")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names(made)); diff != "" {
		t.Fatal(diff)
	}
	var sums strings.Builder
	for _, file := range want[1:] {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256([]byte(made[file])), file)
	}
	if diff := cmp.Diff(sums.String(), made[sumsFile]); diff != "" {
		t.Error(diff)
	}

	archive := unpacked(t, []byte(made[name+".tar.gz"]))
	for path, source := range map[string]string{"README.md": "README.md", "LICENSE": "LICENSE", "configs/example.yaml": "configs/example.yaml"} {
		data, err := os.ReadFile(filepath.Join(folder, source))
		if err != nil || !bytes.Equal(data, archive[name+"/"+path].data) {
			t.Errorf("%s is not that of the source: %v", path, err)
		}
	}
	if _, ok := archive[name+"/configs/embed.go"]; ok {
		t.Error("the archive has a source file among the configs")
	}
	for path, text := range map[string]string{
		"man/millrace.1": ".TH MILLRACE 1\n", "completions/_millrace": "# completion of zsh\n", "completions/millrace.bash": "# completion of bash\n", "completions/millrace.fish": "# completion of fish\n",
	} {
		if got := string(archive[name+"/"+path].data); got != text {
			t.Errorf("%s is %q", path, got)
		}
	}
	binary := archive[name+"/millrace"]
	if said := runs(t, binary.data); said != "millrace "+s.version.String() {
		t.Errorf("the program says %q", said)
	}
	if bytes.Contains(binary.data, []byte(folder)) || bytes.Contains(binary.data, []byte(other)) {
		t.Error("the program names the folder that it was built in")
	}
	wheel := wheelFiles(t, []byte(made[want[slices.IndexFunc(want, func(n string) bool { return strings.HasSuffix(n, ".whl") })]]))
	if script := wheel["millrace-"+s.version.Wheel()+".data/scripts/millrace"]; !bytes.Equal(script.data, binary.data) {
		t.Error("the program of the wheel is another one")
	}
	checkBill(t, []byte(made[name+".cdx.json"]), binary.data, string(archive[name+"/"+thirdPartyFile].data))
}

func runs(t *testing.T, binary []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "millrace")
	if err := os.WriteFile(path, binary, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// checkBill compares a list of parts with what the program says of itself, and with the file of their licences.
func checkBill(t *testing.T, bill, binary []byte, third string) {
	t.Helper()
	var doc billOfMaterials
	decoder := json.NewDecoder(bytes.NewReader(bill))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"std " + info.GoVersion + " BSD-3-Clause "}
	for _, d := range info.Deps {
		licence := map[string]string{"golang.org/x/sync": "BSD-3-Clause", "go.yaml.in/yaml/v3": "Apache-2.0 AND MIT"}[d.Path]
		want = append(want, d.Path+" "+d.Version+" "+licence+" "+d.Sum)
	}
	slices.Sort(want)
	var got []string
	for _, c := range doc.Components {
		l := c.Licenses[0].Expression
		if c.Licenses[0].License != nil {
			l += c.Licenses[0].License.ID
		}
		sum := ""
		if len(c.Properties) > 0 {
			sum = c.Properties[0].Value
		}
		got = append(got, c.Name+" "+c.Version+" "+l+" "+sum)
		if heading := "\n" + c.Name + " " + c.Version + ": " + l + "\n"; strings.Count(third, heading) != 1 {
			t.Errorf("%s has no heading %q", thirdPartyFile, heading)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(info.Deps) != 2 {
		t.Error(diff, info.Deps)
	}
	main := doc.Metadata.Component
	if sum := fmt.Sprintf("%x", sha256.Sum256(binary)); len(main.Hashes) != 1 || main.Hashes[0] != (digest{"SHA-256", sum}) {
		t.Errorf("digests %v, want %s", main.Hashes, sum)
	}
	refs := []string{}
	for _, c := range doc.Components {
		refs = append(refs, c.Ref)
	}
	if diff := cmp.Diff([]dependency{{main.Ref, refs}}, doc.Dependencies); diff != "" {
		t.Error(diff)
	}
	if doc.Metadata.Time != "2026-11-23T10:11:13Z" {
		t.Errorf("time %s, want that of the commit", doc.Metadata.Time)
	}
}

// TestCheck: two builds are compared, and the first is kept. What differs is named.
func TestCheck(t *testing.T) {
	p := host(t)
	folder := repository(t)
	kept := filepath.Join(t.TempDir(), "kept")
	if err := in(t, folder).check(t.Context(), kept, []platform{*p}, false); err != nil {
		t.Fatal(err)
	}
	a, b := t.TempDir(), t.TempDir()
	for name, text := range contents(t, kept) {
		put(t, filepath.Join(a, name), text)
		if strings.HasSuffix(name, ".whl") {
			text = text[:len(text)-1] + "?"
		}
		put(t, filepath.Join(b, name), text)
	}
	if err := compare(kept, a); err != nil {
		t.Error(err)
	}
	if err := compare(a, b); err == nil || !strings.Contains(err.Error(), ".whl differs") || strings.Count(err.Error(), "differs") != 1 {
		t.Errorf("%v, want the wheel to differ", err)
	}
	if err := os.Remove(filepath.Join(b, sumsFile)); err != nil {
		t.Fatal(err)
	}
	if err := compare(a, b); err == nil {
		t.Error("a file less is not told")
	}
}

// TestCheckWithoutRepository: an archive of the source, unpacked, is as good. What make left in it is not looked at.
func TestCheckWithoutRepository(t *testing.T) {
	p := host(t)
	folder := tree(t)
	for _, name := range []string{"out/data.go", "bin/millrace", ".cache/x.go", "docs/.swp"} {
		put(t, filepath.Join(folder, name), "not Go")
	}
	s := in(t, folder)
	if err := s.check(t.Context(), "", []platform{*p}, false); err != nil {
		t.Error(err)
	}
	got, err := s.tracked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "cmd/dist/main.go", "cmd/millrace/main.go", "configs/embed.go", "configs/example.yaml", "go.mod", "go.sum"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestProxy: Go itself takes the module from the folder, with the files of the repository and no others.
func TestProxy(t *testing.T) {
	folder := repository(t)
	put(t, filepath.Join(folder, "secret.txt"), "not in the repository")
	proxy := t.TempDir()
	if err := in(t, folder).proxy(t.Context(), proxy, "v0.3.1"); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", modulePath+"@v0.3.1")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOPROXY=file://"+filepath.ToSlash(proxy), "GOSUMDB=off", "GOFLAGS=-modcacherw", "GOMODCACHE="+t.TempDir(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var module struct{ Version, Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	if module.Version != "v0.3.1" {
		t.Errorf("version %s", module.Version)
	}
	want := []string{"CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "cmd", "configs", "go.mod", "go.sum"}
	list, err := os.ReadDir(module.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list {
		got = append(got, f.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
