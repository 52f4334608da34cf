package normalize

// space appends a blank, unless the line is empty so far or ends with one.
func (z *zhSafe) space(out []byte) []byte {
	if z.lineStart(out) || out[len(out)-1] == ' ' {
		z.counts[countTrimmed]++
		return out
	}
	return append(out, ' ')
}

// tab appends a tab, unless the line is empty so far.
func (z *zhSafe) tab(out []byte) []byte {
	if z.lineStart(out) {
		z.counts[countTrimmed]++
		return out
	}
	return append(out, '\t')
}

// newline ends the line, unless the document is empty so far.
func (z *zhSafe) newline(out []byte) []byte {
	out = z.trimLine(out)
	if len(out) == z.base {
		z.counts[countTrimmed]++
		return out
	}
	return append(out, '\n')
}

func (z *zhSafe) lineStart(out []byte) bool {
	return len(out) == z.base || out[len(out)-1] == '\n'
}

// trimLine takes blanks and tabs from the end of out.
func (z *zhSafe) trimLine(out []byte) []byte {
	for len(out) > z.base && (out[len(out)-1] == ' ' || out[len(out)-1] == '\t') {
		z.counts[countTrimmed]++
		out = out[:len(out)-1]
	}
	return out
}

// trimEnd takes blanks, tabs and line ends from the end of the document.
func (z *zhSafe) trimEnd(out []byte) []byte {
	for out = z.trimLine(out); len(out) > z.base && out[len(out)-1] == '\n'; out = z.trimLine(out) {
		z.counts[countTrimmed]++
		out = out[:len(out)-1]
	}
	return out
}
