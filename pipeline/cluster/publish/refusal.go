package publish

import "millrace/pipeline"

// Refusal is a file that was not published.
type Refusal struct {
	Path   string `json:"path"`
	Reason string `json:"reason"` // see Says
}

// says is what the reasons mean.
var says = map[string]string{
	pipeline.ReasonOutside:    "it lies, or a link leads, outside of the source",
	pipeline.ReasonLink:       "a link to a folder is not followed",
	pipeline.ReasonSpecial:    "it is no regular file",
	pipeline.ReasonMissing:    "it is not there",
	pipeline.ReasonUnreadable: "it cannot be read, or its name is not UTF-8",
	pipeline.ReasonChanged:    "it changes while it is read",
}

// Says is the reason of a refusal in words.
func Says(reason string) string { return says[reason] }
