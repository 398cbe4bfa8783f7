package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
)

// backtest is what the program's own backtest says of a principal.
type backtest struct {
	Principal   string  `json:"principal"`
	Replayed    int     `json:"replayed"`
	DeniedCalls int     `json:"denied_calls"`
	Breakage    float64 `json:"breakage_calls"` // share of calls, as ours
	Excess      struct {
		Permissions int     `json:"permissions"`
		Attached    int     `json:"attached"`
		Ratio       float64 `json:"ratio"`
	} `json:"excess"`
	Foreign json.RawMessage `json:"foreign"`
}

// backtest runs the command on all days. A program without the command gives none.
func (p plan) backtest(dir string) (map[string]*backtest, error) {
	sub := filepath.Join(dir, "all")
	args := append([]string{"backtest", "--usage", filepath.Join(sub, "usage"), "--account", filepath.Join(sub, "account.json"),
		"--accept-short-window", "--format", "json"}, p.options...)
	if p.learn != p.days*3/4 {
		args = append(args, "--learn", strconv.Itoa(p.learn)+"d")
	}
	out, err := tighten(nil, args...)
	if err != nil && strings.Contains(err.Error(), unknownCommand) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var answer struct{ Principals []*backtest }
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, err
	}
	all := map[string]*backtest{}
	for _, b := range answer.Principals {
		all[b.Principal] = b
	}
	return all, nil
}
