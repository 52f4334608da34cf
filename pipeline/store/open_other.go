//go:build !linux

package store

import (
	"os"

	"github.com/millrace/millrace/pipeline"
)

// quick opens files by one call of the system where there is such a call.
type quick struct{}

func openQuick(*os.Root) *quick { return nil }

func (*quick) close() error { return nil }

func (*confined) quickly(*pipeline.SourceFile) pipeline.Object { return nil }
