package s3

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Scheme begins the URL of everything in an object store.
const Scheme = "s3://"

// Location is a bucket and a folder in it, "" for the bucket itself.
type Location struct {
	Bucket, Prefix string
}

// IsURL says whether a text names something in an object store.
func IsURL(text string) bool { return strings.HasPrefix(text, Scheme) }

// ParseURL reads s3://bucket/prefix. A slash at the end is as good as none. Credentials do not belong there: they are
// refused, and not repeated.
func ParseURL(text string) (Location, error) {
	rest, ok := strings.CutPrefix(text, Scheme)
	if !ok {
		return Location{}, fmt.Errorf("%q does not begin with %s", text, Scheme)
	}
	bucket, prefix, _ := strings.Cut(strings.TrimRight(rest, "/"), "/")
	switch {
	case strings.Contains(bucket, "@"):
		return Location{}, errors.New("a URL of a bucket holds no credentials: they belong into the environment")
	case bucket == "" || strings.ContainsAny(bucket, ":?#"):
		return Location{}, fmt.Errorf("%q: it should read s3://BUCKET/FOLDER", text)
	case prefix != "" && !fs.ValidPath(prefix):
		return Location{}, fmt.Errorf("%q: %q is not a path of plain elements", text, prefix)
	}
	return Location{bucket, prefix}, nil
}

// String is the URL, without a slash at its end.
func (l Location) String() string {
	if l.Prefix == "" {
		return Scheme + l.Bucket
	}
	return Scheme + l.Bucket + "/" + l.Prefix
}

// Base is the last element, which names a source.
func (l Location) Base() string {
	return l.String()[strings.LastIndexByte(l.String(), '/')+1:]
}

// Parent is the location above, and the name in there; a bucket has none.
func (l Location) Parent() (parent Location, name string, ok bool) {
	if l.Prefix == "" {
		return l, "", false
	}
	at := strings.LastIndexByte(l.Prefix, '/')
	return Location{l.Bucket, l.Prefix[:max(at, 0)]}, l.Prefix[at+1:], true
}

// folder is the beginning of the keys of all that lies below the location.
func (l Location) folder() string {
	if l.Prefix == "" {
		return ""
	}
	return l.Prefix + "/"
}

// key is the key of a path below the location.
func (l Location) key(name string) string {
	if name == "" {
		return l.Prefix
	}
	return l.folder() + name
}
