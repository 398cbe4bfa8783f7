package workload

import "time"

// session is a set of credentials in use: who calls, from where, with what.
type session struct {
	p        *principal
	name     string // role session name
	key      string // access key id
	began    time.Time
	mfa      bool
	console  bool
	ip       string
	agent    string
	vpce     string // VPC endpoint, "" when the call crosses the internet
	provider string // OIDC provider ARN of a web identity session
	ec2      bool   // credentials delivered by instance metadata
}

// identity is the userIdentity of a call that the session makes itself or, with
// via, that a service makes on its behalf.
func (s *session) identity(via string) object {
	var id object
	if s.p.kind == "user" {
		id = s.userIdentity()
	} else {
		id = s.roleIdentity()
	}
	if via != "" {
		id = id.with("invokedBy", via)
	}
	return id
}

func (s *session) userIdentity() object {
	id := obj("type", "IAMUser", "principalId", s.p.id, "arn", s.p.arn,
		"accountId", s.p.account, "accessKeyId", s.key, "userName", s.p.name)
	if s.console {
		id = id.with("sessionContext", obj("attributes", s.attributes()))
	}
	return id
}

func (s *session) roleIdentity() object {
	issuer := obj("type", "Role", "principalId", s.p.id, "arn", s.p.arn,
		"accountId", s.p.account, "userName", s.p.name)
	ctx := obj("sessionIssuer", issuer)
	if s.provider != "" {
		ctx = ctx.with("webIdFederationData", obj("federatedProvider", s.provider, "attributes", obj()))
	}
	ctx = ctx.with("attributes", s.attributes())
	if s.ec2 {
		ctx = ctx.with("ec2RoleDelivery", "2.0")
	}
	return obj("type", "AssumedRole", "principalId", s.p.id+":"+s.name, "arn", s.sessionARN(),
		"accountId", s.p.account, "accessKeyId", s.key, "sessionContext", ctx)
}

func (s *session) attributes() object {
	mfa := "false"
	if s.mfa {
		mfa = "true"
	}
	return obj("creationDate", stamp(s.began), "mfaAuthenticated", mfa)
}

// sessionARN is what the record shows as the caller's ARN.
func (s *session) sessionARN() string {
	if s.p.kind == "user" {
		return s.p.arn
	}
	return "arn:aws:sts::" + s.p.account + ":assumed-role/" + s.p.name + "/" + s.name
}

// foreign is the userIdentity that the other account's copy of a cross-account
// call shows.
func (s *session) foreign() object {
	return obj("type", "AWSAccount", "principalId", s.p.id+":"+s.name, "accountId", s.p.account)
}

// byService is the userIdentity of a service that acts as itself.
func byService(host string) object { return obj("type", "AWSService", "invokedBy", host) }

// stamp writes a time as CloudTrail does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Agents that callers show.
const (
	agentCLI     = "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.4 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe"
	agentGo      = "aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#arm64 api/dynamodb#1.43.1"
	agentJava    = "ElasticMapReduce/1.0.0 emrfs/s3a, aws-sdk-java/1.12.770 Linux/5.10.238 OpenJDK_64-Bit_Server_VM/17.0.15+6-LTS java/17.0.15 vendor/Amazon.com_Inc."
	agentBoto    = "Boto3/1.38.36 md/Botocore#1.38.36 ua/2.1 os/linux#6.1.134 md/arch#x86_64 lang/python#3.12.10 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.38.36"
	agentBrowser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
	agentThief   = "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux#6.6.15-kali lang/python#3.11.8 md/pyimpl#CPython Botocore/1.34.11"
)
