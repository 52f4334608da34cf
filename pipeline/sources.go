package pipeline

import "context"

// Source is a named root. Root is a path of this host, and no part of what is planned.
type Source struct {
	Name string `json:"name"`
	Root string `json:"-"`
	// Single says that files of it were named one by one, so that others of this name may have another root.
	Single bool `json:"-"`
}

// SourceFile is a file of a source as its planner saw it.
type SourceFile struct {
	Source  int    // index in the plan's sources
	Path    string // relative to the source, with slashes
	Bytes   int64
	ModTime int64  // nanoseconds since 1970
	ETag    string // of an object in a bucket: it changes with the content
}

// Sources opens the files of a plan, and nothing outside of the configured roots. Safe for concurrent use.
type Sources interface {
	// Open opens a planned file and checks that size and modification time are those of the plan: otherwise, as for a
	// file that is missing, unreadable or outside its source, the error is a *RejectError.
	Open(ctx context.Context, file SourceFile) (Object, error)
}

// Reasons why a source does not give a file. They are a part of the closed list of package ingest.
const (
	ReasonMissing    = "missing"    // gone since the plan
	ReasonUnreadable = "unreadable" // permission, or an error of the disk
	ReasonName       = "name"       // not UTF-8, or no path: it has to be called otherwise
	ReasonChanged    = "changed"    // size or modification time moved since the plan
	ReasonOutside    = "outside"    // a link or path that leaves its source
	ReasonLink       = "link"       // a symbolic link to a folder: never followed
	ReasonSpecial    = "special"    // a device, pipe or socket
)
