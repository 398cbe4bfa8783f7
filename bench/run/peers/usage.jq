# Usage by day, principal, call and resource: prints how many groups and records.
reduce (inputs | .Records[]) as $r ({};
  .[[($r.eventTime // "")[0:10], $r.recipientAccountId, ($r.userIdentity.sessionContext.sessionIssuer.arn // $r.userIdentity.arn),
     $r.awsRegion, $r.eventSource, $r.eventName, $r.errorCode,
     ($r.resources[0].ARN // $r.requestParameters.bucketName? // $r.requestParameters.roleArn?)] | tojson] += 1)
| "\(length) \([.[]] | add)"
