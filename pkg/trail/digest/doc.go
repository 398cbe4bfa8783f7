// Package digest reads the digest files that CloudTrail delivers beside its logs when
// log file validation is on, and verifies them without a network.
//
// Each hour a trail delivers, for each account and region, one digest file: it lists
// the log files of that hour with their hashes, also when there were none. So digests
// tell an hour in which nothing happened from one whose logs are lost.
//
//	content, err := digest.Unpack(stored) // gzip, zstd or plain
//	d, err := digest.Parse(content)
//	for _, f := range d.Logs {
//		use(digest.Base(f.Object), f.Hash) // SHA-256 of the log file, decompressed
//	}
//
// The signature of a digest stands in the metadata of its S3 object, which a copy on
// disk lacks, and in the digest that follows it. A [Chain] joins digests and so verifies
// all but the last of each chain, with the [Keys] that the user got by
// `aws cloudtrail list-public-keys`:
//
//	c := digest.NewChain(keys)
//	for _, d := range digests {
//		c.Add(d.Link())
//	}
//	for _, j := range c.Judge() { … }
//
// Content is hostile: sizes, counts and spans are bounded ([MaxContent], [MaxLogs],
// [MaxSpan]), and member names are compared exactly, the last of equal ones taken, as
// AWS's own tools have it. Without keys a digest proves no more than that its file is
// there; with them, that CloudTrail wrote it.
//
// Sources, read 2026-11: AWS CloudTrail user guide, "CloudTrail digest file structure"
// and "Custom implementations of CloudTrail log file integrity validation"; the behaviour
// of `aws cloudtrail validate-logs` where the guide leaves something open (a digest
// without predecessor signs the word "null"; backfill digests).
package digest
