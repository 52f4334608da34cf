package columnar

// Strings is a column of byte strings in the Arrow layout: value i is Data[Offsets[i]:Offsets[i+1]], so spills and sinks
// wrap it without a copy. The zero value is an empty column. It is not safe for concurrent use.
type Strings struct {
	Offsets []int32
	Data    []byte
}

// Len is the number of values.
func (s *Strings) Len() int {
	return max(len(s.Offsets)-1, 0)
}

// At returns value i. It aliases the column and is valid until the column changes.
func (s *Strings) At(i int) []byte {
	return s.Data[s.Offsets[i]:s.Offsets[i+1]:s.Offsets[i+1]]
}

// Size is the bytes of the values from..to-1; 0 of a column without values.
func (s *Strings) Size(from, to int) int64 {
	if len(s.Offsets) == 0 {
		return 0
	}
	return int64(s.Offsets[to] - s.Offsets[from])
}

// Append adds one value, copying it.
func (s *Strings) Append(v []byte) {
	s.Data = append(s.Data, v...)
	s.Seal()
}

// Seal ends the value that was built by appending to Data. Data must stay below 2 GiB.
func (s *Strings) Seal() {
	if len(s.Offsets) == 0 {
		s.Offsets = append(s.Offsets, 0)
	}
	s.Offsets = append(s.Offsets, int32(len(s.Data)))
}

// Drop forgets what was appended to Data since the last Seal.
func (s *Strings) Drop() {
	if len(s.Offsets) == 0 {
		s.Data = s.Data[:0]
		return
	}
	s.Data = s.Data[:s.Offsets[len(s.Offsets)-1]]
}

// Reset empties the column and keeps its memory.
func (s *Strings) Reset() {
	s.Offsets = s.Offsets[:0]
	s.Data = s.Data[:0]
}

// truncate drops the values from n on.
func (s *Strings) truncate(n int) {
	if len(s.Offsets) > 0 {
		s.Offsets = s.Offsets[:n+1]
		s.Data = s.Data[:s.Offsets[n]]
	}
}

// keep moves the values whose mask is true to the front, in order, and cuts the rest.
func (s *Strings) keep(mask []bool) {
	n, end := 0, int32(0)
	for i, kept := range mask {
		if !kept {
			continue
		}
		from, to := s.Offsets[i], s.Offsets[i+1]
		if from != end {
			copy(s.Data[end:], s.Data[from:to])
		}
		end += to - from
		n++
		s.Offsets[n] = end
	}
	if len(s.Offsets) > 0 {
		s.Offsets = s.Offsets[:n+1]
	}
	s.Data = s.Data[:end]
}

// appendRange adds the values from..to-1 of other.
func (s *Strings) appendRange(other *Strings, from, to int) {
	if from == to {
		return
	}
	if len(s.Offsets) == 0 {
		s.Offsets = append(s.Offsets, 0)
	}
	shift := s.Offsets[len(s.Offsets)-1] - other.Offsets[from]
	s.Data = append(s.Data, other.Data[other.Offsets[from]:other.Offsets[to]]...)
	for _, o := range other.Offsets[from+1 : to+1] {
		s.Offsets = append(s.Offsets, o+shift)
	}
}
