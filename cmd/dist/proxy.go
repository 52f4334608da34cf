package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// modulePath is that of go.mod.
const modulePath = "github.com/millrace/millrace"

// proxy writes the module below a folder as a proxy of Go serves it, with the files that the repository has.
func (s *source) proxy(ctx context.Context, folder, version string) error {
	list, err := s.tracked(ctx)
	if err != nil {
		return err
	}
	var files []entry
	for _, name := range list {
		data, err := os.ReadFile(filepath.Join(s.folder, name))
		if err != nil {
			return err
		}
		files = append(files, entry{modulePath + "@" + version + "/" + name, data, 0o644})
	}
	archive, err := zipped(sorted(files), s.time)
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(s.folder, "go.mod"))
	if err != nil {
		return err
	}
	at := filepath.Join(folder, filepath.FromSlash(modulePath), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"list": []byte(version + "\n"), version + ".mod": mod, version + ".zip": archive,
		version + ".info": fmt.Appendf(nil, "{\"Version\":%q,\"Time\":%q}", version, s.time.Format(time.RFC3339)),
	} {
		if err := os.WriteFile(filepath.Join(at, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
