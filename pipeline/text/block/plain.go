package block

// plainLayout is LayoutOf without vectors.
func plainLayout(t []byte, odd *Leads) (l Layout) {
	for i, c := range t[:Size] {
		switch bit := uint64(1) << i; {
		case c == '\n':
			l.Line |= bit
			l.White |= bit
		case c == ' ' || c == '\t':
			l.White |= bit
		case c < ' ' || c == 0x7F || c >= 0xC0 && odd.sixBits[c&0x3F] != 0:
			l.Odd |= bit
		}
	}
	return l
}

// plainFrom is From without vectors.
func plainFrom(masks []uint64, values []uint16, least uint16) {
	clear(masks[:(len(values)+Size-1)/Size])
	for i, v := range values {
		if v >= least {
			masks[i/Size] |= 1 << (i % Size)
		}
	}
}

// plainCompact is Compact without vectors.
func plainCompact(dst []uint32, values []uint16) (n int) {
	for _, v := range values {
		if v != 0 {
			dst[n] = uint32(v)
			n++
		}
	}
	return n
}
