package config

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/pipeline/strict"
)

// YAML writes the config with every key, sizes with their units, so that it can be read back.
func (c Config) YAML() ([]byte, error) {
	var root yaml.Node
	if err := root.Encode(c); err != nil {
		return nil, fmt.Errorf("write config: %w", err)
	}
	sizes(&root, reflect.TypeFor[Config](), "")
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&root); err != nil {
		return nil, fmt.Errorf("write config: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("write config: %w", err)
	}
	return b.Bytes(), nil
}

// sizes gives the numbers of bytes their units.
func sizes(n *yaml.Node, t reflect.Type, path string) {
	if !strict.Section(t) {
		if strict.IsSize(path, t) {
			if size, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
				n.SetString(strict.FormatSize(size))
				if _, err := strconv.Atoi(n.Value); err == nil {
					n.Tag = "!!int" // without a unit; as text it would be quoted
				}
			}
		}
		return
	}
	known := strict.Fields(t)
	for i := 0; i+1 < len(n.Content); i += 2 {
		for _, f := range known {
			if f.Key == n.Content[i].Value {
				sizes(n.Content[i+1], f.Type, strict.Join(path, f.Key))
			}
		}
	}
}
