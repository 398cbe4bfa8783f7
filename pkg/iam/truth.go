package iam

// kleene is a truth value of three-valued logic.
type kleene uint8

const (
	no kleene = iota
	maybe
	yes
)

func (k kleene) not() kleene { return yes - k }

func truth(b bool) kleene {
	if b {
		return yes
	}
	return no
}

// verdict is a Kleene value for each colon reading at once: the readings under
// which it is certainly true, and those under which it is not certainly false.
type verdict struct{ sure, may reading }

// always lifts a value that no reading changes.
func always(k kleene) verdict {
	switch k {
	case yes:
		return verdict{everyReading, everyReading}
	case maybe:
		return verdict{0, everyReading}
	}
	return verdict{}
}

func (v verdict) and(w verdict) verdict { return verdict{v.sure & w.sure, v.may & w.may} }
func (v verdict) or(w verdict) verdict  { return verdict{v.sure | w.sure, v.may | w.may} }
func (v verdict) not() verdict          { return verdict{everyReading &^ v.may, everyReading &^ v.sure} }

// decision is Allowed or Denied only where all readings agree for certain.
func (v verdict) decision() Decision {
	switch {
	case v.sure == everyReading:
		return Allowed
	case v.may == 0:
		return Denied
	}
	return Unknown
}
