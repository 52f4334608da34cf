// Package monitor shows how far a run is: a live display on a terminal, a log line every few seconds without one;
// and over HTTP, for those who watch many machines, whatever its caller gives it to show.
//
// It is a reader of status only. The engine counts into a Tracker, a Display reads it; nothing here decides anything, and
// a run whose display fails goes on. It shows batches, tasks and rates, never a single document.
package monitor
