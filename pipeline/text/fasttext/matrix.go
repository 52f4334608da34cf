package fasttext

// matrix is rows of dim numbers each, as they are or quantized.
type matrix struct {
	rows, dim int
	data      []float32 // nil where the rows stay quantized
	scales    []float32 // what a row's product is multiplied with, or nil
	coded     *quantized
}

// Quantized rows are decoded when the model is read where that takes no more than this, nor than this many times what the file has of them.
const (
	decodedMost  = 256 << 20
	decodedTimes = 32
)

// read reads a matrix. Rows to be summed up are scaled when they are decoded, those to be multiplied with are afterwards, as the sums of
// fastText are made.
func (m *matrix) read(r *reader, part string, coded, summed bool) {
	if !coded {
		rows, dim := r.int64("the "+part), r.int64("the "+part)
		if r.err == nil && (rows < 0 || dim <= 0 || dim > 1<<31-1 || rows > 1<<31-1) {
			r.fail("the %s has %d rows of %d columns", part, rows, dim)
		}
		if r.err == nil && r.has(rows, 4*dim, "rows of the "+part) {
			m.rows, m.dim, m.data = int(rows), int(dim), r.floats(rows*dim, "the numbers of the "+part)
		}
		return
	}
	from := r.offset
	q := readQuantized(r, part)
	if r.err != nil {
		return
	}
	m.rows, m.dim, m.coded = q.rows, q.dim, q
	if size := int64(q.rows) * int64(q.dim) * 4; size > decodedMost || size > decodedTimes*(r.offset-from) {
		return
	}
	m.data = make([]float32, q.rows*q.dim)
	for i := range q.rows {
		row := m.data[i*q.dim:][:q.dim]
		if summed {
			q.addTo(row, i)
		} else {
			q.decode(row, i)
		}
	}
	if !summed {
		m.scales = q.scales()
	}
	m.coded = nil
}

// addTo adds a row to x.
func (m *matrix) addTo(x []float32, row int) {
	if m.data == nil {
		m.coded.addTo(x, row)
		return
	}
	y := m.data[row*m.dim:][:len(x)]
	for i := range x {
		x[i] += y[i]
	}
}

// together is how many rows addAll adds at once: the processor waits for the memory of all of them, and x is read and written once.
const together = 4

// addAll adds rows to x, one after the other to each number.
func (m *matrix) addAll(x []float32, rows *[together]int) {
	if m.data == nil {
		for _, row := range rows {
			m.coded.addTo(x, row)
		}
		return
	}
	a, b := m.data[rows[0]*m.dim:][:len(x)], m.data[rows[1]*m.dim:][:len(x)]
	c, d := m.data[rows[2]*m.dim:][:len(x)], m.data[rows[3]*m.dim:][:len(x)]
	for i, f := range x {
		x[i] = f + a[i] + b[i] + c[i] + d[i]
	}
}

// times is the product of x and a row.
func (m *matrix) times(x []float32, row int) float32 {
	if m.data == nil {
		return m.coded.times(x, row)
	}
	sum, y := float32(0), m.data[row*m.dim:][:len(x)]
	for i := range x {
		sum += float32(x[i] * y[i])
	}
	return m.scaled(sum, row)
}

func (m *matrix) scaled(sum float32, row int) float32 {
	if m.scales == nil {
		return sum
	}
	return float32(sum * m.scales[row])
}

// timesAll puts the product of x and each row into out. Four rows are summed side by side, each in its order: an addition waits for the one
// before.
func (m *matrix) timesAll(x, out []float32) {
	i := 0
	for ; m.data != nil && i+4 <= len(out); i += 4 {
		a, b := m.data[i*m.dim:][:len(x)], m.data[(i+1)*m.dim:][:len(x)]
		c, d := m.data[(i+2)*m.dim:][:len(x)], m.data[(i+3)*m.dim:][:len(x)]
		var s, t, u, v float32
		for j, f := range x {
			s += float32(f * a[j])
			t += float32(f * b[j])
			u += float32(f * c[j])
			v += float32(f * d[j])
		}
		out[i], out[i+1], out[i+2], out[i+3] = m.scaled(s, i), m.scaled(t, i+1), m.scaled(u, i+2), m.scaled(v, i+3)
	}
	for ; i < len(out); i++ {
		out[i] = m.times(x, i)
	}
}
