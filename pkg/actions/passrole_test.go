package actions

import (
	"os"
	"strings"
	"testing"
)

// passed lists what a call passes: "basis resource to service".
func passed(c *Call) []string {
	var out []string
	for _, u := range NewResolver(Default()).Resolve(c).Uses {
		if u.Action == "iam:PassRole" && u.Resource != "" {
			out = append(out, strings.TrimSpace(string(u.Basis)+" "+u.PassedTo))
		}
	}
	return out
}

func TestPassRoleBasis(t *testing.T) {
	const role = "=arn:aws:iam::111122223333:role/r"
	for _, tt := range []struct{ call, want string }{
		// The name of the parameter tells, whatever the service.
		{"textract StartDocumentAnalysis notificationChannel.roleArn" + role, "inferred textract.amazonaws.com"},
		{"appconfig CreateEnvironment monitors[].alarmRoleArn" + role, "inferred appconfig.amazonaws.com"},
		{"iot CreateAuditSuppression resourceIdentifier.iamRoleArn" + role, ""},
		{"dms CreateReplicationInstance kerberosAuthenticationSettings.keyCacheSecretIamArn" + role, "inferred"},
		{"kinesis CreateChannel destinations[].serviceExecutionRoleARN" + role, "inferred"},
		// Nothing tells: it may be passed.
		{"cloudformation CreateStack stackName=s parameters[].parameterValue" + role, "ambiguous"},
		{"ssm PutParameter name=p value" + role, "ambiguous ssm.amazonaws.com"},
		// Another account's role cannot be passed.
		{"lambda CreateFunction functionName=f role=arn:aws:iam::444455556666:role/r", "ambiguous lambda.amazonaws.com"},
		{"fis CreateTargetAccountConfiguration roleArn=arn:aws:iam::444455556666:role/r", "ambiguous fis.amazonaws.com"},
		// Principals are granted, removals take away, reads only look.
		{"logs PutIntegration resourceConfig.dashboardViewerPrincipals[]" + role, ""},
		{"redshift ModifyClusterIamRoles clusterIdentifier=c removeIamRoles[]" + role, ""},
		{"redshift ModifyClusterIamRoles clusterIdentifier=c addIamRoles[]" + role, "inferred redshift.amazonaws.com"},
		{"es CreateDomain domainName=d advancedSecurityOptions.masterUserOptions.masterUserARN" + role, ""},
		{"account-access ListEntitlements principalRole.roleArn" + role, ""},
		{"odb DisassociateIamRoleFromResource iamRoleArn" + role, ""},
		// Documents name iam:PassRole for a removal and a read.
		{"rds RemoveRoleFromDBCluster dBClusterIdentifier=c roleArn" + role, "dependent rds.amazonaws.com"},
		{"sagemaker-geospatial GetTile executionRoleArn" + role, "dependent sagemaker-geospatial.amazonaws.com"},
		// A service-linked role is passed like any other.
		{"config PutConfigurationRecorder configurationRecorder.roleARN=arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", "inferred config.amazonaws.com"},
		// Two services of one event source.
		{"autoscaling RegisterScalableTarget serviceNamespace=ecs roleARN" + role, "inferred application-autoscaling.amazonaws.com"},
		{"autoscaling PutLifecycleHook autoScalingGroupName=g roleARN" + role, "inferred autoscaling.amazonaws.com"},
		// Values that only look like roles.
		{"lambda CreateFunction functionName=f role=arn:aws:iam::111122223333:role/*", ""},
		{"lambda CreateFunction functionName=f role=arn:aws:sts::111122223333:assumed-role/r/s", ""},
		{"lambda CreateFunction functionName=f role=arn:aws:iam::1111:role/r", ""},
	} {
		f := strings.Fields(tt.call)
		if got := strings.Join(passed(testCall(f[0], f[1], f[2:]...)), "; "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.call, got, tt.want)
		}
	}
}

// TestPassedToOfManagedPolicies checks the rows whose source is AWS's managed
// policies against those that the binary carries.
func TestPassedToOfManagedPolicies(t *testing.T) {
	policies, err := Default().policies()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, p := range policies {
		for rest := strings.ToLower(p.document); ; {
			var found bool
			if _, rest, found = strings.Cut(rest, `iam:passedtoservice`); !found {
				break
			}
			list, _, _ := strings.Cut(rest, "}")
			for _, s := range strings.Split(list, `"`) {
				named[strings.TrimSuffix(s, "*")] = true
			}
		}
	}
	data, err := os.ReadFile("tables/roles.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(line, "\t")
		if len(f) < 6 || f[5] != "mp" || f[4] == "-" {
			continue
		}
		rows++
		if !named[f[4]] {
			t.Errorf("no managed policy passes a role to %s: %s", f[4], line)
		}
	}
	if rows < 60 {
		t.Errorf("%d rows have the managed policies as their source", rows)
	}
}
