// Package memory implements pipeline.Queue in the memory of one process. Only tests use it so far: those of whoever works
// over a queue and wants neither a server nor its waits, and those that need a queue which loses things when it is told to.
// It passes pipelinetest.TestQueue like the queue on NATS, and means the same by every word of it.
//
// New makes a run and the queue that one process has of it, Join the queue of another process. A Queue that is closed is a
// process that was killed: its calls end with pipeline.ErrUnreachable, and what it had in its hands comes again, to others,
// when the ack wait is over.
//
// The methods in control.go make happen what happens to a real queue: tasks are lost, delivered twice or late, acks are not
// kept, a stage stands still.
//
// It starts no goroutine, takes time from package time alone, and waits on channels and timers alone: within a bubble of
// testing/synctest an ack wait takes no time. Tasks of a stage come in the order in which they were published, those that
// come again first.
package memory
