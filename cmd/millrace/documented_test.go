package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// docs/formats says what serve leaves in the work folder.
func TestDocumentedServer(t *testing.T) {
	pipelinetest.DocumentedKeys(t, "work.md", serverName, serverFile{})
}

// docs/extending.md names tests, files and folders that there are.
func TestExtendingNamesWhatIsThere(t *testing.T) {
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "extending.md"))
	if err != nil {
		t.Fatal(err)
	}
	var tests bytes.Buffer
	err = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && strings.HasPrefix(e.Name(), ".") && name != root {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "pipelinetest") || e.IsDir() {
			return nil
		}
		data, err := os.ReadFile(name)
		tests.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`(Test\\w+)").FindAllSubmatch(page, -1) {
		if !bytes.Contains(tests.Bytes(), append([]byte("func "), m[1]...)) {
			t.Errorf("there is no %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`((cmd|configs|docs|pipeline|stages|sinks|testdata)/[a-z0-9_./-]+)`").FindAllSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join(root, string(m[1]))); err != nil {
			t.Error(err)
		}
	}
}
