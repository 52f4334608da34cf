// Package text holds the character tables that several stages use: classes, folds and scripts. It imports nothing of ours.
package text
