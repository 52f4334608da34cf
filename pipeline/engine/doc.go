// Package engine has jobs done: it hands the tasks of a plan to workers through the queue, counts what the ledger says, moves the job from
// phase to phase, and has its kind commit what came of it. It goes by chains and knows neither stages nor versions; it knows kinds of job
// as Kind, the queue as pipeline.Queue but for the embedded one, and bytes as pipeline.Store. It does not touch text.
//
// site.go is the front door: plan, coordinate, work, commit; local.go takes all four steps in one process. coordinator.go moves a job on,
// worker.go is the loop that does one task after another, hand.go says what does them, carry.go takes a task through several steps.
package engine
