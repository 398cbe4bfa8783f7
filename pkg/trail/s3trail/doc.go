// Package s3trail reads log objects from S3, and from servers that speak its protocol.
// It is the one home of the S3 client.
//
// New makes a trail.Source of a bucket, or of a folder in it. Its list follows the
// layout in which CloudTrail delivers, wherever in the bucket that begins, so that
// days, accounts and regions that a caller does not ask for are never listed; what
// lies outside that layout is listed as it is. Its Open fetches an object into
// memory, again where that is interrupted, and fails if the object is no longer the
// one that was listed.
package s3trail
