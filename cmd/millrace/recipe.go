package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
)

// readRecipe reads the recipe in a file. What is wrong with it is the user's error, with the lines of the file.
func readRecipe(name string) (*recipe.Recipe, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError("", "recipe %s does not exist", name)
	} else if err != nil {
		return nil, err
	}
	r, err := recipe.Read(data, name)
	if err != nil {
		return nil, usageError("configs/release.yaml and docs/releases.md have every key of a recipe", "%w", err)
	}
	return r, nil
}

// checkRecipe checks a file if it is a recipe, or taken for one, and says whether it was.
func (a *app) checkRecipe(name string, taken bool) (bool, error) {
	if !taken {
		if data, err := os.ReadFile(name); err == nil { // else what is wrong with the file is told of a config
			taken = looksLikeRecipe(data)
		}
	}
	if !taken {
		return false, nil
	}
	if _, err := readRecipe(name); err != nil {
		return true, err
	}
	return true, a.say(map[string]bool{"valid": true}, "%s is a valid recipe\n", name)
}

// looksLikeRecipe says whether more keys of a file are those of a recipe than of a config.
func looksLikeRecipe(data []byte) bool {
	var top map[string]any
	if yaml.Unmarshal(data, &top) != nil {
		return false
	}
	more := 0
	for key := range top {
		if slices.Contains(recipe.Keys(), key) {
			more++
		} else if slices.Contains(config.Keys(), key) {
			more--
		}
	}
	return more > 0
}
