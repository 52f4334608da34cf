package rows

import (
	"errors"
	"fmt"
)

// Limits bound what a file can make a reader do. The zero value of a field is its default.
type Limits struct {
	ValueBytes  int64 // of one string; a row with a longer one is refused. Default 64 MiB
	RowBytes    int64 // of one row as JSON; a longer row is refused. Default 128 MiB
	MemoryBytes int64 // of pages, dictionaries, windows and decoders at the same time; rows come on top. Default 512 MiB
	Expansion   int64 // how often its own size a row group may have in rows, once it has 1 MiB of them. Default 1000
	Depth       int   // of nested columns. Default 32, at most 64
}

const (
	defaultValueBytes  = 64 << 20
	defaultRowBytes    = 128 << 20
	defaultMemoryBytes = 512 << 20
	defaultExpansion   = 1000
	defaultDepth       = 32
	maxDepth           = 64

	freeExpansion = 1 << 20 // bytes of rows that no row group is too small for
	maxFields     = 10_000
	maxGroupRows  = 1 << 31
)

func (l Limits) withDefaults() Limits {
	positive := func(n *int64, standard int64) {
		if *n <= 0 {
			*n = standard
		}
	}
	positive(&l.ValueBytes, defaultValueBytes)
	positive(&l.RowBytes, defaultRowBytes)
	positive(&l.MemoryBytes, defaultMemoryBytes)
	positive(&l.Expansion, defaultExpansion)
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	l.Depth = min(l.Depth, maxDepth)
	return l
}

// ErrTooLarge is in the error of a row that is over a limit; the rows around it are not concerned.
var ErrTooLarge = errors.New("too large")

// ErrExpansion is in the error of a row group that gives more rows than its size allows: nearly all of them repeat
// something that is stored once.
var ErrExpansion = errors.New("expands to more than the limit")

// ErrMemory is in the error of a row group of which a page, dictionary or buffer does not fit into what is left of
// Limits.MemoryBytes.
var ErrMemory = errors.New("needs more memory than the limit")

// ErrUnsupported is in the error of a file that may be sound, but is written in a way that is not read here.
var ErrUnsupported = errors.New("not supported")

// DamageError is an error in the bytes of a file, or an ErrUnsupported.
type DamageError struct {
	Offset int64 // in the file, of the page, message or row group that is damaged
	Err    error
}

func (d *DamageError) Error() string { return fmt.Sprintf("at byte %d: %v", d.Offset, d.Err) }

// Unwrap returns what is wrong there.
func (d *DamageError) Unwrap() error { return d.Err }

// damaged adds an offset to an error that has none yet.
func damaged(offset int64, err error) error {
	if _, ok := errors.AsType[*DamageError](err); ok || err == nil {
		return err
	}
	return &DamageError{Offset: offset, Err: err}
}
