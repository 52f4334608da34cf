// Package pii is the family of signals that count personal data by its kind: what package pipeline/text/pii finds. How much a text has of it is all
// that is kept; what it says is not.
package pii
