// Package signal is the setting signals, and what measures the documents of a run by it. A family of signals is a package below this one;
// which there are is a table in cmd/millrace, and those that somebody asked for come to this package, and to others, as values of
// pipeline/signal.
package signal
