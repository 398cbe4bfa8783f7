// Package trail reads CloudTrail log objects: sources list them, a pull decoder
// turns them into events.
//
// A [Source] (from [Open]: a directory, a file, a glob or stdin) lists [Object]s in
// key order; a [Decoder] reads one object after the other:
//
//	d := trail.NewDecoder(trail.Limits{})
//	err := src.List(ctx, func(o trail.Object) error {
//		if o.Kind != trail.KindLog {
//			return nil // count it by kind
//		}
//		r, err := src.Open(ctx, o)
//		if err != nil {
//			return err
//		}
//		defer r.Close()
//		d.Reset(r)
//		for d.Next() {
//			use(d.Event()) // lent until the next call
//		}
//		return d.Err()
//	})
//
// The decoder tells compression (gzip, zstd, none) and form by content, never by
// name: {"Records":[…]}, a bare array, a stream of values (ndjson), a single record,
// lookup-events output, EventBridge envelopes, what CloudWatch Logs writes (exports to
// S3, subscription data, filter-log-events, Insights results), results of CloudTrail
// Lake with the column eventJson, and any of these inside JSON strings. Parquet files of
// Security Lake are read by package ocsf. Member names are compared exactly, as AWS
// writes them; of equal names in one object the last one wins, as AWS's own
// consumers have it. Decompressed, one record is held at a time, not the object; a
// gzip object of up to 32 MiB is held as it is stored, and larger ones are streamed.
//
// The package knows nothing of IAM; of this module it imports internal/inflate alone.
package trail
