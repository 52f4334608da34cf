package pipeline

import (
	"strconv"
	"strings"
)

// PlanName is the work file that holds the plan of a job, below the job's work folder.
const PlanName = "plan.json"

// Folders of the corpus that hold one folder a version.
const (
	DataFolder      = "data" // of documents in Parquet; those of other formats have folders of their own
	SignalsFolder   = "signals"
	VocabFolder     = "vocab"
	LedgerFolder    = "ledger"
	IndexFolder     = "index"
	RemovedFolder   = "removed" // documents that filters dropped, for people to read
	LinesFolder     = "lines"
	CountsFolder    = "counts" // of tokens
	ManifestsFolder = "manifests"
	WorkFolder      = ".millrace"
)

// Probes begins the names of files by which stores are tried out: a process that was killed leaves them, and they hold nothing.
const Probes = WorkFolder + "/probe-"

// inPlace begins the folder, in that of a version, of files in place of those of another one.
const inPlace = "of-"

// InPlaceOf is the path of a file that a version has in place of a file of an earlier one, which it removes: folder and base are those of
// that file.
func InPlaceOf(folder string, version, earlier int, base string) string {
	return folder + "/" + VersionName(version) + "/" + inPlace + VersionName(earlier) + "/" + base
}

// InPlaceOfWhich is the reverse: the earlier version.
func InPlaceOfWhich(path string) (earlier int, ok bool) {
	parts := strings.Split(path, "/")
	if len(parts) != 4 {
		return 0, false
	}
	digits, ok := strings.CutPrefix(parts[2], inPlace)
	if !ok {
		return 0, false
	}
	earlier, err := strconv.Atoi(digits)
	return earlier, err == nil && VersionName(earlier) == digits
}

// MadeBy is the version that a file in one of these folders is of, 0 if its path tells none.
func MadeBy(path string) int {
	_, rest, _ := strings.Cut(path, "/")
	version, err := strconv.Atoi(rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))])
	if err != nil {
		return 0
	}
	return version
}
