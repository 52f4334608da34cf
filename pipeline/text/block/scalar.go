//go:build !goexperiment.simd || !amd64 || go1.27

package block

func available() bool { return false }

func plain([]byte) (int, bool) { return 0, false }

func validPrefix([]byte) int { return 0 }

func countRunes([]byte) (runes, read int) { return 0, 0 }

func decode([]uint16, []byte) (units, read int) { return 0, 0 }

func layoutOf([]byte, *Leads) Layout { panic("block: no vectors") } // programmer error: see LayoutOf

func wide([]uint16) (more, read int) { return 0, 0 }

func from([]uint64, []uint16, uint16) { panic("block: no vectors") } // programmer error: see From

func compact([]uint32, []uint16) int { panic("block: no vectors") } // programmer error: see Compact
