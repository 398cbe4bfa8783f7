// Package usage holds what was called, by whom, on what, in columnar tables.
//
// A Builder counts Records into calls, the primary table: one row for each
// distinct call of a principal on a day. Gather joins the builders of all workers
// into a Batch, in which every event counts once, and Dataset.Extend adds it to a
// dataset: days that it has rows of are read back, merged, resolved by the facts (see
// internal/ingest) and replaced, all at once. Read and ReadParts load a Table, Merge
// and Write make one in memory and store it.
//
//	d, err := usage.Open(root)
//	ledger, err := d.Ledger(filter, nil, nil) // what need not be read again
//	err = d.Extend(ctx, usage.Gather(builders...), derive)
//
// # The dataset
//
// A dataset is a folder of Parquet files (zstd) that DuckDB, Athena, Spark and
// pandas read as they are, with dataset.json, which names them and holds the
// totals. Tables lie by day, date=unknown where a time is unreadable, each in one
// file that is named by its content:
//
//	calls/date=2024-02-26/   one row a call
//	args/                    what args_id of a call stands for: leaves, a JSON array of
//	                         [path, value] pairs, [["p.bucketName","b"],["p.key","k"]]
//	context/                 what context_id of a call stands for, one row a key
//	usage/                   one row an action on a resource
//	trust/                   who assumed which role
//	coverage/, unmapped/     what the records were, and calls that no fact explains
//	ids/                     fingerprints of the events that count, with the row of each
//	objects/, deliveries/    by day of delivery: the ledger of what has been read, and its sums
//	digests/, listed/, chains/  by day: what CloudTrail's digest files say
//
// An args_id is the start of the SHA-256 of its leaves. Paths begin with p (of
// requestParameters), r (responseElements), s (resources) or a (additionalEventData); a
// value is "" where only that it was there counts. In DuckDB:
//
//	SELECT args_id, leaf->>0 AS path, leaf->>1 AS value
//	FROM (SELECT args_id, unnest(leaves::JSON::JSON[]) AS leaf FROM 'args/*/*.parquet')
//
// Names of columns and folders are stable within a format version. What a
// dataset holds depends on the records alone: not on their order, nor on how
// many builders or scans saw them, nor on how much memory there was. The same
// records give the same bytes; only objects/ has times other than events'.
//
// # Memory
//
// A Spool takes what builders have no room for. A day that does not fit in memory is
// made in parts, by ranges of fingerprints, so that all copies of an event are in one
// part; sorted runs of the parts are then merged.
package usage
