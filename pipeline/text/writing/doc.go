// Package writing knows what a text is written in: how many of its code points are of which script, and whether its Chinese is simplified or
// traditional. It asks no model and knows no language; it imports nothing of ours.
//
// Everything here is safe for concurrent use. Tables are made once, at their first use. They follow the Unicode version of the standard
// library and the embedded lists, so a change of either is a new code version (invariant 1).
package writing
