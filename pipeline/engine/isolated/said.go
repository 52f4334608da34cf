package isolated

import (
	"bufio"
	"encoding/json"
	"io"

	"millrace/pipeline"
	"millrace/pipeline/engine"
)

// maxSaid is the longest line: it has an entry, which has to fit into a message of the queue too.
const maxSaid = 64 << 20

// said is one line of a process that does one task: nothing, at its begin and for every beat, or how the task has ended.
type said struct {
	Entries []pipeline.Entry      `json:"entries,omitempty"`
	Failed  *engine.IsolatedError `json:"failed,omitempty"`
}

// listen hears a process out, and returns how its task has ended, if it said so.
func listen(stdout io.Reader, beat func()) (last said) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, maxSaid)
	for lines.Scan() {
		var s said
		if json.Unmarshal(lines.Bytes(), &s) != nil {
			continue // a word of somebody else's
		}
		beat()
		if len(s.Entries) > 0 || s.Failed != nil {
			last = s
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever it is, the process must not wait for a reader
	return last
}
