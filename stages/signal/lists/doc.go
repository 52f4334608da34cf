// Package lists are the families of signals that are made of the user's lists: words in texts (NewWords) and domains, prefixes and words in the URLs
// that metadata have (NewURLs). The names of their columns carry the first eight digits of the digest of the list, so signals of two states of a list are
// two signals. The program brings no list.
//
// A list is UTF-8 with an entry a line; white space around it, empty lines, and lines that begin with "# " are none. It is read as a whole, at most 64 MiB of
// it, into an automaton of at most eight million states, some 17 bytes each. Every bad line is told, up to ten of them.
package lists
