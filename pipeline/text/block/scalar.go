//go:build !goexperiment.simd || !amd64 || go1.27

package block

func available() bool { return false }

var wide = false

func plain([]byte) (int, bool) { return 0, false }

func validPrefix([]byte) int { return 0 }

func countRunes([]byte) (runes, read int) { return 0, 0 }

func threes([]byte) (high, threes, read int) { return 0, 0, 0 }

func sequences([]byte) (s Sequences, read int) { return s, 0 }

func controls([]byte) (n, read int) { return 0, 0 }

func decode512([]uint16, []byte) (units, read int) { return 0, 0 }

func layoutOf(t []byte, odd *Leads) Layout { return plainLayout(t, odd) }

func width512([]uint16) (more, read int) { return 0, 0 }

func from512(masks []uint64, values []uint16, least uint16) { plainFrom(masks, values, least) }

func compact512(dst []uint32, values []uint16) int { return plainCompact(dst, values) }

func grams512([]uint32, []uint32, uint64, uint64) int { return 0 }
