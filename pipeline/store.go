package pipeline

import (
	"context"
	"errors"
	"io"
)

// ErrExists is what an exclusive create returns when somebody else was first.
var ErrExists = errors.New("exists already")

// Store is a place for immutable files under slash-separated relative names. Safe for concurrent use.
// A missing file is an error that errors.Is fs.ErrNotExist.
type Store interface {
	// Open opens a committed file for reading.
	Open(ctx context.Context, name string) (Object, error)
	// Create starts a file that appears under name, whole, when Commit returns nil (invariant 2). An existing file is
	// replaced: the same name always gets the same content.
	Create(ctx context.Context, name string) (Writer, error)
	// PutNew creates a small file unless it exists: then ErrExists, and nothing changes (invariant 6).
	PutNew(ctx context.Context, name string, data []byte) error
	// List returns every file below the folder (all of them for ""), in byte order of the names.
	List(ctx context.Context, folder string) ([]ObjectInfo, error)
	// Remove removes a file, or a folder with all it holds. What is missing is no error.
	Remove(ctx context.Context, name string) error
	// Sub is the same store below a folder.
	Sub(folder string) Store
}

// ObjectInfo is one row of a listing.
type ObjectInfo struct {
	Name  string
	Bytes int64
}

// Object is an open file. ReadAt is safe for concurrent use.
type Object interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Writer writes one file. Close after Commit does nothing; without it, it removes what was written.
type Writer interface {
	io.Writer
	Commit() error
	Close() error
}

// Mover is the ability of a store to rename a folder, or a file, at once. A local store has it; an object store has not, and its
// outputs are written where they stay.
type Mover interface {
	Move(ctx context.Context, from, to string) error
}

// Copier is the ability of a store to make a file exist under another name as well, whole or not at all (invariant 2), without reading
// it: by a hard link in a folder, by the service in a bucket. A file of that name is of the same content, and may be replaced. The error
// is an errors.ErrUnsupported where the file system knows no links: there Move takes single files, too.
type Copier interface {
	Copy(ctx context.Context, from, to string) error
}

// Archive is the ability of a store that may keep what was replaced or removed, as buckets with versions do.
type Archive interface {
	// Archived says how much it keeps of files of such names, and removes it for good if asked to.
	Archived(ctx context.Context, of func(name string) bool, remove bool) (objects int, bytes int64, err error)
}

// Sweeper is the ability of a store to remove what writers that died left behind.
type Sweeper interface {
	RemoveTemporaries(ctx context.Context) error
}
