package intake

// What a planner does, as people are told: see pipeline.Planning.
const (
	// StepParent is told by who reads the state of the corpus before it plans.
	StepParent = "reading what the corpus holds"

	stepFind    = "finding files"
	stepKnown   = "looking for what is known"
	stepSettle  = "waiting for files that are being written"
	stepCompare = "comparing contents"
	stepDetect  = "detecting formats"
	stepCut     = "cutting files and members of archives"
	stepSize    = "estimating sizes"
)
