// Package ocsf reads CloudTrail events from the Parquet files of Amazon Security Lake.
//
// [NewReader] turns such a file back into the records that it was made of, one JSON
// object a line, which a [trail.Decoder] reads like any other log:
//
//	r, err := ocsf.NewReader(file, size, trail.Limits{})
//	if err != nil {
//		return err
//	}
//	for d.Reset(r); d.Next(); {
//		use(d.Event())
//	}
//
// A file is told by [Magic]. It is read by what its columns are called, in any layout
// that Parquet's writers have for lists and maps; one row at a time, with one page of
// each column in memory. Of the schemas it knows those of Security Lake's sources
// CLOUD_TRAIL_MGMT, S3_DATA and LAMBDA_EXECUTION: OCSF 1.0.0-rc.2 (source version 1) and
// 1.1.0 (source version 2), as AWS publishes them in
// https://github.com/ocsf/examples/tree/main/mappings/markdown/AWS. Rows whose
// metadata.product.name is not CloudTrail's, such as those of EKS_AUDIT, are no records.
//
// # What is lost
//
// Version 1.1 keeps requestParameters and responseElements as they were. Of the rest,
// and of these in version 1.0, what has no column stands in the map unmapped, by paths
// such as "requestParameters.subnets[]", and this package puts it back. What that cannot
// tell:
//
//   - Empty objects, empty lists and nulls are gone. "requestParameters": {} is as if
//     it were null. (BatchGetItem then lacks tables of which no items are shown.)
//   - Elements of a list are joined by commas. Those in front of a space, and in a list
//     of ARNs those not in front of an ARN, are taken to be part of an element. Another
//     comma in an element makes two of it: in version 1.0 a resource that is named in a
//     list by a name with a comma becomes two others.
//   - Which texts of a list of objects belong to one object is only known by their order:
//     where members are missing in some, texts move to another object. Lists in lists
//     are taken to be all in the first element. tighten reads no pairs out of lists but
//     session tags.
//   - Numbers became texts. They are read as texts, since account ids look the same;
//     decimals of additionalEventData, times with decimals and numbers with an exponent
//     are numbers again. A call of version 1.0 may have a quantity as an argument.
//   - Dots in the name of a member look like members in one another.
//   - Version 1.0 takes the role and session name out of AssumeRole*, and the user or
//     role out of IAM's calls of class Account Change. They are put back, as roleArn and
//     roleSessionName, and as roleName where the operation has "Role" in its name,
//     userName elsewhere.
//   - IAM Identity Center: userIdentity.credentialId, onBehalfOf.userId and
//     additionalEventData.UserName share columns with others; they go back to where a
//     user of type IdentityCenterUser has them, the last one as userName.
//   - requestID, apiVersion and the time of the session are not put back.
//
// So uses are the same from both versions, except where one of the first two points
// applies.
//
// # Hostile files
//
// Nothing is allocated by what a file claims. trail.Limits bound it: MaxRecord a page
// and a row, MaxObject and MaxRatio what is decompressed and what the records amount
// to. Past a bound, and where a file contradicts itself, Read fails; the records before
// it stand.
package ocsf
