// Package live is the page that a process shows in a browser while it works: how far the run is, who works on it, what was given up,
// which versions there are and when the next run begins. It knows no corpus and no cluster: who serves it gives it functions that look.
//
// # What it shows, and to whom
//
// The page is three files that are embedded, and JSON. Names, paths and errors reach the browser as JSON alone and the document as text
// nodes alone, so nothing of them is ever read as HTML. A Content-Security-Policy without inline scripts stands behind that.
//
// It answers under the addresses and names that it was told of, and under no other: a name that somebody else's DNS points at this
// machine (DNS rebinding) is refused with status 421. Data are refused to pages of other sites by what the browser says of itself
// (Sec-Fetch-Site, Origin).
//
// Reasons of dead letters may quote what they could not read. Unless Options.ShowText is set, what stands in quotes is left out, and of a
// reason of several lines all but the first.
//
// # Cost
//
// One goroutine takes a picture a second for all browsers, while there is one; nobody looking costs nothing. A picture is sent if it is
// another than the last. Lists that grow with the nights are kept as short rows, are read again when the picture says that they have
// changed, and are handed out in pages. A browser that does not read is dropped, and of more than 64 at once the rest gets status 503.
//
// # Control
//
// Without Options.Control nothing can be changed. With it a POST of JSON with the token does what the command of that name does.
// Tokens are compared in constant time; after ten wrong ones from an address it has to wait, also with the right one.
//
// There is no state that a crash could damage: what was asked for is kept by who does it, and the token by who serves the page.
package live
