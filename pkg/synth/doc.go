// Package synth proposes the smallest policies that still allow what was seen.
//
// [Propose] takes the usage dataset, the account snapshot and the facts, and
// returns one [Proposal] per attached policy document: the document narrowed
// statement by statement, with a [Entry] of evidence for every permission that
// was kept, narrowed or removed. [Check] proves a proposal from its printed
// bytes alone: that it allows every request that was seen (covers), and nothing
// that the attached document does not (subset). Check uses nothing of Propose;
// the requests are handed to it.
//
// A permission has one of three fates. Used: kept, on the resources seen.
// Unused, and the logs would have shown it: removed. Not visible: kept with the
// attached resources, unless last-accessed data decides. Doubt never grants and
// never removes.
package synth
