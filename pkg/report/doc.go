// Package report holds the wire structs of a run and renders them: as text for a
// terminal, as JSON, as JSON lines of principals, and as one HTML file. The wire
// structs are versioned; every renderer works from them alone, so that a recorded
// run can be rendered again.
package report
