// Package usage holds what was called, by whom, on what, in columnar tables.
//
// A Builder counts Records into calls, the primary table: one row for each
// distinct call of a principal on a day. Merge joins the builders of all workers
// into a Table, in which every event counts once. Usage, coverage and unmapped
// are derived from the calls by the facts (see internal/ingest) and join the
// table; Write stores it as a dataset, Read and ReadParts load it.
//
// # The dataset
//
// A dataset is a folder of Parquet files (zstd) that DuckDB, Athena, Spark and
// pandas read as they are, with dataset.json, which names them and holds the
// totals:
//
//	calls/date=2024-02-26/   one row a call; date=unknown where the time is unreadable
//	args/                    what args_id of a call stands for: leaves, a JSON array of
//	                         [path, value] pairs, [["p.bucketName","b"],["p.key","k"]]
//	context/                 what context_id of a call stands for, one row a key
//	usage/date=2024-02-26/   one row an action on a resource
//	trust/                   who assumed which role
//	deliveries/, coverage/   what the trails delivered, what its records were
//	unmapped/                calls that no fact explains
//	objects/                 what has been read; the only place with other times than events'
//	ids/                     fingerprints of the events that count
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
// many builders saw them. The same table gives the same bytes.
package usage
