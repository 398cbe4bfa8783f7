// Package inflate decompresses gzip (RFC 1952) and DEFLATE (RFC 1951) data that is in
// memory as a whole. Use [Gzip]; [Inflater] is the DEFLATE stream within.
//
// CloudTrail objects are small (tens of kilobytes) and there are many, so an object is
// read as a whole and decompressed in chunks into the caller's window, which stays in
// the second-level cache. Both sides have slack behind their ends: that is what lets
// the hot loop load and store whole words without looking at bounds.
//
// It accepts what compress/gzip accepts and rejects what that rejects, member by
// member: checksum and length are verified, incomplete and over-subscribed codes are
// errors. Differential fuzzing against compress/gzip holds it to that.
//
// The decoding loop uses package unsafe. What keeps it within bounds is stated at
// [Inflater.Decode] and checked before the loop runs.
package inflate
