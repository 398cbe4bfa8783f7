package family

// expert is the document that somebody would write who knows the workload well:
// it allows all that the job will do, and what it leaves open beyond that is what
// no policy by names can close. Its excess is the floor for the synthesis.
func expert(job string) string {
	const head, tail = `{"Version":"2012-10-17","Statement":[`, `]}`
	return head + experts()[job] + tail
}

// experts are the statements by the role's name. They cover visible actions; what
// the logs do not show has no part in the measure.
func experts() map[string]string {
	return map[string]string{
		"lake-load": `
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::example-raw-events/clicks/*","arn:aws:s3:::example-raw-events/sensors/*","arn:aws:s3:::example-lake/silver/_temporary/*","arn:aws:s3:::example-lake/gold/daily/*"]},
		 {"Effect":"Allow","Action":"s3:ListBucket","Resource":["arn:aws:s3:::example-raw-events","arn:aws:s3:::example-lake"]},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":["arn:aws:s3:::example-lake/silver/*","arn:aws:s3:::example-lake/gold/*"]},
		 {"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::example-lake/silver/_temporary/*"},
		 {"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"arn:aws:kms:{region}:{account}:key/aaaaaaaa-1111-4aaa-8aaa-000000000001"},
		 {"Effect":"Allow","Action":["glue:GetDatabase","glue:GetTable","glue:BatchCreatePartition"],"Resource":["arn:aws:glue:{region}:{account}:catalog","arn:aws:glue:{region}:{account}:database/lake","arn:aws:glue:{region}:{account}:table/lake/*"]},
		 {"Effect":"Allow","Action":"logs:CreateLogStream","Resource":"arn:aws:logs:{region}:{account}:log-group:/aws-glue/jobs/output:log-stream:*"}`,
		"tenant-api": `
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::example-saas-files/tenants/*/profile.json"},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-saas-files/tenants/*/uploads/*"},
		 {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::example-saas-files"},
		 {"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:UpdateItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:{region}:{account}:table/tenant-*"},
		 {"Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage","sqs:DeleteMessage"],"Resource":"arn:aws:sqs:{region}:{account}:jobs-*"},
		 {"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:{region}:{account}:secret:tenants/*"}`,
		"tenant-provisioner": `
		 {"Effect":"Allow","Action":["dynamodb:CreateTable","dynamodb:DescribeTable"],"Resource":"arn:aws:dynamodb:{region}:{account}:table/tenant-*"},
		 {"Effect":"Allow","Action":"sqs:CreateQueue","Resource":"arn:aws:sqs:{region}:{account}:jobs-*"},
		 {"Effect":"Allow","Action":"secretsmanager:CreateSecret","Resource":"arn:aws:secretsmanager:{region}:{account}:secret:tenants/*"},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-saas-files/tenants/*/profile.json"}`,
		"ci-runner": `
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::example-artifacts/cache/orders/*","arn:aws:s3:::example-artifacts/builds/orders/*"]},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":["arn:aws:s3:::example-artifacts/builds/orders/*","arn:aws:s3:::example-artifacts/commits/*","arn:aws:s3:::example-artifacts/branches/*"]},
		 {"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"},
		 {"Effect":"Allow","Action":["ecr:BatchCheckLayerAvailability","ecr:InitiateLayerUpload","ecr:UploadLayerPart","ecr:CompleteLayerUpload","ecr:PutImage"],"Resource":"arn:aws:ecr:{region}:{account}:repository/orders/api"},
		 {"Effect":"Allow","Action":"ecs:RegisterTaskDefinition","Resource":"arn:aws:ecs:{region}:{account}:task-definition/orders:*"},
		 {"Effect":"Allow","Action":["ecs:UpdateService","ecs:DescribeServices"],"Resource":"arn:aws:ecs:{region}:{account}:service/prod/orders"},
		 {"Effect":"Allow","Action":["lambda:UpdateFunctionCode","lambda:PublishVersion","lambda:UpdateAlias"],"Resource":"arn:aws:lambda:{region}:{account}:function:orders-events"},
		 {"Effect":"Allow","Action":["cloudformation:CreateChangeSet","cloudformation:DescribeStacks","cloudformation:ExecuteChangeSet"],"Resource":"arn:aws:cloudformation:{region}:{account}:stack/orders-infra/*"},
		 {"Effect":"Allow","Action":"iam:PassRole","Resource":["arn:aws:iam::{account}:role/app/orders-task","arn:aws:iam::{account}:role/app/orders-execution"]},
		 {"Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParametersByPath"],"Resource":["arn:aws:ssm:{region}:{account}:parameter/ci/orders","arn:aws:ssm:{region}:{account}:parameter/ci/orders/*"]}`,
		"shop-api": `
		 {"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:UpdateItem"],"Resource":"arn:aws:dynamodb:{region}:{account}:table/shop-carts"},
		 {"Effect":"Allow","Action":"dynamodb:Query","Resource":"arn:aws:dynamodb:{region}:{account}:table/shop-orders/index/by-customer"},
		 {"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:{region}:{account}:table/shop-orders"},
		 {"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:{region}:{account}:table/shop-products"},
		 {"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:{region}:{account}:shop-order-placed"},
		 {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:{region}:{account}:shop-orders"},
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::example-shop-media/products/*"},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-shop-media/avatars/*"},
		 {"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:{region}:{account}:function:price-quote:live"},
		 {"Effect":"Allow","Action":"logs:CreateLogStream","Resource":"arn:aws:logs:{region}:{account}:log-group:/ecs/shop-api:log-stream:*"},
		 {"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:{region}:{account}:secret:shop/database-*"},
		 {"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:{region}:{account}:key/bbbbbbbb-1111-4bbb-8bbb-000000000001"}`,
		"on-call": `
		 {"Effect":"Allow","Action":["ec2:DescribeInstances","ec2:DescribeInstanceStatus","ec2:DescribeVolumes","cloudwatch:DescribeAlarms"],"Resource":"*"},
		 {"Effect":"Allow","Action":"logs:FilterLogEvents","Resource":["arn:aws:logs:{region}:{account}:log-group:/ecs/shop-api","arn:aws:logs:{region}:{account}:log-group:/aws/lambda/orders-events","arn:aws:logs:{region}:{account}:log-group:/ec2/syslog"]},
		 {"Effect":"Allow","Action":["ec2:RebootInstances","ec2:StopInstances","ec2:StartInstances","ssm:SendCommand","ssm:StartSession"],"Resource":"arn:aws:ec2:{region}:{account}:instance/*"},
		 {"Effect":"Allow","Action":["ec2:CreateSnapshot"],"Resource":["arn:aws:ec2:{region}:{account}:volume/*","arn:aws:ec2:{region}::snapshot/*"]},
		 {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:{region}::snapshot/*"},
		 {"Effect":"Allow","Action":["ssm:SendCommand","ssm:StartSession"],"Resource":["arn:aws:ssm:{region}::document/AWS-RunShellScript","arn:aws:ssm:{region}::document/AWS-StartPortForwardingSession"]},
		 {"Effect":"Allow","Action":"ssm:TerminateSession","Resource":"arn:aws:ssm:{region}:{account}:session/*"}`,
		"training-starter": `
		 {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob","sagemaker:DescribeTrainingJob"],"Resource":["arn:aws:sagemaker:{region}:{account}:training-job/churn-*","arn:aws:sagemaker:{region}:{account}:training-job/ranking-*","arn:aws:sagemaker:{region}:{account}:training-job/fraud-score-*"]},
		 {"Effect":"Allow","Action":"sagemaker:CreateModel","Resource":"arn:aws:sagemaker:{region}:{account}:model/churn-*"},
		 {"Effect":"Allow","Action":["sagemaker:CreateEndpointConfig","sagemaker:UpdateEndpoint"],"Resource":"arn:aws:sagemaker:{region}:{account}:endpoint-config/churn-*"},
		 {"Effect":"Allow","Action":"sagemaker:UpdateEndpoint","Resource":"arn:aws:sagemaker:{region}:{account}:endpoint/churn"},
		 {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{account}:role/ml/training-run"},
		 {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::example-ml-datasets"},
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::example-ml-datasets/*/manifest.json","arn:aws:s3:::example-ml-models/*/output/model.tar.gz"]},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-ml-models/evaluations/*"}`,
		"backup-runner": `
		 {"Effect":"Allow","Action":["ec2:DescribeVolumes","ec2:DescribeSnapshots"],"Resource":"*"},
		 {"Effect":"Allow","Action":"ec2:CreateSnapshot","Resource":["arn:aws:ec2:{region}:{account}:volume/*","arn:aws:ec2:{region}::snapshot/*"]},
		 {"Effect":"Allow","Action":["ec2:CreateTags","ec2:DeleteSnapshot"],"Resource":"arn:aws:ec2:{region}::snapshot/*"},
		 {"Effect":"Allow","Action":["rds:CreateDBSnapshot","rds:DeleteDBSnapshot"],"Resource":["arn:aws:rds:{region}:{account}:snapshot:orders-2*","arn:aws:rds:{region}:{account}:snapshot:customers-2*","arn:aws:rds:{region}:{account}:snapshot:warehouse-2*"]},
		 {"Effect":"Allow","Action":"rds:CreateDBSnapshot","Resource":["arn:aws:rds:{region}:{account}:db:orders","arn:aws:rds:{region}:{account}:db:customers","arn:aws:rds:{region}:{account}:db:warehouse"]},
		 {"Effect":"Allow","Action":"rds:CopyDBSnapshot","Resource":"arn:aws:rds:{region}:{account}:snapshot:orders-*"},
		 {"Effect":"Allow","Action":["backup:StartBackupJob","backup:ListRecoveryPointsByBackupVault"],"Resource":"arn:aws:backup:{region}:{account}:backup-vault:nightly"},
		 {"Effect":"Allow","Action":["backup:DescribeRecoveryPoint","backup:DeleteRecoveryPoint"],"Resource":"arn:aws:backup:{region}:{account}:recovery-point:*"},
		 {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{account}:role/backup/backup-service"}`,
		"release-bot": `
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::example-releases/edge/*"},
		 {"Effect":"Allow","Action":["cloudformation:CreateStack","cloudformation:DescribeStacks","cloudformation:DeleteStack"],"Resource":"arn:aws:cloudformation:{region}:{account}:stack/edge-*"},
		 {"Effect":"Allow","Action":["lambda:CreateFunction","lambda:GetFunction","lambda:DeleteFunction"],"Resource":"arn:aws:lambda:{region}:{account}:function:edge-*"},
		 {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{account}:role/app/edge-function"},
		 {"Effect":"Allow","Action":["elasticloadbalancing:CreateTargetGroup","elasticloadbalancing:RegisterTargets","elasticloadbalancing:DeregisterTargets","elasticloadbalancing:DeleteTargetGroup"],"Resource":"arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/edge-*"},
		 {"Effect":"Allow","Action":"elasticloadbalancing:ModifyRule","Resource":"arn:aws:elasticloadbalancing:{region}:{account}:listener-rule/app/edge/*"},
		 {"Effect":"Allow","Action":"elasticloadbalancing:DescribeTargetHealth","Resource":"*"}`,
		"render-worker": `
		 {"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:ChangeMessageVisibility","sqs:DeleteMessage"],"Resource":"arn:aws:sqs:{region}:{account}:render-jobs"},
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::example-render-in/jobs/*"},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-render-out/frames/*"},
		 {"Effect":"Allow","Action":"logs:CreateLogStream","Resource":"arn:aws:logs:{region}:{account}:log-group:/render/worker:log-stream:*"},
		 {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:{region}:{account}:instance/*"},
		 {"Effect":"Allow","Action":"autoscaling:CompleteLifecycleAction","Resource":"arn:aws:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/render"}`,
		"analyst": `
		 {"Effect":"Allow","Action":["athena:StartQueryExecution","athena:GetQueryExecution","athena:GetQueryResults"],"Resource":"arn:aws:athena:{region}:{account}:workgroup/analysts"},
		 {"Effect":"Allow","Action":["glue:GetDatabase","glue:GetTable","glue:GetPartitions"],"Resource":["arn:aws:glue:{region}:{account}:catalog","arn:aws:glue:{region}:{account}:database/gold","arn:aws:glue:{region}:{account}:table/gold/*"]},
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::example-lake/gold/*","arn:aws:s3:::example-query-results/*/2*"]},
		 {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::example-lake"},
		 {"Effect":"Allow","Action":"s3:GetBucketLocation","Resource":"arn:aws:s3:::example-query-results"},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::example-query-results/*/2*"}`,
		"settings-reader": `
		 {"Effect":"Allow","Action":["ssm:GetParametersByPath"],"Resource":["arn:aws:ssm:{region}:{account}:parameter/prod/checkout","arn:aws:ssm:{region}:{account}:parameter/prod/search","arn:aws:ssm:{region}:{account}:parameter/prod/mail","arn:aws:ssm:{region}:{account}:parameter/prod/stock"]},
		 {"Effect":"Allow","Action":"ssm:GetParameter","Resource":["arn:aws:ssm:{region}:{account}:parameter/prod/*/flags/ff-*","arn:aws:ssm:{region}:{account}:parameter/prod/*/db-host"]},
		 {"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:{region}:{account}:secret:prod/*/db-*"},
		 {"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:{region}:{account}:key/cccccccc-1111-4ccc-8ccc-000000000001"}`,
		"secret-rotation": `
		 {"Effect":"Allow","Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue","secretsmanager:PutSecretValue","secretsmanager:UpdateSecretVersionStage"],"Resource":["arn:aws:secretsmanager:{region}:{account}:secret:prod/checkout/db-*","arn:aws:secretsmanager:{region}:{account}:secret:prod/search/db-*","arn:aws:secretsmanager:{region}:{account}:secret:prod/mail/db-*","arn:aws:secretsmanager:{region}:{account}:secret:prod/stock/db-*"]},
		 {"Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"arn:aws:kms:{region}:{account}:key/cccccccc-1111-4ccc-8ccc-000000000001"}`,
		"invoice-writer": `
		 {"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::example-usage/customers/*","arn:aws:s3:::example-usage-old/*/all.csv"]},
		 {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::example-usage-old"},
		 {"Effect":"Allow","Action":"s3:PutObject","Resource":["arn:aws:s3:::example-invoices/cust-*","arn:aws:s3:::example-invoices/imported/*"]},
		 {"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:{region}:{account}:table/billing-ledger"},
		 {"Effect":"Allow","Action":"dynamodb:Query","Resource":"arn:aws:dynamodb:{region}:{account}:table/billing-ledger/index/by-month"},
		 {"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:{region}:{account}:billing-sent"}`,
	}
}
