// Package iam holds AWS policy documents and decides questions about them.
//
// Parse reads a document without losing anything, Format prints it again, also
// after statements were changed. Compile prepares documents for evaluation:
// Set.Decide and Set.Matches answer for an identity policy set alone, Evaluate
// for all layers that bear on a request. Includes proves that one set of
// documents allows nothing that another does not, whichever statements it takes
// together, or finds a request that shows otherwise; MatchAction and MatchResource compare single patterns.
//
// Permissiveness counts what documents let through, as a logarithm; Compact writes
// a list of actions as the fewest or shortest patterns that add none.
//
// Answers are three-valued. A key of the request's context may be unknown, and
// AWS has described the matching of colons in ARN patterns in three ways: narrow
// (six segments, each matched apart), tail (a * that ends one of the first five
// segments may cross ':') and wide (the whole string is one glob). Allowed and
// Denied mean that every completion of the context and every reading agree;
// anything else is Unknown. A proof of Includes holds under each reading. A
// comparison with principals takes callers without a permissions boundary.
//
// Input may be hostile. Parse refuses documents of more than 1 MiB, 65,536 values
// or 64 levels and takes time in proportion to the text, as Compile, Format and
// Clone do. A decision takes, at worst, time in proportion to the text of the
// policies times that of the request. Includes stops at a budget of work and is
// Undecided then: at its default below 2 s and 256 MB on the largest documents
// that Parse accepts; MatchAction, MatchResource and ConditionsImply answer no.
// The package does no I/O, keeps no state and reads no clock.
package iam
