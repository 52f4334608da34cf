// Package croissant writes the description of a dataset that machines read: Croissant 1.0, which is JSON-LD. It knows files and tables, and nothing
// of what made them. The same description is the same bytes.
package croissant
