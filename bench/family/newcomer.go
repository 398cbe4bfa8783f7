package family

import (
	"fmt"
	"time"
)

// newcomer bills customers, of whom one joins each week; invoices are written on
// Mondays, statements at the month's end, and once everything moved.
func newcomer(s *site) func(*day) {
	bill := s.job("/billing/", "invoice-writer", "lambda.amazonaws.com")
	s.attach(bill, "billing", `{"Version":"2012-10-17","Statement":[
	 {"Sid":"Read","Effect":"Allow","Action":["s3:GetObject*","s3:ListBucket*"],"Resource":["arn:aws:s3:::example-usage","arn:aws:s3:::example-usage/*","arn:aws:s3:::example-usage-old","arn:aws:s3:::example-usage-old/*"]},
	 {"Sid":"Write","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::example-invoices/*"},
	 {"Sid":"Ledger","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query","dynamodb:BatchWriteItem","dynamodb:DeleteItem"],"Resource":"arn:aws:dynamodb:*:{account}:table/billing-*"},
	 {"Sid":"Mail","Effect":"Allow","Action":["sns:Publish","sqs:SendMessage"],"Resource":"*"}]}`)
	var customers []string
	for i := range 8 {
		customers = append(customers, fmt.Sprintf("cust-%05d", 10200+i*7))
	}
	s.exists(true, object("example-invoices", "internal/board.pdf"), s.in("dynamodb", "table/billing-audit"), object("example-usage", "payroll/1.csv"))
	return func(d *day) {
		if d.n%7 == 3 {
			customers = append(customers, fmt.Sprintf("cust-%05d", 10300+d.n*11))
		}
		d.at(5, 0)
		by := d.as(bill, "invoice-writer")
		for _, c := range customers {
			d.emit(get(by, "example-usage", "customers/"+c+"/"+d.date.Format("2006/01/02")+".csv"))
			d.emit(d.item(by, "PutItem", "billing-ledger"))
		}
		d.invoices(by, customers)
		if d.n == 20 {
			for _, c := range customers {
				d.emit(list(by, "example-usage-old", c+"/"))
				d.emit(get(by, "example-usage-old", c+"/all.csv"))
				d.emit(put(by, "example-invoices", "imported/"+c+"/all.csv"))
			}
		}
	}
}

func (d *day) invoices(by *session, customers []string) {
	year, week := d.date.ISOWeek()
	for i, c := range customers {
		if d.weekday() == time.Monday {
			d.emit(put(by, "example-invoices", fmt.Sprintf("%s/weekly/%d-W%02d.pdf", c, year, week)))
			d.emit(d.publish(by, "billing-sent"))
		}
		if d.monthEnd() {
			d.emit(d.query(by, "billing-ledger", "by-month"))
			d.emit(put(by, "example-invoices", fmt.Sprintf("%s/statements/%s.pdf", c, d.date.Format("2006-01"))))
		}
		if i == 0 && d.one(5) {
			d.emit(get(by, "example-payroll", "2026/09/slips/all.pdf").deny())
		}
	}
}
