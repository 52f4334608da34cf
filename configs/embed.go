// Package configs is the example of each kind of file of settings, for the program: what it says of settings is said there, and nowhere else.
package configs

import _ "embed" // the files

// Example has every setting with its default, and what it is for.
//
//go:embed example.yaml
var Example []byte

// Release is a recipe with every key.
//
//go:embed release.yaml
var Release []byte
