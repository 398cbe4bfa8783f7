package speed

import (
	"strconv"
	"time"
)

// maker makes objects, one after the other. Each worker has one.
type maker struct {
	*source
	cfg      *Config
	fillers  []filler
	kinds    []kind
	accounts []*account
	shell    shell

	out     []byte // the object
	account *account
	region  string
	at      time.Time
	session *session
	call    *call
	thing   *thing
	key     []byte
}

// shell is the members that all records have.
type shell struct{ head, role, service, names, caller, tail, tls template }

func newMaker(c *Config) *maker {
	m := &maker{cfg: c, fillers: fillers(), kinds: kinds()}
	for i := range accounts {
		m.accounts = append(m.accounts, newAccount(c.Seed, i, m.kinds))
	}
	m.shell = shell{
		head:    m.compile(`{"eventVersion":"1.11","userIdentity":`),
		role:    m.compile(`{"type":"AssumedRole","principalId":"<roleid>:<session>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<session>","accountId":"<account>","accessKeyId":"<accesskey>","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"<roleid>","arn":"arn:aws:iam::<account>:role/<role>","accountId":"<account>","userName":"<role>"},"attributes":{"creationDate":"<began>","mfaAuthenticated":"false"}}`),
		service: m.compile(`{"type":"AWSService"`),
		names:   m.compile(`},"eventTime":"<time>","eventSource":"<service>.amazonaws.com","eventName":"<action>","awsRegion":"<region>","sourceIPAddress":`),
		caller:  m.compile(`"<address>","userAgent":"<agent>"`),
		tail:    m.compile(`,"eventID":"<uuid>","readOnly":`),
		tls:     m.compile(`,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"`),
	}
	for i := range m.kinds {
		k := &m.kinds[i]
		for j := range k.calls {
			m.prepare(&k.calls[j])
			k.weights = append(k.weights, k.calls[j].weight)
		}
	}
	return m
}

func (m *maker) compile(text string) template { return compile(text, m.fillers) }

// prepare compiles the templates of a call.
func (m *maker) prepare(c *call) {
	if c.request == "" {
		c.request = "<uuid>"
	}
	orNull := func(text string) template {
		if text == "" {
			text = "null"
		}
		return m.compile(text)
	}
	c.compiled.params, c.compiled.response = orNull(c.params), orNull(c.response)
	c.compiled.extra, c.compiled.resources, c.compiled.request = m.compile(c.extra), m.compile(c.resources), m.compile(c.request)
}

// record appends one record of the session.
func (m *maker) record() {
	k := &m.kinds[m.session.by.kind]
	m.call = &k.calls[m.weighted(k.weights)]
	m.thing = &m.session.by.things[m.IntN(thingsOfRole)]
	m.chooseKey()
	m.fill(m.shell.head)
	m.identity()
	m.outcome()
	if m.call.extra != "" {
		m.say(`,"additionalEventData":`)
		m.fill(m.call.compiled.extra)
	}
	m.say(`,"requestID":"`)
	m.fill(m.call.compiled.request)
	m.out = append(m.out, '"')
	m.fill(m.shell.tail)
	m.out = strconv.AppendBool(m.out, m.call.read)
	if m.call.resources != "" {
		m.say(`,"resources":`)
		m.fill(m.call.compiled.resources)
	}
	m.end()
}

// say appends text as it is.
func (m *maker) say(s string) { m.out = append(m.out, s...) }

// number appends a number below n.
func (m *maker) number(n int) { m.out = strconv.AppendInt(m.out, int64(m.IntN(n)), 10) }

// chooseKey says on what a call is that is on an S3 object or a log stream.
func (m *maker) chooseKey() {
	switch {
	case !m.call.fresh:
	case m.Float64() >= m.cfg.Fresh:
		m.key = append(m.key[:0], m.thing.paths[m.IntN(pathsOfThing)]...)
	case m.call.service == "logs":
		m.key = m.text(m.key[:0], 32, hexDigits)
	default:
		m.key = m.at.AppendFormat(m.key[:0], "events/date=2006-01-02/hour=15/part-")
		m.key = strconv.AppendInt(m.key, int64(10_000+m.IntN(500)), 10)
		m.key = append(m.uuid(append(m.key, '-')), ".c000.snappy.parquet"...)
	}
}

// identity appends who calls, from where, and what.
func (m *maker) identity() {
	if m.call.asService {
		m.fill(m.shell.service)
	} else {
		m.fill(m.shell.role)
	}
	if m.call.via != "" {
		m.say(`,"invokedBy":"` + m.call.via + `"`)
	}
	m.fill(m.shell.names)
	if m.call.via != "" {
		m.say(`"` + m.call.via + `","userAgent":"` + m.call.via + `"`)
		return
	}
	m.fill(m.shell.caller)
}

// outcome appends the error, if it has one, and what went in and out. What fails,
// fails again and again: a kind's first call on a role's first thing.
func (m *maker) outcome() {
	failed := m.call == &m.kinds[m.session.by.kind].calls[0] && m.thing == &m.session.by.things[0] && m.IntN(4) == 0
	if failed {
		m.say(`,"errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::` + m.account.id + `:assumed-role/` + m.session.by.name + `/` + m.session.name +
			` is not authorized to perform: ` + m.call.service + `:` + m.call.name + ` because no identity-based policy allows the ` + m.call.service + `:` + m.call.name + ` action"`)
	}
	m.say(`,"requestParameters":`)
	m.fill(m.call.compiled.params)
	m.say(`,"responseElements":`)
	if failed {
		m.say("null")
		return
	}
	m.fill(m.call.compiled.response)
}

// end appends the members that follow resources.
func (m *maker) end() {
	m.say(`,"eventType":"AwsApiCall","managementEvent":`)
	m.out = strconv.AppendBool(m.out, !m.call.data)
	m.say(`,"recipientAccountId":"` + m.account.id + `"`)
	if m.call.service == "s3" && m.call.data {
		m.say(`,"vpcEndpointId":"` + m.session.by.endpoint + `"`)
	}
	if m.call.data {
		m.say(`,"eventCategory":"Data"`)
	} else {
		m.say(`,"eventCategory":"Management"`)
	}
	if m.call.via == "" {
		m.fill(m.shell.tls)
		if m.call.service == "s3" {
			m.say(m.thing.bucket + ".")
		}
		m.say(m.call.service + "." + m.region + `.amazonaws.com"}`)
	}
	m.say("}")
}
