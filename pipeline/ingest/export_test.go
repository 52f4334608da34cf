package ingest

// What the tests of this folder see of the inside.
type (
	Body  = body
	Local = local
)
