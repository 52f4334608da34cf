package rule

import (
	"errors"
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
)

// What an expression sees of a document beside its signals.
const (
	fieldSource   = "source"
	fieldPath     = "path"
	fieldMetadata = "metadata"
)

var fieldNames = []string{fieldSource, fieldPath, fieldMetadata}

// functions are those of the language that rules may call. None has a clock, none goes over a map, whose order is another each time, and
// none makes more of a text than it was.
var functions = []string{
	"abs", "all", "any", "count", "find", "first", "hasPrefix", "hasSuffix", "indexOf", "int", "last", "lastIndexOf", "len", "lower", "max", "min",
	"none", "one", "string", "trim", "trimPrefix", "trimSuffix", "type", "upper",
}

// compile makes the program of an expression.
func (c *Condition) compile() error {
	env := types.Map{fieldSource: types.String, fieldPath: types.String, fieldMetadata: types.TypeOf(map[string]any{})}
	for _, s := range c.all {
		env[s.Name] = types.Int
	}
	config := conf.CreateNew()
	options := []expr.Option{expr.Env(env), expr.AsBool(), expr.DisableAllBuiltins()}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	for _, set := range options {
		set(config)
	}
	for name := range config.Disabled {
		delete(config.Builtins, name)
	}
	tree, err := parser.ParseWithConfig(c.Text, config)
	if err != nil {
		return placed(err)
	}
	units := units{all: c.all}
	if units.visit(&tree.Node); units.err != nil {
		return placed(units.err)
	}
	c.Signals, c.Fields = units.asked, units.fields
	if _, err := checker.Check(tree, config); err != nil {
		return placed(err)
	}
	if err := optimizer.Optimize(&tree.Node, config); err != nil {
		return placed(err)
	}
	c.program, err = compiler.Compile(tree, config)
	return placed(err)
}

// placed is an error of the library on one line, with the character that it is about.
func placed(err error) error {
	if at, ok := errors.AsType[*file.Error](err); ok {
		return fmt.Errorf("%s (character %d)", at.Message, at.From+1)
	}
	return err
}
