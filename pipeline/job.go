package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"
)

// Job is all that a Runner sees of a job.
type Job struct {
	Plan    *Plan
	Chain   Chain
	Work    Store   // this job's spills and hand-overs
	Out     Store   // the files of the version that is being made; no reader sees them before commit
	Corpus  Store   // what earlier versions committed, by the names of their manifests; of a kind that does not say, the store of the corpus
	Sources Sources // where the plan's files are opened
	// InputBytes is how much the job reads, as far as its plan says, for progress.
	InputBytes int64

	mu      sync.Mutex
	entries map[string][]Entry // guarded by mu; by stage
}

// PhaseName is the work file that holds the ledger entries of a finished stage.
func PhaseName(stage string) string { return "phase/" + stage + ".json" }

// Entries returns the ledger entries of a stage that is over, in the order of their index. Safe for concurrent use; the
// result is shared and must not be changed.
func (j *Job) Entries(ctx context.Context, stage string) ([]Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e, ok := j.entries[stage]; ok {
		return e, nil
	}
	data, err := ReadAll(ctx, j.Work, PhaseName(stage))
	if err != nil {
		return nil, err
	}
	list, err := decodePhase(data)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", PhaseName(stage), err)
	}
	if j.entries == nil {
		j.entries = map[string][]Entry{}
	}
	j.entries[stage] = list
	return list, nil
}

// EncodePhase is the content of a phase file: the entries, and in a line of its own the xxh3-128 of that.
func EncodePhase(list []Entry) ([]byte, error) {
	data, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(data, "\n%q\n", hashOf(data)), nil
}

func decodePhase(data []byte) (list []Entry, err error) {
	entries, sum, found := bytes.Cut(data, []byte("\n"))
	if found && strings.TrimSpace(string(sum)) != strconv.Quote(hashOf(entries)) {
		return nil, errors.New("checksum is wrong")
	}
	return list, json.Unmarshal(entries, &list)
}

func hashOf(data []byte) string {
	h := xxh3.Hash128(data).Bytes()
	return hex.EncodeToString(h[:])
}
