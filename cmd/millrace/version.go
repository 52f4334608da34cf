package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/ingest"
)

// linked is the version of a build of cmd/dist, which gives it to the linker; "" of others, whose version is that of the module.
var linked string

// versionInfo is what `millrace version --json` prints.
type versionInfo struct {
	Version      string `json:"version"`
	Commit       string `json:"commit,omitempty"`
	Code         string `json:"code"`          // changes when the same input gives other bytes
	CorpusFormat int    `json:"corpus_format"` // the newest that it reads and the one it writes
	KeyText      int    `json:"key_text"`      // what documents are compared by; a corpus of another one is read, but does not grow
	Go           string `json:"go"`
	Platform     string `json:"platform"`
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of this program and of what it writes",
		Example: "  millrace version --json",
		Args:    wantArgs(0, 0, ""),
		RunE:    func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

func (a *app) printVersion() error {
	v := thisVersion()
	return a.say(v, "%s\ncode version %s, corpus format %d, key text %d\n%s %s\n", v.tool(), v.Code, v.CorpusFormat, v.KeyText, v.Go, v.Platform)
}

func thisVersion() versionInfo {
	v := versionInfo{
		Version: "(devel)", Code: pipeline.CodeVersion, CorpusFormat: manifest.Format, KeyText: ingest.KeyText,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	if linked != "" {
		v.Version = linked
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			v.Commit = setting.Value
		}
	}
	return v
}

// tool names this program in manifests.
func (v versionInfo) tool() string {
	if v.Commit == "" {
		return "millrace " + v.Version
	}
	return "millrace " + v.Version + " " + v.Commit[:min(len(v.Commit), 12)]
}
