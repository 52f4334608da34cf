// Package s3 keeps immutable files in an object store that speaks the protocol of Amazon S3 (Store), and reads input files
// from one (Source). It is the only importer of the client library.
//
// It is not a file system: nothing is renamed, appended to or locked, and what a bucket's owner set up (encryption,
// life cycle, versions) is left to them. It guarantees that an object appears by one PUT, or by the one request that
// completes a multipart upload, so whole or not at all (invariant 2); that an exclusive create has one winner, which is
// tried out before anything relies on it (invariant 6); that an object that is replaced while it is read is an error,
// never a mixture of two; and that memory is bounded by the number of open files. Credentials come from the environment,
// the files of the AWS tools or the machine's role; no message names them.
package s3
