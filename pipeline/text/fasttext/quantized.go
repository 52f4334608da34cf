package fasttext

// centroidCount is how many values a byte tells apart.
const centroidCount = 256

// quantized is a matrix by product quantization (Jégou et al., 2011): a row is cut into parts, each of which is one of 256 vectors. Where rows
// were made as long as 1 before, their length is one of 256 numbers.
type quantized struct {
	rows, dim  int
	parts      int // of a row
	width      int // of a part, in numbers; the last may have fewer
	codes      []byte
	centroids  []float32
	lengthCode []byte // or nil
	lengths    []float32
}

func readQuantized(r *reader, part string) *quantized {
	scaled := r.boolean("whether the lengths of the " + part + " are quantized")
	rows, dim, size := r.int64("the "+part), r.int64("the "+part), r.int32("the "+part)
	if r.err == nil && (rows < 0 || dim <= 0 || dim > 1<<31-1 || rows > 1<<31-1) {
		r.fail("the %s has %d rows of %d columns", part, rows, dim)
	}
	q := &quantized{rows: int(rows), dim: int(dim)}
	q.codes = r.bytes(int64(size), "codes of the "+part)
	q.readCentroids(r, part)
	if r.err == nil && int64(q.parts)*rows != int64(size) {
		r.fail("the %s has %d codes for %d rows of %d", part, size, rows, q.parts)
	}
	if scaled && r.err == nil {
		q.lengthCode = r.bytes(rows, "lengths of the "+part)
		one := &quantized{dim: 1}
		one.readCentroids(r, "lengths of the "+part)
		q.lengths = one.centroids
	}
	return q
}

// readCentroids reads the vectors of parts.
func (q *quantized) readCentroids(r *reader, part string) {
	dim, parts := r.int32("the "+part), r.int32("the "+part)
	width, last := r.int32("the "+part), r.int32("the "+part)
	if r.err != nil {
		return
	}
	if int(dim) != q.dim || width <= 0 || width > dim || parts != (dim-1)/width+1 || last != dim-(parts-1)*width {
		r.fail("the %s is of %d columns, and quantized in %d parts of %d, the last of %d, of %d", part, q.dim, parts, width, last, dim)
		return
	}
	q.parts, q.width = int(parts), int(width)
	q.centroids = r.floats(int64(dim)*centroidCount, "the centroids of the "+part)
}

// centroid is the part of a row.
func (q *quantized) centroid(row, part int) []float32 {
	code := int(q.codes[row*q.parts+part])
	if part == q.parts-1 {
		last := q.dim - part*q.width
		return q.centroids[part*centroidCount*q.width+code*last:][:last]
	}
	return q.centroids[(part*centroidCount+code)*q.width:][:q.width]
}

func (q *quantized) length(row int) float32 {
	if q.lengthCode == nil {
		return 1
	}
	return q.lengths[q.lengthCode[row]]
}

// scales are the lengths of all rows, or nil where all are 1.
func (q *quantized) scales() []float32 {
	if q.lengthCode == nil {
		return nil
	}
	all := make([]float32, q.rows)
	for i := range all {
		all[i] = q.length(i)
	}
	return all
}

// decode writes a row without its length.
func (q *quantized) decode(x []float32, row int) {
	for p := range q.parts {
		copy(x[p*q.width:], q.centroid(row, p))
	}
}

// addTo adds a row to x.
func (q *quantized) addTo(x []float32, row int) {
	length := q.length(row)
	for p := range q.parts {
		to := x[p*q.width:]
		for i, c := range q.centroid(row, p) {
			to[i] += float32(length * c)
		}
	}
}

// times is the product of x and a row.
func (q *quantized) times(x []float32, row int) (sum float32) {
	for p := range q.parts {
		from := x[p*q.width:]
		for i, c := range q.centroid(row, p) {
			sum += float32(from[i] * c)
		}
	}
	if q.lengthCode == nil {
		return sum
	}
	return float32(sum * q.length(row))
}
