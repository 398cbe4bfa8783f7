package synth

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tighten-iam/tighten/pkg/actions"
)

// manyServices is the number of services in which a principal without any other sign
// makes resources before it counts as a deployer.
const manyServices = 4

// deployment says why a principal counts as a deployer, or "", and lists what it made:
// for each action that changes or deletes such a thing (lower case), the used action
// that made it.
func deployment(s *subject, facts *factTable, stacks bool) (why string, undo map[string]string) {
	services, undo := creations(s, facts)
	if len(services) == 0 {
		return "", nil
	}
	switch {
	case stacks:
		why = "CloudFormation calls on its behalf"
	case trusts(s.p, "Service", deployService) != "":
		why = "is trusted to " + trusts(s.p, "Service", deployService)
	case trusts(s.p, "Federated", pipelineProvider) != "":
		why = "is trusted to a pipeline's identity provider"
	case slices.ContainsFunc(nameWords(s.p.Name), deployWord):
		why = "makes resources, and its name is a deployer's"
	case len(services) >= manyServices:
		why = "makes resources in " + plural(len(services), "service")
	default:
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

// creations are the services in which a subject made something with success, and the
// actions that would change or delete it, each with the one that made it.
func creations(s *subject, facts *factTable) (services map[string]bool, undo map[string]string) {
	services, undo = map[string]bool{}, map[string]string{}
	for _, c := range s.seen {
		for i := range c.obs {
			o := &c.obs[i]
			f, ok := facts.lookup(o.action)
			if !ok || !o.allowed() || o.documented() || looks(f) || f.Visibility == actions.DataEvent {
				continue
			}
			for _, other := range counterparts(f.Name) {
				if g, ok := facts.lookup(other); ok && sameThing(f, g) {
					if making(f.Name) {
						services[servicePrefix(f.Name)] = true
					}
					key := strings.ToLower(g.Name)
					if by := undo[key]; by == "" || f.Name < by {
						undo[key] = f.Name
					}
				}
			}
		}
	}
	return services, undo
}

func (t *factTable) lookup(action string) (*actions.Fact, bool) {
	i, ok := t.index[strings.ToLower(action)]
	if !ok {
		return nil, false
	}
	return &t.facts[i], true
}

// counterparts lists what the actions would be called that change, undo or delete what
// an action makes, whether there are such actions or not.
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

// undoing lists the verbs that change, undo or delete what a verb makes.
func undoing(verb string) []string {
	switch verb {
	case "Create":
		return []string{"Delete", "Update", "Modify", "Put"}
	case "Put", "Publish", "Import", "Request":
		return []string{"Delete", "Update"}
	case "Run":
		return []string{"Terminate", "Stop"}
	case "Start":
		return []string{"Stop"}
	case "Register":
		return []string{"Deregister", "Update"}
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
		return []string{"DELETE", "PATCH", "PUT"}
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
