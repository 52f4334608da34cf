// Package web measures what the program takes for the article of a web page, and for the day of its publication, beside other
// tools. English pages with their right texts are those of a public benchmark. Chinese pages are fixtures of public
// repositories, fetched at pinned commits; a table says which element of each site's pages holds the article, and what lies in
// it that is none. A part of the Chinese sites is held out: rules are made
// without their pages in sight.
package web
