// Package ingest is the kind of job that adds what is new of the sources to a corpus: one version a run.
//
//	phase     stages                                a task is              reads, and writes
//	map       parse ─▶ normalize ─▶ dedupe          a split                source bytes; documents, signatures, keys, an account,
//	                                                               and what filters dropped, if it is kept
//	supersede supersede                             a live shard           documents of files that changed or vanished; what is withdrawn
//	settle    settle                                a key partition        keys of all splits, earlier index; edges
//	resolve   resolve                               the run                edges, texts of near pairs; kept bits, verdicts, shards
//	emit      sink ─▶ vocab (and what comes later)  a shard                kept documents, once for all; shards, counts
//	          index                                 a key partition        keys, kept bits; this version's index
//	          cut                                   a shortened shard      its rows; the shard without what is withdrawn
//	          uncount                               likewise, if read      withdrawn texts; their counts
//	merge     merge                                 the run                counts of all shards; vocabulary
//
// chain.go is the chain, made of what the packages of the stages say of them; accounts.go keeps what became of every file.
package ingest
