package workload

import "fmt"

// etl is the nightly job of the service role: date-partitioned files in, a
// partition of the curated table out, every day of the week.
func etl(d *day) {
	w := d.w
	d.from(2, 0)
	s := &session{
		p: w.etl, name: "GlueJobRunnerSession", key: d.temporaryKey(), began: d.clock,
		ip: d.address("192.0.2.", 3), agent: agentJava, vpce: endpoint,
	}
	d.assumedBy("glue.amazonaws.com", s)
	raw, prefix := bucket("raw", w.prod), d.date.Format("orders/2006/01/02/")
	d.emit(d.listObjects(s, raw, prefix, w.prod))
	parts := d.times(w.cfg.Parts * w.cfg.Rate)
	for i := range parts {
		d.emit(d.object(s, "GetObject", raw, fmt.Sprintf("%spart-%05d.parquet", prefix, i), w.prod))
	}
	d.emit(d.viaService(s, "Decrypt", keyData, "s3.amazonaws.com", obj("aws:s3:arn", s3arn(raw))))
	d.lookupTable(s)
	d.crossAccount(d.object(s, "GetObject", bucket("lake", w.data), "reference/products/current.parquet", w.data), w.data)
	d.curate(s, parts)
	d.refreshView(s)
	if d.date.Weekday() == 1 {
		d.emit(d.missing(s, raw, prefix+"_SUCCESS", w.prod))
	}
	if d.n%9 == 4 {
		d.emit(d.catalogCall(s, "GetPartitions", true).fail("ThrottlingException", "Rate exceeded"))
	}
}

// curate writes the partition and registers it.
func (d *day) curate(s *session, parts int) {
	curated := bucket("curated", d.w.prod)
	for i := range max(1, parts/2) {
		key := fmt.Sprintf("orders/dt=%s/part-%05d-%s.snappy.parquet", d.date.Format("2006-01-02"), i, d.hex(8))
		d.emit(d.object(s, "PutObject", curated, key, d.w.prod))
	}
	d.emit(d.viaService(s, "GenerateDataKey", keyData, "s3.amazonaws.com", obj("aws:s3:arn", s3arn(curated))))
	d.emit(d.catalogCall(s, "BatchCreatePartition", false))
	if d.date.Weekday() == 0 { // compaction
		d.emit(d.object(s, "DeleteObject", curated, "orders/_temporary/"+d.hex(8), d.w.prod))
	}
}

// lookupTable reads the catalogue as Glue jobs do at their start.
func (d *day) lookupTable(s *session) {
	d.emit(d.catalogCall(s, "GetTable", true))
	d.logStream(s, "/aws-glue/jobs/output", "jr_"+d.hex(32))
}

// catalogCall is a call on the curated table: catalogue, database and table.
func (d *day) catalogCall(s *session, name string, read bool) call {
	params := obj("catalogId", d.w.prod, "databaseName", "curated")
	action := "glue:" + name
	switch name {
	case "GetTable":
		params = params.with("name", "orders")
	default:
		params = params.with("tableName", "orders")
	}
	if name == "BatchCreatePartition" {
		params = params.with("partitionInputList", list{obj("values", texts(d.date.Format("2006-01-02")),
			"storageDescriptor", obj("location", "s3://"+bucket("curated", d.w.prod)+"/orders/dt="+d.date.Format("2006-01-02")+"/"))})
	}
	return call{
		by: s, service: "glue", name: name, read: read, params: params,
		uses: used(action, arn("glue", d.region, d.w.prod, "catalog"),
			arn("glue", d.region, d.w.prod, "database/curated"), arn("glue", d.region, d.w.prod, "table/curated/orders")),
	}
}

// refreshView runs one query in the job's workgroup.
func (d *day) refreshView(s *session) {
	group := arn("athena", d.region, d.w.prod, "workgroup/etl")
	query := d.uuid()
	d.write(s, "athena", "StartQueryExecution", "athena:StartQueryExecution", group,
		obj("queryString", "HIDDEN_DUE_TO_SECURITY_REASONS", "clientRequestToken", d.uuid(),
			"queryExecutionContext", obj("database", "curated"), "workGroup", "etl"),
		obj("queryExecutionId", query))
	d.emit(call{
		by: s, service: "athena", name: "GetQueryExecution", read: true,
		params: obj("queryExecutionId", query), uses: hidden("athena:GetQueryExecution", group),
	})
}
