// Package queue implements pipeline.Queue on NATS JetStream, and starts a NATS server inside the process. It is the only
// importer of nats.go and nats-server.
//
// A run is one Limits stream, RUN_<run>, with one message per thing that happened, each on a subject of its own:
//
//	millrace.<run>.task.<stage>.<key>      a task, published once; .r<round> behind it for one that the queue lost,
//	                                       .v<sequence> for one whose entry was taken back
//	millrace.<run>.done.<stage>.<key>      its ledger entry
//	millrace.<run>.att.<stage>.<key>       how often work on it has begun
//	millrace.<run>.state                   the coordinator's state
//
// and one durable pull consumer per stage on the stage's tasks. Every publish is a compare-and-set on the last sequence of
// its subject, which holds across restarts. Nothing else of NATS is trusted: not message ids (their window is in memory),
// not acks (flushed later), not delivery counts. So it guarantees that an entry is recorded once, that attempts count up
// and that a replaced coordinator is fenced off; it does not guarantee that a task is delivered once, or at all after a
// power loss. The ledger counts, and what is missing is published again (invariant 4).
//
// It knows nothing of files, plans or what a task does. The store folder of the embedded server can always be thrown away:
// what it held is rebuilt by running again.
package queue
