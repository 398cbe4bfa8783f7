package actions

import (
	"strings"
	"testing"
)

func TestOutcomeOfCodes(t *testing.T) {
	for code, want := range map[string]Outcome{
		"":                                                         Allowed,
		"Client.DryRunOperation":                                   Allowed,
		"Client.SubnetLimitExceeded":                               Allowed,
		"Client.RequestLimitExceeded":                              Undetermined, // throttled, maybe before authorization
		"RequestLimitExceeded":                                     Undetermined,
		"Server.InsufficientHostCapacity":                          Allowed,
		"Client.InvalidGroup.InUse":                                Allowed,
		"Client.InvalidKeyPair.Duplicate":                          Allowed,
		"Client.InvalidInstanceID.NotFound":                        Undetermined,
		"RepositoryAlreadyExistsException":                         Allowed,
		"EntityAlreadyExists":                                      Allowed,
		"DBInstanceAlreadyExistsFault":                             Allowed,
		"InstanceQuotaExceeded":                                    Allowed,
		"ServiceQuotaExceededException":                            Undetermined, // a rate, with some services
		"LimitExceededException":                                   Undetermined, // likewise
		"InvalidDBInstanceStateFault":                              Allowed,
		"RepositoryNotEmptyException":                              Allowed,
		"ResourceConflictException":                                Allowed,
		"AWSOrganizationsNotInUseException":                        Undetermined,
		"AWS.SimpleQueueService.PurgeQueueInProgress":              Allowed,
		"AWS.SimpleQueueService.NonExistentQueue":                  Undetermined,
		"ResourceNotFoundException":                                Undetermined,
		"NoSuchKey":                                                Allowed,
		"NoSuchBucket":                                             Undetermined,
		"AccessDenied":                                             Denied,
		"AccessDeniedException":                                    Denied,
		"UnauthorizedException":                                    Denied,
		"Client.AuthFailure.ServiceLinkedRoleCreationNotPermitted": Denied,
		"AccessDeniedForDependencyException":                       Denied,
		"KMSAccessDeniedException":                                 Undetermined, // of the function's role, not of the caller
		"ExpiredToken":                                             Undetermined,
		"ThrottlingException":                                      Undetermined,
		"InUse":                                                    Allowed,
		strings.Repeat("InUse", 1000) + "x":                        Undetermined,
	} {
		if got := OutcomeOf(code, ""); got != want {
			t.Errorf("%.60q: %s, want %s", code, got, want)
		}
	}
	// A denial told by its message stays one, whatever the code says.
	if got := OutcomeOf("ResourceAlreadyExistsException2", "User: x is not authorized to perform: y:z"); got != Denied {
		t.Errorf("a denial by message is %s", got)
	}
}

func TestBothWays(t *testing.T) {
	for action, want := range map[string]bool{"s3:GetObject": true, "s3:PutObject": false, "bedrock:InvokeModel": true, "sts:AssumeRole": false} {
		if f, _ := Default().Lookup(action); f.BothWays != want {
			t.Errorf("%s: both ways %v", action, f.BothWays)
		}
	}
	if f, _ := Default().Lookup("s3:GetObject"); !f.ReadOnly {
		t.Error("s3:GetObject is no read")
	}
}
