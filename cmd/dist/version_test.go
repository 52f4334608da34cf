package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// By the appendix of PEP 440, in its normal form.
var pep440 = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*((a|b|rc)(0|[1-9][0-9]*))?(\.dev(0|[1-9][0-9]*))?(\+[a-z0-9]+(\.[a-z0-9]+)*)?$`)

func TestVersions(t *testing.T) {
	const commit = "0123456789ab"
	for _, c := range []struct {
		tags                   string
		commit                 string
		dirty                  bool
		version, wheel, debian string
	}{
		{"v1.2.3", "", false, "1.2.3", "1.2.3", "1.2.3"},
		{"v0.0.0", "", false, "0.0.0", "0.0.0", "0.0.0"},
		{"v1.2.3-rc.1", "", false, "1.2.3-rc.1", "1.2.3rc1", "1.2.3~rc1"},
		{"v1.2.3-alpha.10", "", false, "1.2.3-alpha.10", "1.2.3a10", "1.2.3~alpha10"},
		{"v1.2.3-beta.0", "", false, "1.2.3-beta.0", "1.2.3b0", "1.2.3~beta0"},
		{"v1.2.3-rc.9 v1.2.3 v1.2.3-rc.10", "", false, "1.2.3", "1.2.3", "1.2.3"},
		{"v1.2.3-rc.9 v1.2.3-beta.11 v1.2.3-rc.10", "", false, "1.2.3-rc.10", "1.2.3rc10", "1.2.3~rc10"},
		{"v1.9.0 v1.10.0-alpha.1", "", false, "1.10.0-alpha.1", "1.10.0a1", "1.10.0~alpha1"},
		{"latest v1 v1.2 1.2.3 v01.2.3 v1.2.3-rc1 v1.2.3-rc.01 v1.2.3+x", commit, false, "0.0.0-dev+" + commit, "0.0.0.dev0+g" + commit, "0.0.0~dev+" + commit},
		{"", commit, true, "0.0.0-dev+" + commit + ".dirty", "0.0.0.dev0+g" + commit + ".dirty", "0.0.0~dev+" + commit + ".dirty"},
		{"", "", false, "0.0.0-dev", "0.0.0.dev0", "0.0.0~dev"},
	} {
		v := tagged(strings.Fields(c.tags))
		if v.release == "" {
			v.commit, v.dirty = c.commit, c.dirty
		}
		if v.String() != c.version || v.Wheel() != c.wheel || v.Debian() != c.debian {
			t.Errorf("%+v: %s, %s, %s", c, v, v.Wheel(), v.Debian())
		}
		if !pep440.MatchString(v.Wheel()) {
			t.Errorf("%s is no normal version of Python", v.Wheel())
		}
	}
}

// TestDebianOrder: what is no release is older than the release, for dpkg.
func TestDebianOrder(t *testing.T) {
	dpkg, err := exec.LookPath("dpkg")
	if err != nil {
		t.Skip("skip: no dpkg")
	}
	list := []version{
		{commit: "0123456789ab"},
		{commit: "0123456789ab", dirty: true},
		{release: "0.0.0"},
		{release: "1.0.0", stage: "alpha", number: "9"},
		{release: "1.0.0", stage: "beta", number: "1"},
		{release: "1.0.0", stage: "rc", number: "9"},
		{release: "1.0.0", stage: "rc", number: "10"},
		{release: "1.0.0"},
		{release: "1.0.10"},
	}
	for i := range list[1:] {
		if err := exec.CommandContext(t.Context(), dpkg, "--compare-versions", list[i].Debian(), "lt", list[i+1].Debian()).Run(); err != nil {
			t.Errorf("%s is not before %s: %v", list[i].Debian(), list[i+1].Debian(), err)
		}
	}
}

// TestVersionOfRepository goes by what git says.
func TestVersionOfRepository(t *testing.T) {
	folder := repository(t)
	says := func(want string) {
		t.Helper()
		if s := in(t, folder); s.version.String() != want {
			t.Errorf("version %s, want %s", s.version, want)
		}
	}
	head := git(t, folder, "rev-parse", "HEAD")[:12]
	says("0.0.0-dev+" + head)
	if s := in(t, folder); s.time.Unix() != 1795428673 {
		t.Errorf("time %v, want that of the commit", s.time)
	}
	if os.Geteuid() == 0 { // a folder of somebody else, as in containers
		if err := errors.Join(os.Chown(folder, 12345, 12345), os.Chown(filepath.Join(folder, ".git"), 12345, 12345)); err != nil {
			t.Fatal(err)
		}
		says("0.0.0-dev+" + head)
		if err := errors.Join(os.Chown(folder, 0, 0), os.Chown(filepath.Join(folder, ".git"), 0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, folder, "tag", "v1.0.0-rc.1")
	says("1.0.0-rc.1")
	git(t, folder, "tag", "--annotate", "--message", "one", "v1.0.0")
	says("1.0.0")

	put(t, filepath.Join(folder, "configs", "mine.yaml"), "b: 2\n")
	says("0.0.0-dev+" + head + ".dirty")
	git(t, folder, "add", ".")
	says("0.0.0-dev+" + head + ".dirty")
	git(t, folder, "commit", "--quiet", "--message", "mine")
	says("0.0.0-dev+" + git(t, folder, "rev-parse", "HEAD")[:12])

	t.Setenv("SOURCE_DATE_EPOCH", "1800000001")
	if s := in(t, folder); s.time.Unix() != 1800000001 {
		t.Errorf("time %v, want that of SOURCE_DATE_EPOCH", s.time)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "0")
	if s := in(t, folder); s.time.Unix() != firstZip {
		t.Errorf("time %v, want the first of zip files", s.time)
	}
	for _, wrong := range []string{"-1", "noon", "4354819199"} {
		t.Setenv("SOURCE_DATE_EPOCH", wrong)
		if _, err := sourceIn(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "SOURCE_DATE_EPOCH is \""+wrong+"\"") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// TestVersionWithoutRepository: an unpacked archive has no version, also below a repository of something else; a repository that git cannot read is an error.
func TestVersionWithoutRepository(t *testing.T) {
	folder := tree(t)
	git(t, filepath.Dir(folder), "init", "--quiet")
	s := in(t, folder)
	if s.version.String() != "0.0.0-dev" || s.time.Unix() != firstZip {
		t.Errorf("version %s of %v", s.version, s.time)
	}
	if err := os.Mkdir(filepath.Join(folder, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := sourceIn(t.Context(), folder); err == nil {
		t.Error("a repository without a commit has a version")
	}
}
