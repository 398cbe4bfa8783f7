package usage

import "hash/maphash"

// recentFrames remembers frames by their texts, as recent does. It looks at the texts
// where they are.
type recentFrames struct {
	seed  maphash.Seed
	slots []recentFrame
}

// recentFrame is a frame with its texts. The empty one is that of no texts.
type recentFrame struct {
	frame
	texts frameTexts
}

type frameTexts struct {
	recipient, source, name, eventType, category, region string
	errorCode, outcome, lane                             string
}

// maxFrames is the number of frames that are remembered.
const maxFrames = 1 << 10

func newRecentFrames() recentFrames {
	return recentFrames{seed: maphash.MakeSeed(), slots: make([]recentFrame, maxFrames)}
}

// slot is where a record's frame belongs.
func (c *recentFrames) slot(r *Record) *recentFrame {
	h := maphash.String(c.seed, r.EventName) ^ 31*maphash.String(c.seed, r.RecipientAccount)
	return &c.slots[(h+uint64(len(r.EventSource)))%maxFrames]
}

// holds reports whether the frame is that of the record.
func (s *recentFrame) holds(r *Record) bool {
	t := &s.texts
	return t.name == r.EventName && t.source == r.EventSource && t.recipient == r.RecipientAccount &&
		t.region == r.Region && t.errorCode == r.ErrorCode && t.outcome == r.Outcome &&
		t.eventType == r.EventType && t.category == r.Category && t.lane == r.Lane
}

// set remembers a frame. A text that was not kept as it is makes that it is not found.
func (s *recentFrame) set(texts *interner, f frame) {
	at := texts.at
	*s = recentFrame{f, frameTexts{
		recipient: at(f.recipient), source: at(f.source), name: at(f.name), eventType: at(f.eventType),
		category: at(f.category), region: at(f.region),
		errorCode: at(f.errorCode), outcome: at(f.outcome), lane: at(f.lane),
	}}
}
