//go:build !race

package rows

const hugeBytes = 400 << 20
