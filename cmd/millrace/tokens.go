package main

import (
	"github.com/millrace/millrace/pipeline/tokens"
	"github.com/millrace/millrace/sinks/tokens/datatrove"
	"github.com/millrace/millrace/sinks/tokens/litdata"
	"github.com/millrace/millrace/sinks/tokens/mds"
	"github.com/millrace/millrace/sinks/tokens/megatron"
	"github.com/millrace/millrace/sinks/tokens/npy"
	"github.com/millrace/millrace/sinks/tokens/webdataset"
)

// tokenSinks is the table of the formats that a release writes tokens in. A new one is a line here.
func tokenSinks() []*tokens.Format {
	return []*tokens.Format{&megatron.Format, &datatrove.Format, &npy.Format, &mds.Format, &litdata.Format, &webdataset.Format}
}
