package jsonscan

// Pick takes out of the valid object that begins at start in buf the members that keeps refuses by their names, whose memory it
// must not hold. Nothing is left of an object without members.
func (s *Scanner) Pick(buf []byte, start int, keeps func(name []byte) bool) []byte {
	if start == len(buf) {
		return buf
	}
	w := start + 1 // what is written stays behind what is read
	for i := space(buf, start+1); buf[i] != '}'; {
		end := s.skipString(buf, i+1)
		name := buf[i+1 : end-1]
		if s.escaped {
			name = s.plainKey(name)
		}
		key, kept := i, keeps(name)
		end = s.skipValue(buf, space(buf, space(buf, end)+1), 0)
		i = next(buf, end)
		if !kept {
			continue
		}
		if w > start+1 {
			buf[w] = ','
			w++
		}
		w += copy(buf[w:], buf[key:end])
	}
	if w == start+1 {
		return buf[:start]
	}
	return append(buf[:w], '}')
}

// Wants says whether the text may be in the member of the name, or in what is in it.
func (s *Scanner) Wants(name string) bool {
	for i := range s.heads {
		if s.heads[i].name == name {
			return true
		}
	}
	return false
}
