package usage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	roleID = "AROAEXAMPLEROLEID1234"
	userID = "AIDAEXAMPLEUSERID1234"
)

func TestCredit(t *testing.T) {
	role := func(arn string) Principal { return Principal{arn, roleID, Role, "111122223333"} }
	tests := []struct {
		name string
		id   Identity
		want Principal
	}{
		{"role session", Identity{
			Type: "AssumedRole", PrincipalID: roleID + ":jane", ARN: "arn:aws:sts::111122223333:assumed-role/etl/jane", AccountID: "111122223333",
			IssuerType: "Role", IssuerPrincipalID: roleID, IssuerARN: "arn:aws:iam::111122223333:role/team/etl", IssuerAccountID: "111122223333", IssuerUserName: "etl",
		}, role("arn:aws:iam::111122223333:role/team/etl")},
		{"no issuer", Identity{Type: "AssumedRole", PrincipalID: roleID + ":jane", ARN: "arn:aws:sts::111122223333:assumed-role/etl/jane"},
			role("arn:aws:iam::111122223333:role/etl")},
		{"no session either", Identity{Type: "AssumedRole", PrincipalID: roleID, ARN: "arn:aws:sts::111122223333:assumed-role/etl"},
			role("arn:aws:iam::111122223333:role/etl")},
		{"issuer id with a session's name", Identity{Type: "AssumedRole", IssuerPrincipalID: roleID + ":User", IssuerARN: "arn:aws:iam::111122223333:role/etl"},
			role("arn:aws:iam::111122223333:role/etl")},
		{"issuer id missing", Identity{Type: "AssumedRole", PrincipalID: roleID + ":s", IssuerARN: "arn:aws:iam::111122223333:role/etl"},
			role("arn:aws:iam::111122223333:role/etl")},
		{"issuer ARN missing", Identity{Type: "AssumedRole", IssuerType: "Role", IssuerPrincipalID: roleID, IssuerAccountID: "111122223333", IssuerUserName: "etl"},
			role("arn:aws:iam::111122223333:role/etl")},
		{"masked id", Identity{Type: "AssumedRole", PrincipalID: "1111", IssuerPrincipalID: "AROA****", IssuerARN: "arn:aws:iam::111122223333:role/etl"},
			Principal{"arn:aws:iam::111122223333:role/etl", "", Role, "111122223333"}},
		{"China", Identity{Type: "AssumedRole", PrincipalID: roleID + ":x", ARN: "arn:aws-cn:sts::111122223333:assumed-role/etl/x"},
			role("arn:aws-cn:iam::111122223333:role/etl")},
		{"GovCloud", Identity{Type: "IAMUser", PrincipalID: userID, ARN: "arn:aws-us-gov:iam::111122223333:user/ops"},
			Principal{"arn:aws-us-gov:iam::111122223333:user/ops", userID, User, "111122223333"}},
		{"user", Identity{Type: "IAMUser", PrincipalID: userID, ARN: "arn:aws:iam::111122223333:user/div/ops@example.com", AccountID: "111122223333", UserName: "ops@example.com"},
			Principal{"arn:aws:iam::111122223333:user/div/ops@example.com", userID, User, "111122223333"}},
		{"user with a session of root", Identity{Type: "IAMUser", PrincipalID: userID, ARN: "arn:aws:iam::111122223333:user/ops", IssuerType: "Root", IssuerARN: "arn:aws:iam::111122223333:root"},
			Principal{"arn:aws:iam::111122223333:user/ops", userID, User, "111122223333"}},
		{"user without ARN", Identity{Type: "IAMUser", PrincipalID: userID, AccountID: "111122223333", UserName: "ops"},
			Principal{"arn:aws:iam::111122223333:user/ops", userID, User, "111122223333"}},
		{"hidden user", Identity{Type: "IAMUser", AccountID: "111122223333", UserName: "HIDDEN_DUE_TO_SECURITY_REASONS"},
			Principal{"unknown", "", UnknownPrincipal, "111122223333"}},
		{"root", Identity{Type: "Root", PrincipalID: "111122223333", ARN: "arn:aws:iam::111122223333:root", InvokedBy: "autoscaling.amazonaws.com"},
			Principal{"arn:aws:iam::111122223333:root", "", Root, "111122223333"}},
		{"root without ARN", Identity{Type: "Root", PrincipalID: "111122223333", AccountID: "111122223333"},
			Principal{"arn:aws:iam::111122223333:root", "", Root, "111122223333"}},
		{"assumed root", Identity{Type: "AssumedRole", ARN: "arn:aws:sts::111122223333:assumed-root"},
			Principal{"arn:aws:iam::111122223333:root", "", Root, "111122223333"}},
		{"federation token of a user", Identity{
			Type: "FederatedUser", PrincipalID: "111122223333:jane", ARN: "arn:aws:sts::111122223333:federated-user/jane",
			IssuerType: "IAMUser", IssuerPrincipalID: userID, IssuerARN: "arn:aws:iam::111122223333:user/broker",
		}, Principal{"arn:aws:iam::111122223333:user/broker", userID, User, "111122223333"}},
		{"federation token of nobody", Identity{Type: "FederatedUser", PrincipalID: "111122223333:jane", ARN: "arn:aws:sts::111122223333:federated-user/jane"},
			Principal{"arn:aws:sts::111122223333:federated-user/jane", "", Federated, "111122223333"}},
		{"SAML", Identity{Type: "SAMLUser", PrincipalID: "x:jane", UserName: "jane", IdentityProvider: "bdGOnTesti4+ExamplexL/jEvs="},
			Principal{"federated:saml", "", Federated, ""}},
		{"SAML provider", Identity{Type: "SAMLUser", IdentityProvider: "arn:aws:iam::111122223333:saml-provider/Shibboleth"},
			Principal{"federated:arn:aws:iam::111122223333:saml-provider/Shibboleth", "", Federated, "111122223333"}},
		{"web identity", Identity{Type: "WebIdentityUser", UserName: "system:serviceaccount:ns:name", IdentityProvider: "accounts.google.com"},
			Principal{"federated:accounts.google.com", "", Federated, ""}},
		{"OIDC provider", Identity{Type: "WebIdentityUser", IdentityProvider: "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB"},
			Principal{"federated:arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB", "", Federated, "111122223333"}},
		{"Identity Center user", Identity{Type: "IdentityCenterUser", AccountID: "111122223333"},
			Principal{"identity-center:111122223333", "", Federated, "111122223333"}},
		{"directory", Identity{Type: "Directory", AccountID: "111122223333", UserName: "jane"},
			Principal{"directory:111122223333", "", Federated, "111122223333"}},
		{"Identity Center role", Identity{Type: "AssumedRole", IssuerPrincipalID: roleID, IssuerARN: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"},
			Principal{"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef", roleID, IdentityCenter, "111122223333"}},
		{"Identity Center role by its name", Identity{Type: "AssumedRole", ARN: "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin/user@example.com"},
			Principal{"arn:aws:iam::111122223333:role/AWSReservedSSO_Admin", "", IdentityCenter, "111122223333"}},
		{"own role with a reserved name", Identity{Type: "AssumedRole", IssuerPrincipalID: roleID, IssuerARN: "arn:aws:iam::111122223333:role/AWSReservedSSO_mine"},
			role("arn:aws:iam::111122223333:role/AWSReservedSSO_mine")},
		{"service-linked role", Identity{Type: "AssumedRole", IssuerPrincipalID: roleID, IssuerARN: "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"},
			Principal{"arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig", roleID, ServiceLinked, "111122223333"}},
		{"service-linked role by its name", Identity{Type: "AssumedRole", ARN: "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForConfig/x"},
			Principal{"arn:aws:iam::111122223333:role/AWSServiceRoleForConfig", "", ServiceLinked, "111122223333"}},
		{"service", Identity{Type: "AWSService", InvokedBy: "lambda.amazonaws.com"}, Principal{"service:lambda.amazonaws.com", "", Service, ""}},
		{"service with a role", Identity{Type: "AWSService", PrincipalID: "config.amazonaws.com", ARN: "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/X", AccountID: "111122223333"},
			Principal{"service:config.amazonaws.com", "", Service, "111122223333"}},
		{"service without a name", Identity{Type: "AWSService", InvokedBy: "a b\x1b"}, Principal{"service:unknown", "", Service, ""}},
		{"service without a type", Identity{AccountID: "111122223333", InvokedBy: "s3.amazonaws.com"}, Principal{"service:s3.amazonaws.com", "", Service, "111122223333"}},
		{"account by a service", Identity{Type: "AWSAccount", AccountID: "111122223333", InvokedBy: "s3.amazonaws.com"}, Principal{"service:s3.amazonaws.com", "", Service, "111122223333"}},
		{"external", Identity{Type: "AWSAccount", PrincipalID: roleID + ":sess", AccountID: "444455556666"},
			Principal{"external:444455556666:" + roleID, roleID, External, "444455556666"}},
		{"external through a service", Identity{Type: "AWSAccount", PrincipalID: roleID + ":sess", AccountID: "444455556666", InvokedBy: "athena.amazonaws.com"},
			Principal{"external:444455556666:" + roleID, roleID, External, "444455556666"}},
		{"external with ARN", Identity{Type: "AWSAccount", PrincipalID: userID, AccountID: "444455556666", ARN: "arn:aws:iam::444455556666:user/x"},
			Principal{"arn:aws:iam::444455556666:user/x", userID, User, "444455556666"}},
		{"external account", Identity{Type: "AWSAccount", AccountID: "444455556666"}, Principal{"external:444455556666", "", External, "444455556666"}},
		{"external id", Identity{Type: "AWSAccount", PrincipalID: userID}, Principal{"external::" + userID, userID, External, ""}},
		{"external nothing", Identity{Type: "AWSAccount"}, Principal{"unknown", "", UnknownPrincipal, ""}},
		{"anonymous", Identity{Type: "AWSAccount", AccountID: "ANONYMOUS_PRINCIPAL"}, Principal{"anonymous", "", Anonymous, ""}},
		{"no identity", Identity{}, Principal{"anonymous", "", Anonymous, ""}},
		{"untyped with an issuer", Identity{IssuerPrincipalID: roleID, IssuerARN: "arn:aws:iam::111122223333:role/etl"}, role("arn:aws:iam::111122223333:role/etl")},
		{"a type of tomorrow", Identity{Type: "Gadget", PrincipalID: userID, ARN: "arn:aws:iam::111122223333:user/x"},
			Principal{"arn:aws:iam::111122223333:user/x", userID, User, "111122223333"}},
		{"role that is a user", Identity{Type: "AssumedRole", PrincipalID: "1111:tester", ARN: "arn:aws:sts::111122223333:user/tester", IssuerARN: "arn:aws:iam::111122223333:user/tester"},
			Principal{"arn:aws:iam::111122223333:user/tester", "", User, "111122223333"}},
		{"name alone", Identity{Type: "AssumedRole", UserName: "TestRole"}, Principal{"unknown", "", UnknownPrincipal, ""}},
		{"misspelt ARN", Identity{Type: "AssumedRole", AccountID: "111122223333", ARN: "arn:aws::sts:111122223333:assumed-role/r/s", IssuerARN: "arn:aws::sts:111122223333:assumed-role/r/s", IssuerUserName: "r", IssuerType: "Role"},
			Principal{"unknown", "", UnknownPrincipal, "111122223333"}},
		{"placeholder account", Identity{Type: "IAMUser", AccountID: "YOUR_ACCOUNT_ID", ARN: "arn:aws:iam::YOUR_ACCOUNT_ID:user/test"}, Principal{"unknown", "", UnknownPrincipal, ""}},
		{"control characters", Identity{Type: "IAMUser", ARN: "arn:aws:iam::111122223333:user/a\x1b[31m"}, Principal{"unknown", "", UnknownPrincipal, ""}},
		{"control characters in the path", Identity{Type: "AssumedRole", IssuerARN: "arn:aws:iam::111122223333:role/a\n/b"}, Principal{"unknown", "", UnknownPrincipal, ""}},
		{"long name", Identity{Type: "IAMUser", ARN: "arn:aws:iam::111122223333:user/" + strings.Repeat("a", 129)}, Principal{"unknown", "", UnknownPrincipal, ""}},
		{"no name", Identity{Type: "IAMUser", ARN: "arn:aws:iam::111122223333:user/"}, Principal{"unknown", "", UnknownPrincipal, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Credit(&tt.id); got != tt.want {
				t.Errorf("got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func FuzzCredit(f *testing.F) {
	f.Add("AssumedRole", roleID+":s", "arn:aws:sts::111122223333:assumed-role/r/s", "111122223333", "u", "athena.amazonaws.com", "arn:aws:iam::111122223333:role/p/r", roleID)
	f.Add("AWSAccount", "", "", "ANONYMOUS_PRINCIPAL", "", "", "", "")
	f.Add("WebIdentityUser", "", "", "", "", "accounts.google.com", "arn:aws:iam::111122223333:oidc-provider/x", "")
	f.Fuzz(func(t *testing.T, typ, pid, arn, account, user, invoked, issuer, issuerID string) {
		p := Credit(&Identity{
			Type: typ, PrincipalID: pid, ARN: arn, AccountID: account, UserName: user, InvokedBy: invoked,
			IdentityProvider: issuer, IssuerARN: issuer, IssuerPrincipalID: issuerID, IssuerType: "Role",
			IssuerAccountID: account, IssuerUserName: user,
		})
		checkPrincipal(t, p)
	})
}

// checkPrincipal checks what holds for every principal.
func checkPrincipal(t *testing.T, p Principal) {
	t.Helper()
	if p.ARN == "" || p.Type == "" || len(p.ARN) > 1024 || !utf8.ValidString(p.ARN) {
		t.Errorf("%+v", p)
	}
	for _, c := range p.ARN {
		if c < '!' && p.ARN != "service:AWS Internal" && !strings.HasSuffix(p.ARN, ":AWS Internal") || c > '~' {
			t.Errorf("%q holds %q", p.ARN, c)
		}
	}
	if strings.Contains(p.ARN, "assumed-role/") && !strings.Contains(p.ARN, ":role/") && !strings.Contains(p.ARN, ":user/") && p.Type != Federated {
		t.Errorf("%q is a session", p.ARN)
	}
	if p.Account != "" && !isAccount(p.Account) || p.ID != "" && !isUniqueID(p.ID) {
		t.Errorf("%+v", p)
	}
}

// TestCreditCorpus credits every identity of the real logs: whoever has an ARN or
// an issuer with an account of digits has to come out known.
func TestCreditCorpus(t *testing.T) {
	n, known := 0, 0
	for _, e := range corpus(t) {
		id := e.identity()
		p := Credit(&id)
		checkPrincipal(t, p)
		n++
		if p.Type != UnknownPrincipal {
			known++
		}
	}
	t.Logf("%d of %d known", known, n)
	if known*100 < n*98 {
		t.Errorf("only %d of %d principals are known", known, n)
	}
}

// logEvent is a record of the corpus, as far as these tests need it.
type logEvent struct {
	EventID, SharedEventID, EventSource, EventName, EventType, AwsRegion, EventTime string
	RecipientAccountID                                                              string `json:"recipientAccountId"`
	ErrorCode                                                                       string
	RequestParameters, ResponseElements, Resources, AdditionalEventData             json.RawMessage
	UserIdentity                                                                    struct {
		Type, PrincipalID, ARN, AccountID, UserName, InvokedBy, IdentityProvider string
		SessionContext                                                           struct {
			SessionIssuer struct {
				Type, PrincipalID, ARN, AccountID, UserName string
			}
		}
	}
}

func (e *logEvent) identity() Identity {
	u := &e.UserIdentity
	s := &u.SessionContext.SessionIssuer
	return Identity{
		Type: u.Type, PrincipalID: u.PrincipalID, ARN: u.ARN, AccountID: u.AccountID,
		UserName: u.UserName, InvokedBy: u.InvokedBy, IdentityProvider: u.IdentityProvider,
		IssuerType: s.Type, IssuerPrincipalID: s.PrincipalID, IssuerARN: s.ARN,
		IssuerAccountID: s.AccountID, IssuerUserName: s.UserName,
	}
}

// corpus reads the plain and gzip files of records of the shared corpus.
func corpus(t testing.TB) []logEvent {
	t.Helper()
	root := os.Getenv("TIGHTEN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	root = filepath.Join(root, "corpus", "logs")
	if _, err := os.Stat(root); err != nil {
		t.Skip("no shared corpus: set TIGHTEN_SHARED to its folder")
	}
	var events []logEvent
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var log struct{ Records []json.RawMessage }
		if json.Unmarshal(gunzip(data), &log) != nil {
			return nil
		}
		for _, raw := range log.Records {
			var e logEvent
			if json.Unmarshal(raw, &e) == nil {
				events = append(events, e)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) < 1000 {
		t.Fatalf("only %d events in %s", len(events), root)
	}
	return events
}
