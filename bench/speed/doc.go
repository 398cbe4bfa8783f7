// Package speed makes archives for measuring throughput. Use [Write] with
// [Large], [Tiny] or [Quick].
//
// Package workload invents archives that mean something, with the truth about
// them; it makes them slowly, one day after the other, and they compress better
// than real logs. The archives here mean nothing, but they weigh what real ones
// weigh: bytes a record, compression, sizes of objects from a few records to tens
// of megabytes, distinct permissions a record. [Stats] says how much.
//
// The same Config gives the same JSON on any machine, in any number of workers.
// The bytes of the gzip files also depend on the version of Go: they are made by
// compress/gzip, level 6, whose streams are like those of zlib, which AWS's are.
package speed
