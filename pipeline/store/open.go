package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store/s3"
)

// Access says how what lies beyond this machine is reached.
type Access struct {
	S3 s3.Options
}

// Options are the choices of Open.
type Options struct {
	// Write says that the store will be written: a folder is made if need be, a bucket is tried out (s3.Store.Probe).
	Write bool
	// Sync is that of LocalOptions; an object store always has it.
	Sync   bool
	Access Access
}

// Opened is a store with an end. RemoveTemporaries removes what writers that died left behind: call it while holding what
// keeps all other writers away.
type Opened interface {
	pipeline.Store
	io.Closer
	RemoveTemporaries(ctx context.Context) error
}

var (
	_ Opened = (*Local)(nil)
	_ Opened = (*s3.Store)(nil)
)

// Open opens the store that a URL names: file:///folder, s3://bucket/folder, or the path of a folder.
func Open(ctx context.Context, at string, o Options) (Opened, error) {
	at, err := Absolute(at)
	if err != nil {
		return nil, err
	}
	if !s3.IsURL(at) {
		if _, err := os.Stat(at); errors.Is(err, unix.ENOTDIR) {
			return nil, noFolder(at)
		} else if err != nil && !o.Write {
			return nil, fmt.Errorf("open %s: %w", at, cause(err))
		}
		l, err := NewLocal(at, LocalOptions{Sync: o.Sync})
		if err != nil {
			return nil, err
		}
		return l, nil
	}
	root, err := s3.ParseURL(at)
	if err != nil {
		return nil, err
	}
	s, err := s3.Open(ctx, root, o.Access.S3)
	if err != nil {
		return nil, err
	}
	if o.Write {
		if err := s.Probe(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Hold keeps other processes from working in a store that lies beyond this machine, until what it returns is closed; on this
// machine a Lock on the work folder does that, and Hold does nothing. place is what this process holds such a lock on. If
// another one takes the store over nevertheless, lost is called: everything must stop. ErrLocked says that another one has it.
func Hold(ctx context.Context, o pipeline.Store, place string, lost func(error)) (io.Closer, error) {
	s, ok := o.(*s3.Store)
	if !ok {
		return io.NopCloser(nil), nil
	}
	return lease(ctx, s, func(host string) string { return host + ":" + place }, lost)
}

// Share is Hold, and the lock on the file lock too where the store is on this machine, for the processes of a cluster: they
// have the store together, and each of them keeps all others out.
func Share(ctx context.Context, o pipeline.Store, lock string, lost func(error)) (io.Closer, error) {
	s, ok := o.(*s3.Store)
	if !ok {
		l, err := TryShare(lock)
		if err != nil {
			return nil, err
		}
		return l, nil
	}
	return lease(ctx, s, func(string) string { return "a cluster" }, lost)
}

// lease takes the lease that says who works in the store; place is where, by the name of this machine.
func lease(ctx context.Context, s *s3.Store, place func(host string) string, lost func(error)) (io.Closer, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("name of this machine: %w", err)
	}
	l, err := s.Lease(ctx, pipeline.WorkFolder+"/lock", fmt.Sprintf("process %d on %s", os.Getpid(), host), place(host), lost)
	if errors.Is(err, s3.ErrHeld) {
		err = fmt.Errorf("%w: %w", ErrLocked, err)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// IsRemote says whether a path or URL leads beyond the file system.
func IsRemote(at string) bool { return s3.IsURL(at) }

// CheckPlace says what is wrong with a path that was meant for something else: s3:/bucket, ~/corpus and ${HOME}/corpus, of which nobody made what
// they mean. What lies there under such a name may be named so. The error is an ErrUsage with the way out.
func CheckPlace(at string) error {
	hint := ""
	switch {
	case IsRemote(at):
	case strings.HasPrefix(at, "s3:"):
		hint = "an object store is named s3://bucket/prefix; a folder of this name is ./" + at
	case at == "~" || strings.HasPrefix(at, "~/"):
		hint = "no shell has made the home folder of it: write the whole path, or ~ without quotes where a shell reads it; a folder of this name is ./" + at
	case variable.MatchString(at):
		hint = "no shell has put in the variable: write the whole path, or leave out single quotes; a folder of this name is ./" + at
	}
	if hint == "" {
		return nil
	}
	if _, err := os.Lstat(at); err == nil {
		return nil
	}
	return pipeline.WithHint(fmt.Errorf("%w: %q is no place", pipeline.ErrUsage, at), hint)
}

// variable is that of a shell, at the beginning of a path, or anywhere in braces.
var variable = regexp.MustCompile(`^\$[A-Za-z_]|\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

// Absolute gives every path and URL of one place the same form: an absolute path without file://, or s3://bucket/folder. It checks it as CheckPlace does.
func Absolute(at string) (string, error) {
	if s3.IsURL(at) {
		l, err := s3.ParseURL(at)
		if err != nil {
			return "", fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
		}
		return l.String(), nil
	}
	if strings.HasPrefix(at, "file:") {
		u, err := url.Parse(at)
		if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "" {
			return "", fmt.Errorf("%w: %q: it should read file:///FOLDER", pipeline.ErrUsage, at)
		}
		at = u.Path
	} else if scheme, _, ok := strings.Cut(at, "://"); ok && !strings.Contains(scheme, "/") {
		return "", fmt.Errorf("%w: unknown kind of store %s://: known are file://, s3://, and paths", pipeline.ErrUsage, scheme)
	}
	if err := CheckPlace(at); err != nil {
		return "", err
	}
	abs, err := filepath.Abs(at)
	if err != nil {
		return "", fmt.Errorf("path %s: %w", at, err)
	}
	return abs, nil
}

// Join is the path or URL of a file below a root.
func Join(root, file string) string {
	if s3.IsURL(root) {
		return root + "/" + file
	}
	return filepath.Join(root, filepath.FromSlash(file))
}
