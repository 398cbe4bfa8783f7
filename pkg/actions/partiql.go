package actions

import "strings"

// tables uses the DynamoDB tables that a call names otherwise than by a parameter: in
// PartiQL statements, of which each verb is an action of its own, and as the members of
// a batch's requestItems; and the index that a query is decided on, not its table
// ("DynamoDB API permissions", developer guide). Where resources[] lists ARNs and no statement is shown, those
// hold. It reports whether it took the target over.
func (r *Resolver) tables(t *target, basis Basis) bool {
	if t.action == "dynamodb:Query" || t.action == "dynamodb:Scan" {
		before := len(r.uses)
		if index := r.value("indexname"); index != "" {
			r.table(t, basis, r.value("tablename"), index)
		}
		return len(r.uses) > before
	}
	if r.mixed(t) {
		return r.anyTable(t)
	}
	verb, partiQL := strings.CutPrefix(t.action, "dynamodb:PartiQL")
	batch := t.action == "dynamodb:BatchGetItem" || t.action == "dynamodb:BatchWriteItem"
	if !partiQL && (!batch || len(r.arns) > 0) {
		return false
	}
	before := len(r.uses)
	for i, pp := range r.paths {
		switch {
		case pp.root != 'p' || len(pp.names) == 0:
		case partiQL && pp.names[len(pp.names)-1] == "statement" && isVerb(r.values[i], verb):
			table, index := statementTable(r.values[i], verb)
			if table == "" {
				r.drop(before)
				return false // one that is not understood may be about any table
			}
			r.table(t, basis, table, index)
		case batch && pp.table != "":
			r.table(t, basis, pp.table, "")
		case batch && pp.names[0] == "requestitems":
			r.use(t, -1, "", KindNone, basis) // where the name ends is not known
		}
	}
	return len(r.uses) > before
}

// mixed reports whether the target is one of several operations of a transaction on
// several tables: CloudTrail lists both ("Understanding DynamoDB log file entries",
// developer guide), and which goes with which is lost.
func (r *Resolver) mixed(t *target) bool {
	if !strings.HasSuffix(t.action, "Item") || strings.HasPrefix(t.action, "dynamodb:Batch") {
		return false
	}
	return r.several("operation") && r.several("tablename")
}

// several reports whether members of that name have more than one value.
func (r *Resolver) several(name string) bool {
	first := ""
	for i, pp := range r.paths {
		if pp.root != 'p' || len(pp.names) < 2 || pp.names[len(pp.names)-1] != name {
			continue
		}
		if first == "" {
			first = r.values[i]
		} else if r.values[i] != first {
			return true
		}
	}
	return false
}

// anyTable uses each table that the call names as one that may be meant.
func (r *Resolver) anyTable(t *target) bool {
	before := len(r.uses)
	for i, pp := range r.paths {
		if pp.root == 'p' && len(pp.names) > 1 && pp.names[len(pp.names)-1] == "tablename" {
			r.table(t, Ambiguous, r.values[i], "")
		}
	}
	return len(r.uses) > before
}

// table uses one table, or the index of it that is read.
func (r *Resolver) table(t *target, basis Basis, table, index string) {
	if table != "" && !concrete(table) {
		r.use(t, -1, "", KindNone, basis) // one that may not be named
	}
	if table == "" || !concrete(table) || !concrete(index) && index != "" {
		return
	}
	mark := r.arena.mark()
	if !isARN(table) {
		for _, s := range []string{"arn:", orStar(r.accounts[0]), ":dynamodb:", orStar(r.region), ":", orStar(r.accounts[1]), ":table/"} {
			r.arena.add(s)
		}
	}
	r.arena.add(table)
	if index != "" {
		r.arena.add("/index/")
		r.arena.add(index)
	}
	s := r.arena.since(mark)
	r.use(t, bestType(t, s), s, kindOf(s), basis)
}

// cutStatement is the length at which a statement may have been cut when it was read.
const cutStatement = 500

// isVerb reports whether a statement begins with the verb.
func isVerb(statement, verb string) bool {
	statement = strings.TrimSpace(statement)
	return len(statement) > len(verb) && strings.EqualFold(statement[:len(verb)], verb) && !nameByte(statement[len(verb)])
}

// statementTable finds the table that a PartiQL statement is about, and the index that
// it reads ("PartiQL select statements for DynamoDB", developer guide):
//
//	SELECT … FROM "table"."index" …, INSERT INTO table …, UPDATE table …, DELETE FROM table …
//
// "" where the statement has another form, or may have been cut within the name.
func statementTable(statement, verb string) (table, index string) {
	rest := strings.TrimSpace(statement)[len(verb):]
	switch verb {
	case "Insert":
		rest = afterWord(rest, "into")
	case "Select", "Delete":
		rest = afterWord(rest, "from")
	}
	table, rest = sqlName(strings.TrimSpace(rest))
	if tail, ok := strings.CutPrefix(rest, "."); ok && verb == "Select" {
		if index, rest = sqlName(tail); index == "" {
			return "", ""
		}
	}
	if rest == "" && len(statement) >= cutStatement {
		return "", ""
	}
	return table, index
}

// afterWord is what follows the first such word outside of quotes, "" without one.
func afterWord(s, word string) string {
	for i := 0; i < len(s); {
		switch {
		case s[i] == '"' || s[i] == '\'':
			end := strings.IndexByte(s[i+1:], s[i])
			if end < 0 {
				return ""
			}
			i += end + 2
		case nameByte(s[i]):
			end := i
			for end < len(s) && nameByte(s[end]) {
				end++
			}
			if strings.EqualFold(s[i:end], word) {
				return s[end:]
			}
			i = end
		default:
			i++
		}
	}
	return ""
}

// sqlName splits a name off: a word, or what stands in double quotes.
func sqlName(s string) (name, rest string) {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		if name, rest, ok = strings.Cut(quoted, `"`); ok {
			return name, rest
		}
		return "", ""
	}
	end := 0
	for end < len(s) && nameByte(s[end]) {
		end++
	}
	return s[:end], s[end:]
}

// nameByte reports whether a byte may stand in a word of a statement.
func nameByte(c byte) bool {
	l := lowerByte(c)
	return 'a' <= l && l <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// batchTable is the table that a path of a batch names: "p.requestItems.TABLE[].…" of
// BatchWriteItem, "p.requestItems.TABLE.keys…" of BatchGetItem. A table's name may hold
// dots, and the members that can follow it are known.
func batchTable(path string) string {
	rest, ok := strings.CutPrefix(path, "p.requestItems.")
	if !ok {
		return ""
	}
	end := strings.Index(rest, "[]")
	for _, member := range [...]string{".keys", ".consistentRead", ".attributesToGet", ".projectionExpression", ".expressionAttributeNames"} {
		if i := strings.Index(rest, member); i >= 0 && (end < 0 || i < end) {
			end = i
		}
	}
	if end < 0 {
		return ""
	}
	return rest[:end]
}
