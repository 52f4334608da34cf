package counts

// beforer is what has an order with others of its type.
type beforer[T any] interface{ before(T) bool }

// heaped makes a heap, whose first element none is before. It is container/heap without the calls through an interface.
func heaped[T beforer[T]](h []T) {
	for i := len(h)/2 - 1; i >= 0; i-- {
		down(h, i)
	}
}

// down puts the element at i in its place below.
func down[T beforer[T]](h []T, i int) {
	if i >= len(h) {
		return
	}
	moved := h[i]
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1].before(h[child]) {
			child++
		}
		if !h[child].before(moved) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = moved
}

// rowReader is a file of rows that has one.
type rowReader[T any] interface {
	beforer[T]
	next() bool
	Err() error
}

// eachHead calls yield with a file for each row of some files, in the order of the rows. An error of yield ends it.
func eachHead[T rowReader[T]](h []T, yield func(T) error) error {
	heaped(h)
	for len(h) > 0 {
		f := h[0]
		if err := yield(f); err != nil {
			return err
		}
		if !f.next() {
			if err := f.Err(); err != nil {
				return err
			}
			h[0] = h[len(h)-1]
			h = h[:len(h)-1]
		}
		down(h, 0)
	}
	return nil
}
