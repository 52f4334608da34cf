// Package cluster lets many processes do one run: a coordinator that plans and commits, workers that do the tasks, and
// clients that ask for a run or look at it. The work itself is package engine's; here is what they say to each other.
//
// All of it is said in the control plane, a few keys of one corpus with a compare-and-set (queue.Control):
//
//	leader              who coordinates, renewed every few seconds (queue.Lease)
//	run.newest          Record: the newest run and how far it is; only the leader writes it
//	progress            Progress: tasks and documents, for people; only the leader writes it
//	request.start.<id>  Request: a run is wanted; anybody makes it, the leader removes it when the run has ended
//	request.<action>    pause, resume, cancel; likewise
//	ended.<id>          Record of a run that has ended well: asked for again, it is not done again
//	failed.<plan>       a task that no worker can do, from the worker that met it
//	worker.<id>         WorkerStatus, gone when the worker is
//
// Tasks and ledger are in the run's own stream (queue.Run), plan and spills in the store.
//
// # What happens if a coordinator dies
//
// The next one takes the lease and reads the record:
//
//	planning                 it plans; what the dead one planned has the same name if the files are the same
//	running, paused          it loads the plan and goes on: see engine.Site and its coordinator
//	committing               it commits; a version that stands already is found by the digest of its plan
//	anything else            the run had ended; what it left of requests and work is removed
//
// A coordinator that is only thought dead loses its lease, and with it the context it works in. What it had begun by then
// meets a compare-and-set (the state of the run, the record, the manifest) or is done twice with the same bytes.
//
// # What happens if a worker dies
//
// Its tasks come to another one after the queue's ack wait, and its status fades. Nothing else.
package cluster
