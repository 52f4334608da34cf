// Package web is what the metadata of a document say of the page that it comes from: its URL, and the site that this is of. It looks at the bytes
// of the metadata and decodes nothing else of them.
package web
