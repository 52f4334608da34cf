package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/configs"
)

// starters are the settings that people change first: sections, or single keys of one.
var starters = []string{
	"sources", "parse.format", "parse.encoding", "parse.text_field", "parse.html", "normalize.profile", "normalize.pii", "signals", "filter", "removed",
	"dedupe.threshold", "dedupe.winner", "vocab.count", "sinks.use", "limits.max_reject_ratio", "alarms.documents", "out",
}

// Starter is a file of settings to begin with: these, as they stand in configs/example.yaml, at their defaults.
func Starter() []byte {
	var b bytes.Buffer
	b.WriteString("# Settings of millrace. What is not here is at its default; millrace config show prints every setting there is,\n" +
		"# millrace config check FILE names everything that is wrong with a file.\n")
	section, shown, keep := "", "", false
	for line := range strings.Lines(string(configs.Example)) {
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		key, _, isKey := strings.Cut(body, ":")
		switch {
		case strings.HasPrefix(line, "# ") || body == "\n":
			keep = false // what stands between sections
			continue
		case strings.HasPrefix(line, "#"): // an example of what is above it
		case indent == 0:
			section = key
			keep = slices.Contains(starters, section)
		case indent == 2 && isKey && !strings.HasPrefix(body, "#"):
			keep = slices.Contains(starters, section) || slices.Contains(starters, section+"."+key)
			if keep && shown != section && !slices.Contains(starters, section) {
				fmt.Fprintf(&b, "\n%s:\n", section)
			}
			if keep {
				shown = section
			}
		}
		if keep {
			if indent == 0 && !strings.HasPrefix(line, "#") {
				b.WriteString("\n")
			}
			b.WriteString(line)
		}
	}
	return b.Bytes()
}
