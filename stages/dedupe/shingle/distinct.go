package shingle

// distinct drops repeats from a list of hashes: a table of fixed size with linear probing. When it is half full everything
// new is let through, which is harmless here.
type distinct struct {
	table []uint32 // 0: free
	used  int
	zero  bool
}

const distinctSlots = 1 << 14

func (d *distinct) reset() {
	if d.table == nil {
		d.table = make([]uint32, distinctSlots)
	}
	clear(d.table)
	d.used, d.zero = 0, false
}

// appendNew appends those of hashes that were not seen since reset. dst may be hashes[:0].
func (d *distinct) appendNew(dst, hashes []uint32) []uint32 {
	for _, h := range hashes {
		if h == 0 {
			if !d.zero {
				d.zero = true
				dst = append(dst, h)
			}
			continue
		}
		i := h % distinctSlots
		for d.table[i] != h && d.table[i] != 0 {
			i = (i + 1) % distinctSlots
		}
		if d.table[i] == h {
			continue
		}
		if d.used < distinctSlots/2 {
			d.table[i] = h
			d.used++
		}
		dst = append(dst, h)
	}
	return dst
}
