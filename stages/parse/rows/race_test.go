//go:build race

package rows

const hugeBytes = 40 << 20 // the race detector makes all of this ten times slower
