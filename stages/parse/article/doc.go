// Package article takes the article out of a web page.
package article
