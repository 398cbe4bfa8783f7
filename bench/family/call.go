package family

import (
	"encoding/json"
	"strings"
	"time"
)

// members is a JSON object.
type members = map[string]any

// Use is one permission that a call exercised, with the context keys that its
// resource or action brings along.
type Use struct {
	Action   string            `json:"action"`
	Resource string            `json:"resource"`
	Context  map[string]string `json:"context,omitempty"`
	// Hidden is set where the record does not tell the resource.
	Hidden bool `json:"hidden,omitempty"`
}

// Call is the truth about one event.
type Call struct {
	At        time.Time `json:"at"`
	Principal string    `json:"principal"`
	Event     string    `json:"event"`
	Region    string    `json:"region"`
	Uses      []Use     `json:"uses"`
	// Allowed is false for calls that were denied, or failed before authorization.
	Allowed bool `json:"allowed"`
}

// target is one entry of a record's resources.
type target struct{ kind, arn string }

// call is one event before it becomes a record.
type call struct {
	by               *session
	source, name     string // "s3", "GetObject"
	read, data       bool
	params, response members
	targets          []target
	uses             []Use
	code, message    string
	refused          bool // denied, or failed before authorization
	via              string
	region           string // "" is home
	at               time.Time
}

// use makes the uses of an action, one for each resource.
func use(action string, resources ...string) []Use {
	us := make([]Use, len(resources))
	for i, r := range resources {
		us[i] = Use{Action: action, Resource: r}
	}
	return us
}

// also adds a permission that the call needs beside its own.
func (c call) also(action string, resources ...string) call {
	c.uses = append(c.uses[:len(c.uses):len(c.uses)], use(action, resources...)...)
	return c
}

// pass adds the passing of a role to a service.
func (c call) pass(r *role, service string) call {
	c.uses = append(c.uses[:len(c.uses):len(c.uses)],
		Use{Action: "iam:PassRole", Resource: r.arn, Context: map[string]string{"iam:PassedToService": service}})
	return c
}

// hide marks the resources of the call as those that the record does not tell.
func (c call) hide() call {
	us := append([]Use(nil), c.uses...)
	for i := range us {
		us[i].Hidden = true
	}
	c.uses = us
	return c
}

// about adds a context key to every use of the call.
func (c call) about(key, value string) call {
	us := make([]Use, len(c.uses))
	for i, u := range c.uses {
		us[i] = u
		us[i].Context = map[string]string{key: value}
		for k, v := range u.Context {
			us[i].Context[k] = v
		}
	}
	c.uses = us
	return c
}

// deny makes the call a refused one.
func (c call) deny() call {
	c.refused, c.response, c.code = true, nil, "AccessDenied"
	if c.source == "ec2" {
		c.code = "Client.UnauthorizedOperation"
	}
	u := c.uses[0]
	c.message = "User: " + c.by.arn() + " is not authorized to perform: " + u.Action + " on resource: " + u.Resource +
		" because no identity-based policy allows the " + u.Action + " action"
	return c
}

// throttle makes the call fail before anybody looked at its permissions.
func (c call) throttle() call {
	c.refused, c.response, c.code, c.message = true, nil, "ThrottlingException", "Rate exceeded"
	return c
}

// arn is the session's ARN.
func (s *session) arn() string {
	if s.r.user {
		return s.r.arn
	}
	return "arn:aws:sts::" + strings.Split(s.r.arn, ":")[4] + ":assumed-role/" + s.r.name + "/" + s.name
}

// emit adds a call to the day, some seconds after the last one.
func (d *day) emit(c call) {
	d.clock = d.clock.Add(time.Duration(200+d.IntN(9000)) * time.Millisecond)
	c.at = d.clock.Truncate(time.Second)
	if c.region == "" {
		c.region = home
	}
	d.calls = append(d.calls, c)
}

// truth is what is told of a call.
func (c *call) truth() Call {
	return Call{At: c.at, Principal: c.by.r.arn, Event: c.source + ":" + c.name, Region: c.region, Uses: c.uses, Allowed: !c.refused}
}

// record writes the call as CloudTrail does.
func (c *call) record(d *dice, account string) []byte {
	m := members{
		"eventVersion": "1.11", "userIdentity": c.identity(account), "eventTime": c.at.Format(time.RFC3339),
		"eventSource": c.source + ".amazonaws.com", "eventName": c.name, "awsRegion": c.region,
		"sourceIPAddress": c.by.ip, "userAgent": c.by.agent,
		"requestParameters": orNull(c.params), "responseElements": orNull(c.response),
		"requestID": d.uuid(), "eventID": d.uuid(), "readOnly": c.read, "eventType": "AwsApiCall",
		"managementEvent": !c.data, "recipientAccountId": account, "eventCategory": "Management",
	}
	if c.data {
		m["eventCategory"] = "Data"
	}
	if c.code != "" {
		m["errorCode"], m["errorMessage"] = c.code, c.message
	}
	if len(c.targets) > 0 {
		m["resources"] = c.resources(account)
	}
	if c.via != "" {
		m["sourceIPAddress"], m["userAgent"] = c.via, c.via
	} else {
		m["tlsDetails"] = members{"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader": c.source + "." + c.region + ".amazonaws.com"}
	}
	if c.by.vpce != "" && c.source == "s3" {
		m["vpcEndpointId"], m["vpcEndpointAccountId"] = c.by.vpce, account
	}
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // maps of strings always have a JSON form
	}
	return data
}

func (c *call) resources(account string) []members {
	l := make([]members, len(c.targets))
	for i, t := range c.targets {
		l[i] = members{"ARN": t.arn}
		if t.kind != "AWS::S3::Object" {
			l[i]["accountId"] = account
		}
		if t.kind != "" {
			l[i]["type"] = t.kind
		}
	}
	return l
}

func (c *call) identity(account string) members {
	s := c.by
	if s.r.user {
		return members{"type": "IAMUser", "principalId": s.r.id, "arn": s.r.arn, "accountId": account,
			"accessKeyId": "AKIA" + s.key[4:], "userName": s.r.name}
	}
	m := members{
		"type": "AssumedRole", "principalId": s.r.id + ":" + s.name, "arn": s.arn(), "accountId": account, "accessKeyId": s.key,
		"sessionContext": members{
			"sessionIssuer": members{"type": "Role", "principalId": s.r.id, "arn": s.r.arn, "accountId": account, "userName": s.r.name},
			"attributes":    members{"creationDate": s.began.Format(time.RFC3339), "mfaAuthenticated": "false"},
		},
	}
	if c.via != "" {
		m["invokedBy"] = c.via
	}
	return m
}

func orNull(m members) any {
	if m == nil {
		return nil
	}
	return m
}
