package main

import (
	"slices"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline/jobs/release/recipe"
)

// A file is known for a recipe by its keys, so no config has one of them.
func TestKeysOfRecipesAreTheirOwn(t *testing.T) {
	for _, key := range recipe.Keys() {
		if slices.Contains(config.Keys(), key) {
			t.Errorf("configs have the key %s too", key)
		}
	}
}
