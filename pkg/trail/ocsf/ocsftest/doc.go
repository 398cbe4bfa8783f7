// Package ocsftest writes CloudTrail records the way Security Lake does, so that tests
// have Parquet files of OCSF without any of AWS's.
//
// The mapping is the one that AWS publishes in
// https://github.com/ocsf/examples/tree/main/mappings/markdown/AWS (v1.0.0-rc.2 and
// v1.1.0, CloudTrail), with what can be seen in the samples of
// https://github.com/aws-samples/amazon-security-lake-ocsf-validation: what has no
// column is flattened into unmapped, lists joined by commas.
package ocsftest
