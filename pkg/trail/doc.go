// Package trail reads CloudTrail log objects: sources list them, a pull decoder
// turns them into events.
package trail
