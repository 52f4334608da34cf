package rule

// Figure is what was measured of a text: a share is Part of All, a count is Part, and its All is 1. Neither is negative. Of nothing
// every part is 0.
type Figure struct{ Part, All int64 }
