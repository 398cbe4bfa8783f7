package workload

import "fmt"

// web is the application's API, in two regions: items of one table, queues,
// a secret at start, and files under one prefix per tenant.
func web(d *day) {
	for left := d.busy(7, 0.3); left >= 0; left -= perTask {
		d.webTask(0, 24, min(left, perTask))
	}
	if d.busy(0.7, 0.4) == 0 {
		return
	}
	d.region = abroad
	for left := d.busy(2.5, 0.3); left >= 0; left -= perTask {
		d.webTask(6, 20, min(left, perTask))
	}
}

// perTask is how many requests one container serves before the next one starts.
const perTask = 40

// webTask is one container from its start to its end.
func (d *day) webTask(from, to, requests int) {
	w := d.w
	d.anytime(from, from+2)
	s := &session{
		p: w.web, name: d.hex(32), key: d.temporaryKey(), began: d.clock,
		ip: d.address("192.0.2.", 20), agent: agentGo, vpce: endpointIn(d.region),
	}
	d.assumedBy("ecs-tasks.amazonaws.com", s)
	d.startUp(s)
	for range requests {
		d.anytime(from+2, to)
		d.request(s)
	}
	if d.IntN(4) == 0 {
		d.emit(d.item(s, "PutItem", obj("orderId", "AAAAAA")).fail("ProvisionedThroughputExceededException",
			"The level of configured provisioned throughput for the table was exceeded."))
	}
}

// startUp reads the configuration and the secret.
func (d *day) startUp(s *session) {
	w := d.w
	secret := arn("secretsmanager", d.region, w.prod, "secret:prod/web/database-Ab3dE9")
	d.read(s, "secretsmanager", "GetSecretValue", "secretsmanager:GetSecretValue", secret, obj("secretId", secret))
	d.emit(d.viaService(s, "Decrypt", keySecrets, "secretsmanager.amazonaws.com",
		obj("SecretARN", secret, "SecretVersionId", "44444444-aaaa-4bbb-8ccc-000000000001")))
	name := "/shared/web/feature-flags"
	p := arn("ssm", d.region, w.prod, "parameter"+name)
	d.emit(call{
		by: s, service: "ssm", name: "GetParameter", read: true, params: obj("name", name, "withDecryption", false),
		targets: []target{{"", p, w.prod}}, uses: used("ssm:GetParameter", p),
	})
	topic := arn("sns", d.region, w.prod, "order-events")
	if d.IntN(7) == 0 {
		d.read(s, "sns", "GetTopicAttributes", "sns:GetTopicAttributes", topic, obj("topicArn", topic))
	}
}

// request is one request of a tenant.
func (d *day) request(s *session) {
	w := d.w
	tenant := fmt.Sprintf("tenant-%04d", 1+d.IntN(w.tenants(d.n)))
	key := obj("orderId", tenant+"#"+d.hex(8))
	store := bucket("tenants", w.prod)
	if d.region == abroad {
		store = bucket("tenants-eu", w.prod)
	}
	switch n := d.IntN(20); {
	case n < 5:
		d.emit(d.item(s, "GetItem", key))
	case n < 8:
		d.emit(d.item(s, "Query", nil))
	case n < 11:
		d.emit(d.item(s, pick(d.stream, "PutItem", "UpdateItem"), key))
		d.emit(d.message(s, "SendMessage"))
	case n < 14:
		d.emit(d.object(s, "PutObject", store, tenant+"/uploads/"+d.uuid()+".json", w.prod))
	case n < 17:
		d.emit(d.object(s, "GetObject", store, tenant+"/settings.json", w.prod))
	case n < 18:
		d.emit(d.missing(s, store, tenant+"/uploads/"+d.hex(8)+".json", w.prod))
	case n < 19:
		d.emit(d.invoke(s, "pdf-render"))
	default:
		d.emit(d.message(s, "ReceiveMessage"))
		d.emit(d.message(s, "DeleteMessage"))
	}
}

// item is a data event on the orders table; a query goes to its index.
func (d *day) item(s *session, name string, key object) call {
	table := arn("dynamodb", d.region, d.w.prod, "table/orders")
	c := call{
		by: s, service: "dynamodb", name: name, read: name == "GetItem" || name == "Query", data: true, apiVersion: "2012-08-10",
		params:  obj("tableName", "orders", "key", key),
		targets: []target{{"AWS::DynamoDB::Table", table, d.w.prod}},
		uses:    used("dynamodb:"+name, table),
	}
	if name == "Query" {
		c.params = obj("tableName", "orders", "indexName", "by-customer", "keyConditionExpression", "customerId = :c", "limit", 25)
		c.uses = used("dynamodb:Query", table+"/index/by-customer")
	}
	return c
}

// message is a data event on the work queue.
func (d *day) message(s *session, name string) call {
	queue := arn("sqs", d.region, d.w.prod, "orders-work")
	params := obj("queueUrl", "https://sqs."+d.region+".amazonaws.com/"+d.w.prod+"/orders-work")
	if name == "SendMessage" {
		params = params.with("messageBody", "HIDDEN_DUE_TO_SECURITY_REASONS")
	}
	return call{
		by: s, service: "sqs", name: name, data: true, params: params,
		targets: []target{{"AWS::SQS::Queue", queue, d.w.prod}}, uses: used("sqs:"+name, queue),
	}
}

// invoke is a data event on a function.
func (d *day) invoke(s *session, name string) call {
	fn := arn("lambda", d.region, d.w.prod, "function:"+name)
	return call{
		by: s, service: "lambda", name: "Invoke", data: true,
		params:  obj("functionName", fn, "invocationType", "RequestResponse"),
		targets: []target{{"AWS::Lambda::Function", fn, d.w.prod}}, uses: used("lambda:InvokeFunction", fn),
	}
}
