package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// table prints a line for each verdict, and the classes below where asked.
func table(out io.Writer, all []*verdict, details bool) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "workload\tprincipal\tstatus\treplayed\tdenied\tbreakage\texcess\tattached\tratio\texpert\thidden\tforeign\tdocuments\tbytes\town breakage\town excess\t")
	for _, v := range all {
		own := [2]string{"-", "-"}
		if v.Backtest != nil {
			own = [2]string{percent(v.Backtest.Breakage), percent(v.Backtest.Excess.Ratio)}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\t%d\t%d\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\t\n", v.Workload, lastPart(v.Principal), v.Status, v.Replayed, v.Denied,
			percent(v.breakage()), v.Excess, v.Attached, percent(v.excess()), percent(v.floor()), v.Hidden, v.Foreign, v.Documents, v.Bytes, own[0], own[1])
	}
	if err := w.Flush(); err != nil || !details {
		return err
	}
	for _, v := range all {
		if err := classLines(out, v); err != nil {
			return err
		}
	}
	return nil
}

func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// mostClasses bounds the classes that are printed of one kind.
const mostClasses = 12

func classLines(out io.Writer, v *verdict) error {
	var b strings.Builder
	for _, part := range []struct {
		title string
		l     []class
	}{{"denied", v.Broken}, {"excess", v.Spill}, {"foreign", v.Strangers}} {
		for i, c := range part.l {
			if i == mostClasses {
				fmt.Fprintf(&b, "  %-8s … %d more classes\n", part.title, len(part.l)-i)
				break
			}
			fmt.Fprintf(&b, "  %-8s %5d  %-32s %s  (%s)\n", part.title, c.Calls, c.Action, c.Shape, c.First)
		}
	}
	if b.Len() == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "\n%s %s\n%s", v.Workload, lastPart(v.Principal), b.String())
	return err
}
