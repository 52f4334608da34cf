package main

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// version is what a build is called: by the tag of the commit, if nothing was changed since, and else 0.0.0 of no release, with the commit.
type version struct {
	release string // 1.2.3, "" without a tag
	stage   string // of a tag v1.2.3-rc.4: alpha, beta or rc
	number  string // and its 4
	commit  string // its first 12 digits, "" of a tree that is of no repository
	dirty   bool   // something in the tree is not committed
}

// String is the version as the program says it, by the rules of semantic versions.
func (v version) String() string {
	if v.release == "" {
		return v.development("0.0.0-dev", "+")
	}
	if v.stage == "" {
		return v.release
	}
	return v.release + "-" + v.stage + "." + v.number
}

// Wheel is the same by those of Python. The g keeps a commit of digits alone from being taken for a number, whose first 0 does not count.
func (v version) Wheel() string {
	if v.release == "" {
		return v.development("0.0.0.dev0", "+g")
	}
	return v.release + map[string]string{"": "", "alpha": "a", "beta": "b", "rc": "rc"}[v.stage] + v.number
}

// Debian is the same by those of Debian, where what follows ~ is before the release.
func (v version) Debian() string {
	if v.release == "" {
		return v.development("0.0.0~dev", "+")
	}
	if v.stage == "" {
		return v.release
	}
	return v.release + "~" + v.stage + v.number
}

func (v version) development(text, commit string) string {
	if v.commit == "" {
		return text
	}
	text += commit + v.commit
	if v.dirty {
		text += ".dirty"
	}
	return text
}

// tag is the name of a tag of a release: v1.2.3, v1.2.3-rc.1.
var tag = regexp.MustCompile(`^v((?:(?:0|[1-9][0-9]*)\.){2}(?:0|[1-9][0-9]*))(?:-(alpha|beta|rc)\.(0|[1-9][0-9]*))?$`)

// tagged is the version of the tags of a commit: of the newest of those that are of a release.
func tagged(names []string) version {
	var newest version
	for _, name := range names {
		if m := tag.FindStringSubmatch(name); m != nil {
			if v := (version{release: m[1], stage: m[2], number: m[3]}); compareVersions(v, newest) > 0 {
				newest = v
			}
		}
	}
	return newest
}

// compareVersions is by their order. A release is after what led to it.
func compareVersions(a, b version) int {
	stage := func(v version) string { return cmp.Or(v.stage, "release") } // alpha, beta, rc and release are in the order of letters
	numbers := func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)) }
	return cmp.Or(
		slices.CompareFunc(strings.Split(a.release, "."), strings.Split(b.release, "."), numbers),
		strings.Compare(stage(a), stage(b)),
		numbers(a.number, b.number),
	)
}
