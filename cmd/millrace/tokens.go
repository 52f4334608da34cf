package main

import (
	"millrace/pipeline/tokens"
	"millrace/sinks/tokens/datatrove"
	"millrace/sinks/tokens/litdata"
	"millrace/sinks/tokens/mds"
	"millrace/sinks/tokens/megatron"
	"millrace/sinks/tokens/npy"
	"millrace/sinks/tokens/webdataset"
)

// tokenSinks is the table of the formats that a release writes tokens in. A new one is a line here.
func tokenSinks() []*tokens.Format {
	return []*tokens.Format{&megatron.Format, &datatrove.Format, &npy.Format, &mds.Format, &litdata.Format, &webdataset.Format}
}
