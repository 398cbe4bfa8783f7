package actions

import (
	"slices"
	"strings"
	"testing"
)

// The sources of which AWS says that CloudTrail writes them (the EventBridge events
// reference, "CloudTrail event source"), but for those of services that the
// authorization reference does not have, and for those without an authorization.
const documentedSources = `aiops apigateway arc-zonal-shift access-analyzer account amplify amplifybackend
amplifyuibuilder appmesh apprunner appconfig appfabric fabric app-integrations appstream appsync appflow discovery
mgn apptest application-transformation artifact athena auditmanager dsql autoscaling b2bi backup backup-gateway
batch bedrock billing billingconductor bcm-data-exports braket budgets bugbust cassandra controlcatalog acm acm-pca
chatbot chime chime-sdk-media-pipelines chime-sdk-voice cleanrooms cloudcontrolapi clouddirectory servicediscovery
cloud9 cloudformation cloudfront edgekeyvaluestore cloudsearch cloudshell cloudtrail cloudtrail-data
application-insights evidently logs networkmonitor oam observabilityadmin synthetics codeartifact codebuild
codecommit codeconnections codedeploy codeguru-profiler codeguru-reviewer codepipeline codestar-connections
codestar-notifications codewhisperer cognito-identity cognito-sync cognito-idp comprehendmedical compute-optimizer
config connect connect-campaigns cases contact-lens profile consoleapp controltower ce cost-optimization-hub
customer-verification dataexchange dlm datapipeline datasync datazone dms deadline detective devops-guru
directconnect ds dynamodb dax ebs ec2 imagebuilder ecr-public eks-auth emr-containers emr-serverless elasticache
elasticbeanstalk ecr ecs drs elasticfilesystem eks elasticloadbalancing elb elasticmapreduce elastictranscoder
mediapackage mediapackagev2 sms-voice entityresolution events scheduler schemas fis finspace finspace-api fms
forecast frauddetector gamelift geo-places geo-routes glacier globalaccelerator glue databrew greengrass
groundstation guardduty health medical-imaging healthlake omics iam sso sso-directory sso-oauth rolesanywhere
identitystore inspector inspector-scan inspector2 ivs ivschat internetmonitor iot iotdeviceadvisor iotfleethub
iotfleetwise iotsecuredtunneling iotsitewise iottwinmaker iotwireless kendra kendra-ranking kms kinesis firehose
kinesisvideo lakeformation lambda launchwizard lex license-manager license-manager-linux-subscriptions
license-manager-user-subscriptions lightsail geo lookoutequipment lookoutvision amazonmq machinelearning macie2 m2
managedblockchain managedblockchain-query grafana kinesisanalytics aps aps-workspaces kafka-cluster kafkaconnect
airflow marketplacecatalog marketplace-commerce-analytics deployment-marketplace discovery-marketplace
entitlement-marketplace vendor-insights mturk-requester mediaconnect mediaconvert medialive mediastore memorydb
metering-marketplace migrationhub-orchestrator refactor-spaces migrationhub-strategy migrationhub monitoring
monitron multi-party-approval neptune-graph network-firewall networkflowmonitor networkmanager networkmanager-chat
one osis aoss opensearchservice es odb organizations outposts panorama pcs payment-cryptography
aws-payment-encryption pi personalize pinpoint pipes polly pricelist pca-connector-scep proton qapps amazonq
qbusiness user-subscriptions qconnect qldb quicksight rdsdata rdsdataapi rum rbin redshift redshift-data
redshift-serverless rekognition rds resiliencehub ram resource-explorer-2 resource-groups tagging robomaker route53
route53-recovery-control-config route53domains route53profiles route53resolver s3express s3-banner s3-outposts
sqlworkbench ssm-contacts ssm-guiconnect ssm-incidents sagemaker metrics-sagemaker savingsplans secretsmanager
securityhub security-ir securitylake sts serverlessrepo servicecatalog servicecatalog-appregistry servicequotas
signin signer simspaceweaver ses sns sqs s3 swf sdb snow-device-management snowball states storagegateway scn
support supportapp support-console ssm ssm-quicksetup ssm-sap taxconsole tnb textract thinclient timestream
transcribe transcribestreaming transfer translate trustedadvisor notifications notifications-contacts vpc-lattice
verifiedpermissions voiceid wafv2 waf-regional waf wellarchitected wickr workdocs workmail workmailmessageflow
workspaces workspaces-web xray repostspace transform workspaces-instances`

func TestDocumentedSources(t *testing.T) {
	for _, label := range strings.Fields(documentedSources) {
		if len(Default().Prefixes(label+".amazonaws.com")) == 0 {
			t.Errorf("%s belongs to no service", label)
		}
	}
}

// Sources that no row names: by their host's parts, their spelling, the models.
func TestSpelledSources(t *testing.T) {
	for source, want := range map[string]string{
		"bedrock-agentcore-control.amazonaws.com": "bedrock-agentcore",
		"data.qapps.amazonaws.com":                "qapps",
		"admin.wickr.amazonaws.com":               "wickr",
		"runtime-v2-lex.amazonaws.com":            "lex",
		"backupgateway.amazonaws.com":             "backup-gateway",
		"purchaseorders.amazonaws.com":            "purchase-orders",
		"security-lake.amazonaws.com":             "securitylake",
		"amazonq.amazonaws.com":                   "q",
		"aws-artifact.amazonaws.com":              "artifact",
		"cloudformation.hooks.amazonaws.com":      "cloudformation",
		"iotdata.amazonaws.com":                   "iot",
		"metrics-sagemaker.amazonaws.com":         "sagemaker",
		"Logs.us-gov-west-1.amazonaws.com":        "logs",
	} {
		if got := Default().Prefixes(source); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is of %v, want %s", source, got, want)
		}
	}
	// A name that merely begins like a service's, or is made of one, is unknown:
	// what the caller has of services by wildcard stays then.
	for _, source := range []string{"ec2-fleet", "glue-x", "s3-billing", "tenant", "data", "runtime", "api.", ".", "-", "", "control-data"} {
		if got := Default().Prefixes(source + ".amazonaws.com"); len(got) > 0 {
			t.Errorf("%q is of %v, want none", source, got)
		}
	}
}

func TestEventNameSpellings(t *testing.T) {
	for name, want := range map[string][]string{
		"GetObject":                      {"GetObject"},
		"CreateDistribution2020_05_31":   {"CreateDistribution2020_05_31", "CreateDistribution"},
		"UpdateFunctionCode20150331v2":   {"UpdateFunctionCode20150331v2", "UpdateFunctionCode20150331", "UpdateFunctionCode"},
		"Financing_ListFinancingLines":   {"Financing_ListFinancingLines", "ListFinancingLines"},
		"AWSPaymentPortalService.GetThe": {"AWSPaymentPortalService.GetThe", "GetThe"},
		"Login_GET":                      {"Login_GET"},
		"OAuth2_TOKEN_POST":              {"OAuth2_TOKEN_POST"},
		" Get Object ":                   {"GetObject"},
		"_":                              {"_"},
		"a._b":                           {"a._b"},
		"":                               {""},
	} {
		if got := eventNames(name); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// Names that are no API operations, or operations under another action's permission.
func TestOtherNames(t *testing.T) {
	r := NewResolver(Default())
	for event, want := range map[string]string{
		"s3-outposts GetBucketLifecycleConfiguration":       "s3-outposts:GetLifecycleConfiguration",
		"s3-outposts DeleteBucketReplication":               "s3-outposts:PutReplicationConfiguration",
		"s3-outposts GetBucket":                             "s3-outposts:GetBucket",
		"s3express PutBucketMetricsConfiguration":           "s3express:PutMetricsConfiguration",
		"s3-banner GetObject":                               "s3-object-lambda:GetObject",
		"s3-control PutAccessPointScope":                    "s3express:PutAccessPointScope",
		"s3tables UploadPart":                               "s3tables:PutTableData",
		"s3tables HeadObject":                               "s3tables:GetTableData",
		"payments Financing_ListFinancingLines":             "payments:ListFinancingLines",
		"payments Instruments_Create":                       "payments:CreatePaymentInstrument",
		"billingconsole SetIAMAccessPreference":             "billing:UpdateIAMAccessPreference",
		"taxconsole GetTaxExemptionTypes":                   "tax:GetExemptions",
		"tax PutTaxExemption":                               "tax:UpdateExemptions",
		"glue GetUnfilteredTableMetadata":                   "glue:GetTable",
		"lakeformation GetTemporaryDataLocationCredentials": "lakeformation:GetDataAccess",
		"neptune-db GetGremlinQueryStatus":                  "neptune-db:GetQueryStatus",
		"batch CancelJobs":                                  "batch:CancelJob",
		"cloudshell GetLayout":                              "cloudshell:CreateEnvironment",
		"cloudshell SendHeartBeat":                          "cloudshell:CreateSession",
		"securityhub GetFindingStatisticsV2":                "securityhub:GetAdhocInsightResults",
		"models-v2-lex ListUtteranceMetrics":                "lex:ListAggregatedUtterances",
		"signin IntrospectOAuth2TokenWithIAM":               "signin:IntrospectOAuth2Token",
	} {
		mapsTo(t, r, event, want)
	}
	mapsTo(t, r, "elasticbeanstalk UpdateTagsForResource", "elasticbeanstalk:AddTags", "elasticbeanstalk:RemoveTags")
	mapsTo(t, r, "s3-outposts PutObjectLegalHold")
	for event, want := range map[string]Class{
		"rolesanywhere CreateSession":                 ClassUnauthenticated,
		"cognito-idp PasskeyAdd_GET":                  ClassUnauthenticated,
		"cognito-idp _GET":                            ClassUnmapped,
		"signin TermsAccepted":                        ClassSignIn,
		"signin AuthorizeOAuth2Access":                ClassUse,
		"cognito-idp ListWebAuthnCredentials":         ClassUnauthenticated,
		"lakeformation AssumeDecoratedRoleWithSAML":   ClassUnauthenticated,
		"signin CreateOAuth2TokenWithTokenExchange":   ClassUnauthenticated,
		"secretsmanager AssociateCrossAccountReplica": ClassUnmapped, // newer than the reference
		"iot1click ListDevices":                       ClassUnmapped, // retired
	} {
		f := strings.Fields(event)
		if got := r.Resolve(testCall(f[0], f[1])).Class; got != want {
			t.Errorf("%s is %q, want %q", event, got, want)
		}
	}
}

// A console action without a row of its own means what the API call of its name does.
func TestConsoleActions(t *testing.T) {
	r := NewResolver(Default())
	for event, want := range map[string]string{
		"billingconsole SetContactAddress": "account:PutContactInformation",
		"billingconsole GetPaymentMethods": "payments:ListPaymentPreferences",
		"iam ListRoles":                    "iam:ListRoles",
		"s3 ListBuckets":                   "s3:ListAllMyBuckets",
	} {
		f := strings.Fields(event)
		c := testCall(f[0], f[1])
		c.EventType = "AwsConsoleAction"
		res := r.Resolve(c)
		if len(res.Uses) != 1 || res.Uses[0].Action != want {
			t.Errorf("%s: %v, want %s", event, lines(res.Uses), want)
		}
	}
}
