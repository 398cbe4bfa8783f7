package family

// Calls on DynamoDB, SQS, SNS, Secrets Manager, Parameter Store, Athena and Glue.

// item is a data event on a table.
func (d *day) item(by *session, name, table string) call {
	arn := d.s.in("dynamodb", "table/"+table)
	return call{
		by: by, source: "dynamodb", name: name, data: true, read: name == "GetItem" || name == "Query" || name == "Scan",
		params:  members{"tableName": table, "key": members{"id": "HIDDEN_DUE_TO_SECURITY_REASONS"}},
		targets: []target{{"AWS::DynamoDB::Table", arn}}, uses: use("dynamodb:"+name, arn),
	}
}

// query goes to an index of a table.
func (d *day) query(by *session, table, index string) call {
	c := d.item(by, "Query", table)
	c.params = members{"tableName": table, "indexName": index, "keyConditionExpression": "#k = :v"}
	c.uses = use("dynamodb:Query", d.s.in("dynamodb", "table/"+table+"/index/"+index))
	return c
}

// table is a management event on a table.
func (d *day) table(by *session, name, table string) call {
	arn := d.s.in("dynamodb", "table/"+table)
	c := call{
		by: by, source: "dynamodb", name: name, read: name == "DescribeTable", params: members{"tableName": table},
		targets: []target{{"AWS::DynamoDB::Table", arn}}, uses: use("dynamodb:"+name, arn),
	}
	if name == "CreateTable" {
		c.params["billingMode"] = "PAY_PER_REQUEST"
		c.params["keySchema"] = []members{{"attributeName": "id", "keyType": "HASH"}}
	}
	return c
}

// message is a data event on a queue.
func (d *day) message(by *session, name, queue string) call {
	arn := d.s.in("sqs", queue)
	return call{
		by: by, source: "sqs", name: name, data: true,
		params:  members{"queueUrl": "https://sqs." + home + ".amazonaws.com/" + d.s.account + "/" + queue},
		targets: []target{{"AWS::SQS::Queue", arn}}, uses: use("sqs:"+name, arn),
	}
}

// queue is a management event on a queue.
func (d *day) queue(by *session, name, queue string) call {
	c := call{
		by: by, source: "sqs", name: name, read: name == "GetQueueAttributes", uses: use("sqs:"+name, d.s.in("sqs", queue)),
		params: members{"queueUrl": "https://sqs." + home + ".amazonaws.com/" + d.s.account + "/" + queue},
	}
	if name == "CreateQueue" {
		c.response = c.params
		c.params = members{"queueName": queue}
	}
	return c
}

// publish is a data event on a topic.
func (d *day) publish(by *session, topic string) call {
	arn := d.s.in("sns", topic)
	return call{
		by: by, source: "sns", name: "Publish", data: true, params: members{"topicArn": arn, "message": "HIDDEN_DUE_TO_SECURITY_REASONS"},
		targets: []target{{"AWS::SNS::Topic", arn}}, uses: use("sns:Publish", arn),
	}
}

// secret reads a secret; byName leaves its suffix out of the record.
func (d *day) secret(by *session, name, suffix string, byName bool) call {
	arn := d.s.in("secretsmanager", "secret:"+name+"-"+suffix)
	id := arn
	if byName {
		id = name
	}
	c := read(by, "secretsmanager", "GetSecretValue", members{"secretId": id}, arn)
	if byName {
		return c.hide()
	}
	return c
}

// parameter is a call on one parameter, which begins with a slash.
func (d *day) parameter(by *session, name, parameter string) call {
	arn := d.s.in("ssm", "parameter"+parameter)
	c := call{
		by: by, source: "ssm", name: name, read: name != "PutParameter" && name != "DeleteParameter",
		params: members{"name": parameter}, targets: []target{{"", arn}}, uses: use("ssm:"+name, arn),
	}
	switch name {
	case "GetParameter":
		c.params["withDecryption"] = true
	case "GetParametersByPath":
		c.params = members{"path": parameter, "recursive": true, "withDecryption": true}
	case "PutParameter":
		c.params["type"], c.params["overwrite"], c.params["value"] = "SecureString", true, "HIDDEN_DUE_TO_SECURITY_REASONS"
	}
	return c
}

// glue reads a table of the Data Catalog, which asks for the database and the
// catalog too.
func (d *day) glue(by *session, name, database, table string) call {
	c := call{
		by: by, source: "glue", name: name, read: name != "BatchCreatePartition" && name != "UpdateTable",
		params: members{"databaseName": database, "tableName": table},
		uses:   use("glue:"+name, d.s.in("glue", "catalog"), d.s.in("glue", "database/"+database), d.s.in("glue", "table/"+database+"/"+table)),
	}
	switch name {
	case "GetTable":
		c.params = members{"databaseName": database, "name": table}
	case "GetDatabase":
		c.params, c.uses = members{"name": database}, c.uses[:2]
	}
	return c
}

// athena runs a query and asks for it until it is done; only the first record
// tells the workgroup.
func (d *day) athena(by *session, group, database, sql, output string) string {
	wg, id := d.s.in("athena", "workgroup/"+group), d.uuid()
	d.emit(call{
		by: by, source: "athena", name: "StartQueryExecution", response: members{"queryExecutionId": id},
		params: members{"queryString": sql, "clientRequestToken": d.uuid(), "workGroup": group,
			"queryExecutionContext": members{"database": database}, "resultConfiguration": members{"outputLocation": output}},
		uses: use("athena:StartQueryExecution", wg),
	})
	for _, name := range []string{"GetQueryExecution", "GetQueryExecution", "GetQueryResults"} {
		d.emit(read(by, "athena", name, members{"queryExecutionId": id}, wg).hide())
	}
	return id
}
