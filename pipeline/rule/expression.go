package rule

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// Document is what an expression sees of a document.
type Document struct {
	ID       string         `expr:"id"`
	Source   string         `expr:"source"`
	Path     string         `expr:"path"`
	Offset   int            `expr:"offset"`
	Chars    int            `expr:"chars"`
	Bytes    int            `expr:"bytes"`
	Version  int            `expr:"version"`
	Metadata map[string]any `expr:"metadata"`
}

// SetMetadata reads the metadata of a document, a JSON object. Whole numbers are integers. With nothing to read there is no field.
func (d *Document) SetMetadata(object []byte) error {
	d.Metadata = nil
	if len(object) == 0 {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(object)))
	decoder.UseNumber()
	if err := decoder.Decode(&d.Metadata); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	for name, value := range d.Metadata {
		d.Metadata[name] = plain(value)
	}
	return nil
}

// plain makes numbers of what JSON calls so.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plain(v[name])
		}
	}
	return value
}

// Expression is a condition on a document, such as
//
//	source == "forum" and path startsWith "2024/" and metadata.author in ["a", "b"]
//
// in the language of expr-lang/expr: a function of the document alone, without a clock. Safe for concurrent use; each goroutine evaluates
// by an Evaluator of its own.
type Expression struct {
	program *vm.Program
	// Metadata says that it asks for metadata, which costs reading them.
	Metadata bool
}

const (
	maxExpression = 64 << 10 // bytes of what is written
	maxMemory     = 100_000  // values that one evaluation may make
)

// withoutClock are the functions of the language whose results differ from one evaluation to the next.
var withoutClock = []string{"now", "date", "duration", "timezone"}

// ParseExpression reads an expression. The error says what is wrong with it, and where.
func ParseExpression(written string) (*Expression, error) {
	if strings.TrimSpace(written) == "" || len(written) > maxExpression {
		return nil, fmt.Errorf("an expression of %d bytes: from 1 to %d are read", len(written), maxExpression)
	}
	options := []expr.Option{expr.Env(Document{}), expr.AsBool()}
	for _, name := range withoutClock {
		options = append(options, expr.DisableBuiltin(name))
	}
	program, err := expr.Compile(written, options...)
	if err != nil {
		return nil, err
	}
	return &Expression{program, strings.Contains(written, "metadata")}, nil
}

// Evaluator evaluates an expression, for one goroutine.
type Evaluator struct {
	e  *Expression
	vm vm.VM
}

// Evaluator returns one.
func (e *Expression) Evaluator() *Evaluator { return &Evaluator{e, vm.VM{MemoryBudget: maxMemory}} }

// Meets says whether a document is as the expression says. An error says why that cannot be told of this document: a field is missing, or
// is something else than what it is compared with.
func (v *Evaluator) Meets(d *Document) (bool, error) {
	out, err := v.vm.Run(v.e.program, d)
	if err != nil {
		return false, err
	}
	met, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("it gives %T, not yes or no", out)
	}
	return met, nil
}
