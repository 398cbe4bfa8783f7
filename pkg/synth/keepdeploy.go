package synth

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// What hints at a deployer without proving it, and when that counts no longer.
const (
	manyServices = 4  // in which a principal makes resources
	settledDays  = 20 // on which it made a kind of thing that it never undid
)

// made are the things of one kind that a subject made: with which action, and on which
// days with success.
type made struct {
	by   *actions.Fact
	days map[int32]bool
}

// deployment says why a principal counts as a deployer, or "", and lists what would undo
// what it made: for each action (lower case) the used ones that it undoes, sorted.
//
// A log of deployments that went well lacks what a failed one needs: taking back what was
// made. Changing it is a deployer's daily work, which the logs show if it does that.
// Where only a name or the number of services hints at a deployer, it may as well be an
// application that makes things for its users: what that made on many days and never
// took back, it does not take back.
func deployment(s *subject, facts *factTable, stacks bool) (why string, undo map[string][]string) {
	all := creations(s, facts)
	services := map[string]bool{}
	for _, m := range all {
		if making(m.by.Name) && len(undoers(m.by, facts)) > 0 {
			services[servicePrefix(m.by.Name)] = true
		}
	}
	if len(services) == 0 {
		return "", nil
	}
	hint := false
	switch {
	case stacks:
		why = "CloudFormation calls on its behalf"
	case trusts(s.p, "Service", deployService) != "":
		why = "is trusted to " + trusts(s.p, "Service", deployService)
	case trusts(s.p, "Federated", pipelineProvider) != "":
		why = "is trusted to a pipeline's identity provider"
	case slices.ContainsFunc(nameWords(s.p.Name), deployWord):
		why, hint = "makes resources, and its name is a deployer's", true
	case len(services) >= manyServices:
		why, hint = "makes resources in "+plural(len(services), "service"), true
	default:
		return "", nil
	}
	undo = map[string][]string{}
	for _, name := range sortedKeys(all) {
		m := all[name]
		if hint && len(m.days) >= settledDays {
			continue
		}
		for _, u := range undoers(m.by, facts) {
			key := strings.ToLower(u.Name)
			undo[key] = append(undo[key], m.by.Name)
		}
	}
	if len(undo) == 0 {
		return "", nil
	}
	return why, undo
}

// deployService knows the services that deploy for their users under a role.
func deployService(name string) bool {
	switch name {
	case "cloudformation.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com", "codedeploy.amazonaws.com",
		"servicecatalog.amazonaws.com", "launchwizard.amazonaws.com", "proton.amazonaws.com":
		return true
	}
	return false
}

// pipelineProvider knows the OIDC providers of build services. Sources: their guides to
// OpenID Connect with AWS (GitHub Actions, GitLab, CircleCI, Bitbucket, Buildkite, HCP
// Terraform, Azure DevOps), 2026-11.
func pipelineProvider(arn string) bool {
	for _, host := range []string{"token.actions.githubusercontent.com", "gitlab", "oidc.circleci.com", "api.bitbucket.org",
		"agent.buildkite.com", "app.terraform.io", "vstoken.dev.azure.com"} {
		if strings.Contains(arn, ":oidc-provider/") && strings.Contains(arn, host) {
			return true
		}
	}
	return false
}

func deployWord(word string) bool {
	switch word {
	case "deploy", "deployer", "deployment", "terraform", "cdk", "pulumi", "cicd", "ci", "provisioner", "cloudformation", "cfn":
		return true
	}
	return false
}

// creations are what a subject made with success, by the name of the action.
func creations(s *subject, facts *factTable) map[string]*made {
	out := map[string]*made{}
	for _, c := range s.seen {
		for i := range c.obs {
			o := &c.obs[i]
			f, ok := facts.lookup(o.action)
			if !ok || !o.allowed() || o.documented() || looks(f) || f.Visibility == actions.DataEvent {
				continue
			}
			m := out[f.Name]
			if m == nil {
				m = &made{by: f, days: map[int32]bool{}}
				out[f.Name] = m
			}
			for _, d := range o.dayList {
				m.days[d] = true
			}
		}
	}
	return out
}

// undoers are the actions that undo what an action does: of the same resource type.
func undoers(f *actions.Fact, facts *factTable) []*actions.Fact {
	var out []*actions.Fact
	for _, other := range counterparts(f.Name) {
		if g, ok := facts.lookup(other); ok && sameThing(f, g) {
			out = append(out, g)
		}
	}
	return out
}

func (t *factTable) lookup(action string) (*actions.Fact, bool) {
	i, ok := t.index[strings.ToLower(action)]
	if !ok {
		return nil, false
	}
	return &t.facts[i], true
}

// counterparts lists what the actions would be called that undo what an action does,
// whether there are such actions or not.
func counterparts(action string) []string {
	service, name, _ := strings.Cut(action, ":")
	verb := firstWord(name)
	var out []string
	for _, v := range undoing(verb) {
		out = append(out, service+":"+v+name[len(verb):])
	}
	return out
}

// firstWord is the verb of an action's name: up to the second capital, or the whole of a
// name in capitals (those of API Gateway are the methods of HTTP).
func firstWord(name string) string {
	if len(name) > 1 && unicode.IsUpper(rune(name[1])) {
		return name
	}
	if i := strings.IndexFunc(name[min(1, len(name)):], unicode.IsUpper); i >= 0 {
		return name[:i+1]
	}
	return name
}

// making reports whether an action's verb is one that makes resources of their own.
func making(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	switch firstWord(name) {
	case "Create", "Run", "Register", "Allocate", "Request", "Import", "POST":
		return true
	}
	return false
}

// undoing lists the verbs that undo what a verb does.
func undoing(verb string) []string {
	switch verb {
	case "Create", "Put", "Publish", "Import", "Request":
		return []string{"Delete"}
	case "Run":
		return []string{"Terminate", "Stop"}
	case "Start":
		return []string{"Stop"}
	case "Register":
		return []string{"Deregister"}
	case "Allocate":
		return []string{"Release"}
	case "Attach":
		return []string{"Detach"}
	case "Associate":
		return []string{"Disassociate"}
	case "Add":
		return []string{"Remove"}
	case "Authorize":
		return []string{"Revoke"}
	case "Enable":
		return []string{"Disable"}
	case "Tag":
		return []string{"Untag"}
	case "POST":
		return []string{"DELETE"}
	}
	return nil
}

// sameThing reports whether two actions share a resource type, or take none both.
func sameThing(a, b *actions.Fact) bool {
	if len(a.ResourceTypes) == 0 || len(b.ResourceTypes) == 0 {
		return len(a.ResourceTypes) == len(b.ResourceTypes)
	}
	return slices.ContainsFunc(a.ResourceTypes, func(x actions.ResourceType) bool {
		return slices.ContainsFunc(b.ResourceTypes, func(y actions.ResourceType) bool { return x.Name == y.Name })
	})
}
