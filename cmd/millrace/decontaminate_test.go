package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// docs/decontamination.md has every flag of the command, and each setting with its default.
func TestDocumentedDecontaminate(t *testing.T) {
	page, err := os.ReadFile("../../docs/decontamination.md")
	if err != nil {
		t.Fatal(err)
	}
	newDecontaminate(&app{}).Flags().VisitAll(func(f *pflag.Flag) {
		switch {
		case f.Name == "help" || f.Name == "top":
		case !strings.Contains(string(page), "--"+f.Name):
			t.Errorf("--%s is not described", f.Name)
		case f.DefValue != "" && f.DefValue != "[]" && f.DefValue != "false" && !strings.Contains(string(page), "| `--"+f.Name+"` | "+f.DefValue+" |"):
			t.Errorf("--%s: the default %s is not there", f.Name, f.DefValue)
		}
	})
}
