// Package verify recomputes from the files of a corpus everything that its manifests say, and names what is not so.
//
// It changes nothing, and asks nothing of the run that made a version: the files and the manifests alone are held against each
// other. What it finds wrong is in its report, all of it; an error that is not corpus.ErrDamaged says that it could not look.
package verify
