package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// platform is what a binary is made for, and what others call it.
type platform struct {
	os, arch string
	wheel    string // the tags of its wheels
	debian   string // architecture of its packages, "" if it has none
}

// platforms are those that there are binaries for. A static binary needs no library of C, so both kinds of Linux have it; Go needs macOS 12.
var platforms = []platform{
	{"linux", "amd64", "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64", "amd64"},
	{"linux", "arm64", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64", "arm64"},
	{"darwin", "amd64", "macosx_12_0_x86_64", ""},
	{"darwin", "arm64", "macosx_12_0_arm64", ""},
}

func (p *platform) String() string { return p.os + "/" + p.arch }

func platformsOf(names []string) (list []platform, err error) {
	if len(names) == 0 {
		return platforms, nil
	}
	var known []string
	for _, p := range platforms {
		known = append(known, p.String())
	}
	for _, name := range names {
		if name == "host" {
			name = runtime.GOOS + "/" + runtime.GOARCH
		}
		found := false
		for _, p := range platforms {
			if p.String() == name {
				list, found = append(list, p), true
			}
		}
		if !found {
			return nil, fmt.Errorf("unknown platform %q: known are %s, and host", name, strings.Join(known, ", "))
		}
	}
	return list, nil
}

// environ is that of the tools of Go. The binary is for processors of any age: a wheel cannot ask for one, and what GOAMD64=v3 gives is 4 % of a
// run. The vectors of Go's experiment are there, and used where the processor has them.
func (p *platform) environ() []string {
	return []string{
		"CGO_ENABLED=0", "GOOS=" + p.os, "GOARCH=" + p.arch, "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=simd", "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local",
	}
}

// build makes the binary of a platform. The folder of the source, the time and the repository have no part in it.
func (s *source) build(ctx context.Context, p *platform, to string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if s.quick {
		_, err = s.output(ctx, nil, "go", "build", "-ldflags=-X main.linked="+s.version.String(), "-o", to, "./cmd/millrace")
		return err
	}
	_, err = s.output(ctx, p.environ(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -X main.linked="+s.version.String(), "-o", to, "./cmd/millrace")
	return err
}
