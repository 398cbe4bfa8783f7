package depcheck

// Module is the path of this module.
const Module = "github.com/tighten-iam/tighten"

// Walls are the rules of this module; docs/architecture.md tells why they stand.
func Walls() Rules {
	return Rules{Ours: ours(), Apart: apart(), Homes: homes()}
}

// ours follows the pipeline: no package imports one that comes after it.
func ours() map[string][]string {
	return map[string][]string{
		"pkg/iam":                  nil,
		"pkg/trail":                {"internal/inflate", "internal/jsonscan"},
		"pkg/trail/s3trail":        {"pkg/trail"},
		"pkg/trail/trailtest":      {"pkg/trail"},
		"pkg/trail/ocsf":           {"pkg/trail", "pkg/trail/ocsf/internal/leaves"},
		"pkg/usage":                {"pkg/iam", "internal/args", "internal/parquet", "internal/store"},
		"pkg/trail/digest":         {"pkg/trail", "internal/args"},
		"pkg/actions":              {"internal/args", "pkg/actions/reference", "pkg/actions/internal/factsfile"},
		"pkg/actions/reference":    nil,
		"pkg/actions/internal/gen": {"pkg/actions", "pkg/actions/internal/factsfile"},

		"pkg/actions/internal/factsfile": nil,

		"pkg/trail/ocsf/internal/leaves": nil,
		"pkg/trail/ocsf/ocsftest":        nil,

		"pkg/account":         {"pkg/iam"},
		"pkg/account/collect": {"pkg/account"},
		"pkg/synth":           {"pkg/iam", "pkg/actions", "pkg/usage", "pkg/account", "pkg/diff"},
		"pkg/diff":            {"pkg/iam"},
		"pkg/lint":            {"pkg/iam", "pkg/actions"},
		"pkg/iac":             {"pkg/iam"},
		"pkg/report":          {"pkg/iam", "pkg/diff"},
		"internal/args":       {"internal/jsonscan"},
		"internal/inflate":    nil,
		"internal/jsonscan":   nil,
		"internal/parquet":    nil,
		"internal/s3fake":     nil,
		"internal/simulate":   {"pkg/iam", "pkg/report"},
		"internal/store":      nil,
		"internal/depcheck":   nil,
		"internal/quarantine": {"pkg/trail", "pkg/usage"},
		"internal/keeplist":   {"pkg/actions", "pkg/synth"},
		"internal/refresh":    {"pkg/actions", "pkg/actions/reference"},
		"internal/ingest":     {"pkg/trail", "pkg/trail/digest", "pkg/trail/ocsf", "pkg/usage", "pkg/actions", "internal/args"},
		"internal/forge":      {"pkg/iac"},
		"internal/cli":        {Any},
		"cmd/tighten":         {"internal/cli"},
		"bench/...":           {Any},
	}
}

func apart() []Apart {
	const replay = "a proposal must be possible from the dataset, the snapshot and the facts alone, without the logs"
	const facts = "what logs look like and what calls mean change for different reasons"
	return []Apart{
		{"pkg/synth", "pkg/trail/...", replay},
		{"pkg/trail/...", "pkg/actions/...", facts},
		{"pkg/actions/...", "pkg/trail/...", facts},
		{"pkg/iac", "internal/forge", "edits of files know no git"},
		{"bench/workload", "pkg/synth/...", "synthetic logs share no classifier of names with what they judge"},
		{"bench/family", "pkg/...", "invented logs share nothing with what they judge"},
		{"bench/archive", "pkg/synth/...", "synthetic logs share no classifier of names with what they judge"},
		{"cmd/tighten", "internal/s3fake", "a server for tests is no part of the program"},
		{"pkg/...", "internal/cli", "libraries do not know the command line"},
		{"pkg/...", "internal/ingest", "the packages that users import stand without the wiring"},
	}
}

func homes() []Home {
	const network = "the network is reached from the S3 source (and the server of its tests), collect, forge and the facts update only"
	return []Home{
		{"github.com/aws/aws-sdk-go-v2", []string{"pkg/trail/s3trail", "pkg/account/collect"}, "the AWS SDK has two homes, s3trail and collect"},
		{"github.com/aws/smithy-go", []string{"pkg/trail/s3trail", "pkg/account/collect"}, "the AWS SDK has two homes, s3trail and collect"},
		{"github.com/apache/arrow/go/v15/parquet/pqarrow", nil, "pqarrow pulls in gRPC: internal/parquet writes and reads Parquet"},
		{"github.com/apache/arrow", []string{"pkg/usage", "pkg/trail/ocsf/ocsftest"}, "it declares the dataset's columns (usage) and judges in tests; columnar files are hostile input, which internal/parquet and ocsf/internal/leaves read"},
		{"net/http", []string{"pkg/trail/s3trail", "internal/s3fake", "pkg/account/collect", "internal/forge", "internal/refresh/fetch.go"}, network},
		{"os/exec", []string{"internal/forge", "pkg/actions/internal/gen", "internal/s3fake", "bench/run", "bench/mutate", "bench/decode"}, "only forge (git), the generator of the facts, the bench and tests run other programs"},
		{"github.com/spf13", []string{"internal/cli"}, "flags are read in internal/cli only"},
		{"plugin", nil, "no code is loaded at run time"},
		{"C", nil, "pure Go: a fresh clone builds with Go alone"},
	}
}
