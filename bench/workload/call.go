package workload

import "time"

// outcome of a call's authorization, as the truth tells it.
type outcome string

const (
	allowed      outcome = "allowed"
	denied       outcome = "denied"
	undetermined outcome = "undetermined" // an error that can come before authorization
)

// The classes of records that are no use of the caller.
const (
	classUse          = "use"
	classService      = "service-event"    // AwsServiceEvent
	classSignIn       = "sign-in"          // AwsConsoleSignIn
	classAWSService   = "aws-service"      // an AWS service as itself
	classNoAuthorized = "no-authorization" // GetCallerIdentity, federated AssumeRole
)

// Use is one permission that a call exercised.
type Use struct {
	Action, Resource string
	// Basis: "logged" (the record's own action), "inferred" (the call needs it,
	// as PassRole), "implied" (the error shows it: NoSuchKey needs ListBucket).
	Basis string
	// Hidden is set where the record does not show the resource.
	Hidden bool
}

// target is one entry of a record's resources.
type target struct{ kind, arn, account string }

// call is one event before it becomes a record.
type call struct {
	by            *session
	service, name string // "s3", "GetObject"
	read, data    bool   // readOnly; data event instead of management
	params        any    // requestParameters
	response      any    // responseElements
	extra         object // additionalEventData
	detail        object // serviceEventDetails
	targets       []target
	uses          []Use
	code, message string
	outcome       outcome // "" means allowed
	via           string  // the service that calls on the caller's behalf
	class         string  // "" means use
	eventType     string  // "" means AwsApiCall
	identity      object  // instead of the session's
	ip, agent     string  // instead of the session's
	recipient     string  // instead of the session's account
	region        string  // instead of the current region
	apiVersion    string
	shared        string // sharedEventID
	copyOfShared  bool   // the other account's copy: not counted again
	at            time.Time
}

// used builds the uses of a call whose action is logged, one for each resource.
func used(action string, resources ...string) []Use {
	us := make([]Use, len(resources))
	for i, r := range resources {
		us[i] = Use{Action: action, Resource: r, Basis: "logged"}
	}
	return us
}

// inferred adds a permission that the call needs beside its own.
func (c *call) inferred(action, resource string) {
	c.uses = append(c.uses, Use{Action: action, Resource: resource, Basis: "inferred"})
}

// hidden builds a use whose resource the record does not show.
func hidden(action, resource string) []Use {
	return []Use{{Action: action, Resource: resource, Basis: "logged", Hidden: true}}
}

// fail marks the call as failed for a reason that may come before authorization.
func (c call) fail(code, message string) call {
	c.code, c.message, c.outcome, c.response = code, message, undetermined, nil
	return c
}

// after marks the call as failed for a reason that comes after authorization.
func (c call) after(code, message string) call {
	c.code, c.message, c.response = code, message, nil
	return c
}

// deny marks the call as denied, in the words of its service.
func (c call) deny() call {
	c.outcome, c.response, c.code = denied, nil, "AccessDenied"
	switch c.service {
	case "ec2":
		c.code = "Client.UnauthorizedOperation"
	case "dynamodb", "lambda", "kms", "secretsmanager", "ssm", "glue", "athena", "ecs", "logs", "ecr", "guardduty", "organizations":
		c.code = "AccessDeniedException"
	}
	u := c.uses[0]
	c.message = "User: " + c.by.sessionARN() + " is not authorized to perform: " + u.Action
	if u.Resource != "*" {
		c.message += " on resource: " + u.Resource
	}
	c.message += " because no identity-based policy allows the " + u.Action + " action"
	return c
}

// version is the eventVersion that a service writes.
func version(service string) string {
	switch service {
	case "s3", "dynamodb", "kms", "iam", "logs", "monitoring":
		return "1.11"
	case "ec2", "sqs":
		return "1.10"
	case "ecs", "ssm":
		return "1.09"
	}
	return "1.08"
}

// record writes the call as CloudTrail does.
func (c *call) record(s *stream, id, region string, rich bool) []byte {
	o := obj("eventVersion", version(c.service), "userIdentity", c.userIdentity(), "eventTime", stamp(c.at),
		"eventSource", c.service+".amazonaws.com", "eventName", c.name, "awsRegion", region,
		"sourceIPAddress", c.ip, "userAgent", c.agent)
	if c.code != "" {
		o = o.with("errorCode", c.code)
	}
	if c.message != "" {
		o = o.with("errorMessage", c.message)
	}
	o = o.with("requestParameters", c.params, "responseElements", c.response)
	if extra := c.additional(s, rich); extra != nil {
		o = o.with("additionalEventData", extra)
	}
	if c.class != classService && c.class != classSignIn {
		o = o.with("requestID", c.requestID(s))
	}
	o = o.with("eventID", id, "readOnly", c.read)
	if len(c.targets) > 0 {
		o = o.with("resources", c.resources())
	}
	return appendJSON(nil, c.tail(o, region))
}

// tail appends the members that follow resources.
func (c *call) tail(o object, region string) object {
	o = o.with("eventType", c.eventType)
	if c.apiVersion != "" {
		o = o.with("apiVersion", c.apiVersion)
	}
	o = o.with("managementEvent", !c.data, "recipientAccountId", c.recipient)
	if c.shared != "" {
		o = o.with("sharedEventID", c.shared)
	}
	if c.detail != nil {
		o = o.with("serviceEventDetails", c.detail)
	}
	if c.by != nil && c.by.vpce != "" && c.via == "" && c.service == "s3" {
		o = o.with("vpcEndpointId", c.by.vpce, "vpcEndpointAccountId", c.by.p.account)
	}
	category := "Management"
	if c.data {
		category = "Data"
	}
	o = o.with("eventCategory", category)
	if c.by != nil && c.via == "" && c.class != classSignIn {
		o = o.with("tlsDetails", obj("tlsVersion", "TLSv1.3", "cipherSuite", "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader", c.host(region)))
		if c.by.console {
			o = o.with("sessionCredentialFromConsole", "true")
		}
	}
	return o
}

func (c *call) userIdentity() object {
	if c.identity != nil {
		return c.identity
	}
	return c.by.identity(c.via)
}

// additional is additionalEventData: S3's transfer figures, or what the call gives.
func (c *call) additional(s *stream, rich bool) object {
	if c.service != "s3" || c.extra != nil || c.class == classService {
		return c.extra
	}
	o := obj("SignatureVersion", "SigV4", "CipherSuite", "TLS_AES_128_GCM_SHA256",
		"bytesTransferredIn", 0, "AuthenticationMethod", "AuthHeader")
	if rich {
		o = o.with("x-amz-id-2", s.text(75, mixedAlnum)+"=")
	}
	return o.with("bytesTransferredOut", 512+s.IntN(16)*1024)
}

// requestID has the form that the service uses.
func (c *call) requestID(s *stream) string {
	switch c.service {
	case "s3":
		return s.text(16, upperAlnum)
	case "dynamodb":
		return s.text(52, upperAlnum)
	}
	return s.uuid()
}

func (c *call) resources() list {
	l := make(list, len(c.targets))
	for i, t := range c.targets {
		o := obj()
		if t.account != "" {
			o = o.with("accountId", t.account)
		}
		if t.kind != "" {
			o = o.with("type", t.kind)
		}
		l[i] = o.with("ARN", t.arn)
	}
	return l
}

// host is the endpoint that the client called.
func (c *call) host(region string) string {
	switch c.service {
	case "iam":
		return "iam.amazonaws.com"
	case "s3":
		if p, ok := c.params.(object); ok && len(p) > 1 && p[0] == "bucketName" {
			return p[1].(string) + ".s3." + region + ".amazonaws.com"
		}
	case "ecr":
		return "api.ecr." + region + ".amazonaws.com"
	}
	return c.service + "." + region + ".amazonaws.com"
}
