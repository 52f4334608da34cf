package config

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/strict"
)

const folder = "../../../configs"

func TestConfigsLoad(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(names) < 2 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		if filepath.Base(name) == "release.yaml" {
			continue // a recipe: see package recipe
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(name, data, nil); err != nil {
			t.Error(err)
		}
	}
}

// The example holds every key, with the value that it has when it is left out.
func TestExampleIsWholeAndDefault(t *testing.T) {
	name := filepath.Join(folder, "example.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(name, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), c); diff != "" {
		t.Errorf("example.yaml is not the defaults (-want +got):\n%s", diff)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	keys(doc.Content[0], reflect.TypeFor[Config](), "", &got)
	if diff := cmp.Diff(allPaths(), got); diff != "" {
		t.Errorf("keys of example.yaml (-all +there):\n%s", diff)
	}
}

// allPaths lists every setting.
func allPaths() (paths []string) {
	for _, l := range strict.Leaves(reflect.TypeFor[Config]()) {
		paths = append(paths, l.Path)
	}
	return paths
}

// keys lists the paths of the settings that a file sets, in its order.
func keys(n *yaml.Node, typ reflect.Type, path string, list *[]string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		for _, f := range strict.Fields(typ) {
			if f.Key != n.Content[i].Value {
				continue
			}
			if strict.Section(f.Type) {
				keys(n.Content[i+1], f.Type, strict.Join(path, f.Key), list)
			} else {
				*list = append(*list, strict.Join(path, f.Key))
			}
		}
	}
}
