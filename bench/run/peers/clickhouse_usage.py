"""ClickHouse (chdb): usage by day, principal, call and resource. Nothing is deduplicated."""
import sys

import chdb

logs, out = sys.argv[1:3]
chdb.query(f"""
SELECT substring(r.eventTime, 1, 10) AS day, r.recipientAccountId AS account,
  if(r.userIdentity.sessionContext.sessionIssuer.arn != '', r.userIdentity.sessionContext.sessionIssuer.arn, r.userIdentity.arn) AS principal,
  r.awsRegion AS region, r.eventSource AS source, r.eventName AS name, r.errorCode AS error,
  multiIf(r.resources[1].ARN != '', r.resources[1].ARN, r.requestParameters.bucketName != '', r.requestParameters.bucketName, r.requestParameters.roleArn) AS resource,
  count() AS events, min(r.eventTime) AS first, max(r.eventTime) AS last
FROM file('{logs}/**/*.json.gz', 'JSONEachRow', 'Records Array(Tuple(
  eventTime String, eventSource String, eventName String, awsRegion String, errorCode String, recipientAccountId String,
  userIdentity Tuple(arn String, sessionContext Tuple(sessionIssuer Tuple(arn String))),
  requestParameters Tuple(bucketName String, roleArn String), resources Array(Tuple(ARN String))))')
ARRAY JOIN Records AS r
GROUP BY ALL
INTO OUTFILE '{out}' TRUNCATE FORMAT Parquet
SETTINGS max_threads=2, input_format_skip_unknown_fields=1, input_format_json_ignore_unknown_keys_in_named_tuple=1,
  input_format_json_defaults_for_missing_elements_in_named_tuple=1, input_format_null_as_default=1""")
print(*str(chdb.query(f"SELECT count(), sum(events) FROM file('{out}')")).strip().split(","))
