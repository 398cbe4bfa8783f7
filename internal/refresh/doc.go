// Package refresh keeps facts up to date: it reads AWS's service reference and
// merges it into the embedded facts, in one file of the user's cache directory.
//
// An update is all or nothing. Whatever is wrong with one file of the reference
// stops it with the reason, and the cache stays as it was. Two updates at a time
// wait for each other; a reader always finds a whole file.
package refresh
