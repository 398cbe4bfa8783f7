package s3trail

import (
	"fmt"
	"strings"
)

const scheme = "s3://"

// Location names what is read: a bucket, or an object or folder in it.
type Location struct {
	Bucket string
	Prefix string // a key, or a folder with or without its last slash; "" is the whole bucket
}

// IsLocation reports whether an argument is meant to name something in S3.
func IsLocation(arg string) bool {
	return len(arg) >= len(scheme) && strings.EqualFold(arg[:len(scheme)], scheme)
}

// ParseLocation reads s3://BUCKET or s3://BUCKET/PREFIX. The prefix is taken as it is:
// nothing in it is decoded or cleaned, since keys may hold any character.
func ParseLocation(arg string) (Location, error) {
	if !IsLocation(arg) {
		return Location{}, fmt.Errorf("%q is no S3 location: want s3://BUCKET/PREFIX", arg)
	}
	bucket, prefix, _ := strings.Cut(arg[len(scheme):], "/")
	if !isBucket(bucket) {
		return Location{}, fmt.Errorf("%q names no bucket: want s3://BUCKET/PREFIX", arg)
	}
	if len(prefix) > maxKey {
		return Location{}, fmt.Errorf("the prefix of s3://%s/… has %d bytes: keys have at most %d", bucket, len(prefix), maxKey)
	}
	return Location{bucket, prefix}, nil
}

// String is the location as ParseLocation reads it.
func (l Location) String() string { return scheme + l.Bucket + "/" + l.Prefix }

// Holds reports whether all of the other location is part of this one.
func (l Location) Holds(other Location) bool {
	if l.Bucket != other.Bucket {
		return false
	}
	folder := l.Prefix
	if folder != "" && !strings.HasSuffix(folder, "/") {
		folder += "/"
	}
	return l.Prefix == other.Prefix || strings.HasPrefix(other.Prefix, folder)
}

// maxKey is the length of the longest key, in bytes.
const maxKey = 1024

// isBucket accepts what bucket names and access point aliases are made of; whether
// there is such a bucket, the server tells. Old buckets have capitals and underscores.
func isBucket(s string) bool {
	if len(s) < 3 || len(s) > 255 || strings.Contains(s, "..") || s[0] == '.' {
		return false
	}
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
