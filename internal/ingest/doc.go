// Package ingest joins the packages of the pipeline: Run takes log objects from
// their sources through decoders and builders to batches, which a usage.Dataset takes
// in; Derive says how that turns calls into uses by the facts (Resolve does it to a
// table in memory), and Account tells where every record went. Run also reads digests.
//
// No number of workers, no order of objects, and no number of batches changes what a
// dataset holds.
package ingest
