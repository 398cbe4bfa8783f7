package actions

import (
	"slices"
	"strings"
	"testing"
)

func TestStatementTable(t *testing.T) {
	for _, tt := range []struct{ statement, verb, want string }{
		{`SELECT * FROM "Music" WHERE Artist='?'`, "Select", "Music "},
		{`select a, "from" , b from Music."By-Album" where x = ?`, "Select", "Music By-Album"},
		{`SELECT '?' FROM "a.b"."i"`, "Select", "a.b i"},
		{`INSERT INTO "Music" value {'?':'?'}`, "Insert", "Music "},
		{`UPDATE Music SET x=? WHERE y=?`, "Update", "Music "},
		{`DELETE FROM "Music" WHERE y=?`, "Delete", "Music "},
		{`SELECT EXISTS(SELECT * FROM "T")`, "Select", "T "},
		{`SELECT * FROM "Music`, "Select", " "},
		{`SELECT * FROM "Music".`, "Select", " "},
		{`DELETE "Music"`, "Delete", " "},
		{`SELECT ` + strings.Repeat("a,", 250) + ` FROM Mus`, "Select", " "},
		{`SELECT`, "Select", " "},
	} {
		table, index := statementTable(tt.statement, tt.verb)
		if got := table + " " + index; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.statement, got, tt.want)
		}
	}
}

func TestDynamoDBTables(t *testing.T) {
	const arn = "arn:aws:dynamodb:us-east-1:111122223333:table/"
	call := func(name string, args ...string) []string {
		c := testCall("dynamodb", name)
		for i := 0; i < len(args); i += 2 {
			c.Args = append(c.Args, Arg{Path: args[i], Value: args[i+1]})
		}
		return lines(NewResolver(Default()).Resolve(c).Uses)
	}
	for _, tt := range []struct{ got, want []string }{
		{call("ExecuteStatement", "p.statement", `SELECT * FROM "T"."i"`), []string{"dynamodb:PartiQLSelect " + arn + "T/index/i"}},
		{call("ExecuteStatement", "p.statement", `SELECT * FROM "arn:aws:dynamodb:us-east-1:444455556666:table/T"`),
			[]string{"dynamodb:PartiQLSelect arn:aws:dynamodb:us-east-1:444455556666:table/T"}},
		// Each verb has its own tables, whatever resources[] lists.
		{call("BatchExecuteStatement", "p.statements[].statement", `DELETE FROM "A"`, "p.statements[].statement", `UPDATE "B" SET x=?`,
			"s[].ARN", arn+"A", "s[].ARN", arn+"B"), []string{"dynamodb:PartiQLDelete " + arn + "A", "dynamodb:PartiQLUpdate " + arn + "B"}},
		// A statement that is not understood leaves resources[].
		{call("ExecuteStatement", "p.statement", `SELECT broken`, "s[].ARN", arn+"A"), []string{"dynamodb:PartiQLSelect " + arn + "A"}},
		{call("ExecuteStatement", "p.statement", `SELECT * FROM "T*"`), []string{"dynamodb:PartiQLSelect -"}},
		{call("BatchWriteItem", "p.requestItems.A.b[].putRequest.item", "", "p.requestItems.C[].deleteRequest.key", ""),
			[]string{"dynamodb:BatchWriteItem " + arn + "A.b", "dynamodb:BatchWriteItem " + arn + "C"}},
		{call("BatchGetItem", "p.requestItems.A.b.keys[].x", ""), []string{"dynamodb:BatchGetItem " + arn + "A.b"}},
		{call("Query", "p.indexName", "i", "p.tableName", "T", "s[].ARN", arn+"T"), []string{"dynamodb:Query " + arn + "T/index/i"}},
		{call("Scan", "p.indexName", "i", "p.tableName", arn+"T"), []string{"dynamodb:Scan " + arn + "T/index/i"}},
		{call("Query", "p.tableName", "T"), []string{"dynamodb:Query " + arn + "T"}},
		// A transaction lists operations and tables; with several of both, which goes with which is lost.
		{call("TransactWriteItems", "p.requestItems[].operation", "Put", "p.requestItems[].operation", "Delete", "p.requestItems[].tableName", "A"),
			[]string{"dynamodb:DeleteItem " + arn + "A", "dynamodb:PutItem " + arn + "A"}},
		{call("TransactWriteItems", "p.requestItems[].operation", "Put", "p.requestItems[].tableName", "A", "p.requestItems[].tableName", "B"),
			[]string{"dynamodb:PutItem " + arn + "A", "dynamodb:PutItem " + arn + "B"}},
		{call("TransactWriteItems", "p.requestItems[].operation", "Put", "p.requestItems[].operation", "Delete", "p.requestItems[].tableName", "A",
			"p.requestItems[].tableName", "B", "s[].ARN", arn+"A", "s[].ARN", arn+"B"), []string{
			"dynamodb:DeleteItem " + arn + "A ambiguous", "dynamodb:DeleteItem " + arn + "B ambiguous",
			"dynamodb:PutItem " + arn + "A ambiguous", "dynamodb:PutItem " + arn + "B ambiguous"}},
		{call("BatchGetItem", "p.requestItems.A", ""), []string{"dynamodb:BatchGetItem -"}},
		{call("BatchGetItem", "p.requestItems.A.keys[].x", "", "s[].ARN", arn+"Z"), []string{"dynamodb:BatchGetItem " + arn + "Z"}},
	} {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
