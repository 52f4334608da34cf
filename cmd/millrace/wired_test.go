package main

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// Stages, sinks and kinds of job are packages and lines in the tables of this one. One whose line is forgotten would never run, without
// a word.
func TestEveryPackageIsWired(t *testing.T) {
	imported := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imported[name] = true
		}
	}
	for _, folder := range []string{"stages", "sinks", "pipeline/jobs"} {
		list, err := os.ReadDir(filepath.Join("..", "..", folder))
		if err != nil || len(list) < 2 {
			t.Fatalf("%s has %d packages, %v", folder, len(list), err)
		}
		for _, e := range list {
			// A folder of packages, such as that of families of signals, is none itself.
			if sources, err := filepath.Glob(filepath.Join("..", "..", folder, e.Name(), "*.go")); err != nil || len(sources) == 0 {
				continue
			}
			if name := path.Join("github.com/millrace/millrace", folder, e.Name()); !imported[name] {
				t.Errorf("%s is in no table of this command: see chains.go and kinds.go", name)
			}
		}
	}
}

// Every format of documents can be asked for by its name, has its settings under it, and is described.
func TestEverySinkCanBeUsed(t *testing.T) {
	for _, name := range documentTables().Names() {
		optionsOf(t, "sinks: {use: ["+name+"], "+name+": {}}")
		pipelinetest.DocumentedWords(t, "documents.md", name)
	}
	_, err := config.Load("config.yaml", []byte("sinks: {use: [none]}"), nil)
	if want := strings.Join(documentTables().Names(), ", "); err == nil || !strings.HasSuffix(err.Error(), "known are "+want) {
		t.Errorf("%v, the table has %s", err, want)
	}
}

// Every kind of job can be asked for, and what it comes to can be shown.
func TestEveryKindHasAView(t *testing.T) {
	for _, k := range otherKinds(defaults()) {
		if v, ok := kindViews[k.Name()]; !ok || v.line == nil || v.print == nil || v.nothing == nil || !slices.Contains(kindNames(), k.Name()) {
			t.Errorf("kind %s has no view: see kindViews", k.Name())
		}
	}
}

// A section of the settings that no stage goes by is an error at the start of every command that has jobs done.
func TestUnusedSection(t *testing.T) {
	o := jobOptions(t, t.TempDir())
	if err := checkSections(config.Sections(), []pipeline.Chain{o.Chain}); err != nil {
		t.Error(err)
	}
	without := o.Chain
	for _, stage := range o.Chain.Names() { // some go by other sections as well
		without = changed(without, stage, func(s *pipeline.StageSpec) {
			s.Settings = slices.DeleteFunc(slices.Clone(s.Settings), func(section string) bool { return section == "vocab" })
		})
	}
	if err := checkSections(config.Sections(), []pipeline.Chain{without}); err == nil || !strings.Contains(err.Error(), "below vocab") {
		t.Errorf("without the stages of vocab: %v", err)
	}
}
