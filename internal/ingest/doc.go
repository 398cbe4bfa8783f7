// Package ingest joins the packages of the pipeline: Run takes log objects from
// their sources through decoders and builders to a usage table, Resolve turns
// the calls of a table into uses by the facts, and Account tells where every
// record went.
//
// No number of workers and no order of objects changes a table.
package ingest
