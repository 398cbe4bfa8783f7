// Package report holds the wire structs of a run and renders them. Start with
// [Text] for a terminal, [HTML] for a browser, [JSON] and [Principals] for
// programs, and [ExplainText] for the evidence behind a proposal.
//
// Every renderer works from the wire structs alone, so that a run which [ReadRun]
// reads back renders as it did. The structs are versioned, see [Version]; the texts
// for people may change at any time.
//
// What a run says comes from logs and policies that others wrote. Nothing of it
// reaches a terminal or a page but through [Clean]; html/template escapes it for
// the page besides, and JSON has what could steer a terminal in its own escapes.
package report
