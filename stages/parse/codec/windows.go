package codec

import (
	"fmt"
	"sync"
)

// Windows bounds what one decoder allocates for what it may look back to, in bytes. 0 is DefaultWindow.
type Windows struct {
	Zstd int64 // the window of a frame
	Xz   int64 // the dictionary of a block
}

// Bounds of windows, in bytes.
const (
	// DefaultWindow is the most that the zstd tool decodes without being asked for more (its --long=27), and twice what xz takes
	// at its highest level.
	DefaultWindow = 128 << 20
	// MinWindow is what decoders of zstd should take whatever happens (RFC 8878, 3.1.1.1.2).
	MinWindow = 8 << 20
	// MaxWindow is twice what the tool writes at most.
	MaxWindow = 4 << 30
)

func windowOr(n int64) int64 {
	if n <= 0 {
		return DefaultWindow
	}
	return n
}

// windowError says that a file asks for a larger window than it gets; size is 0 if nobody knows.
func windowError(codec, what, setting string, size, limit int64) error {
	asked := "more than " + window(limit)
	if size > 0 {
		asked = fmt.Sprintf("about %d MiB, %s", size>>20, asked)
	}
	return fmt.Errorf("%s: %w: %s of %s: parse.%s raises the limit, and what each worker slot may take", codec, errExpansion, what, asked, setting)
}

// failed is a stream that could not be opened.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

func (failed) Close() error { return nil }

// window writes a size.
func window(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// pools keeps decoders for each size of their window but large ones, which hold on to it.
type pools struct{ bySize sync.Map } // of *sync.Pool

func (p *pools) get(size int64) any {
	if pool, ok := p.bySize.Load(size); ok {
		return pool.(*sync.Pool).Get()
	}
	return nil
}

// put keeps a decoder, and says whether it did.
func (p *pools) put(size int64, dec any) bool {
	if size > DefaultWindow {
		return false
	}
	pool, _ := p.bySize.LoadOrStore(size, new(sync.Pool))
	pool.(*sync.Pool).Put(dec)
	return true
}
