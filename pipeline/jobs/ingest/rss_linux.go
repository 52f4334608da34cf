package ingest

import (
	"bytes"
	"os"
	"strconv"
)

// maxrssUnit is the unit of Rusage.Maxrss in bytes.
const maxrssUnit = 1024

// ownPeak is the most memory that this program ever had resident, in bytes, 0 if that is unknown. Rusage does not tell:
// it counts what the process that started this one had resident until then.
func ownPeak() int64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(data, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte(" kB"))
	kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
