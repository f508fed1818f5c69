// Answers admission requests with Kyverno's own engines, the way its webhook server does. Its command line, which is built
// from this module as well, is not enough: to a ValidatingPolicy it shows neither old objects nor subresources nor connections.
//
//	kyverno-verdicts DIRECTORY-OF-POLICIES < cases.json > verdicts.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	kyvernov2 "github.com/kyverno/kyverno/api/kyverno/v2"
	"github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno/data"
	"github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno/policy"
	celengine "github.com/kyverno/kyverno/pkg/cel/engine"
	"github.com/kyverno/kyverno/pkg/cel/libs"
	"github.com/kyverno/kyverno/pkg/cel/matching"
	"github.com/kyverno/kyverno/pkg/cel/policies/vpol"
	vpolcompiler "github.com/kyverno/kyverno/pkg/cel/policies/vpol/compiler"
	vpolengine "github.com/kyverno/kyverno/pkg/cel/policies/vpol/engine"
	"github.com/kyverno/kyverno/pkg/config"
	"github.com/kyverno/kyverno/pkg/engine"
	engineapi "github.com/kyverno/kyverno/pkg/engine/api"
	"github.com/kyverno/kyverno/pkg/engine/factories"
	"github.com/kyverno/kyverno/pkg/engine/jmespath"
	"github.com/kyverno/kyverno/pkg/engine/policycontext"
	imageverifycache "github.com/kyverno/kyverno/pkg/image/verification/cache"
	policyvalidation "github.com/kyverno/kyverno/pkg/validation/policy"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type testCase struct {
	Name string `json:"name"`
	// The kind of the resource without its subresource, such as Pod for pods/exec, whose object is of another kind.
	TopLevelKind metav1.GroupVersionKind      `json:"topLevelKind"`
	Request      admissionv1.AdmissionRequest `json:"request"`
}

// What one policy thinks of one case.
type verdict struct {
	Case   string `json:"case"`
	Engine string `json:"engine"`
	Policy string `json:"policy"`
	// pass, fail, error, or skip where a condition does not hold.
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

func main() {
	// The kinds that the command line knows without a cluster.
	data.InjectProcessor(data.NewCRDProcessor(nil))
	loaded, err := policy.Load(nil, "", os.Args[1])
	check(err)
	for _, problem := range loaded.NonFatalErrors {
		check(fmt.Errorf("%s: %w", problem.Path, problem.Error))
	}
	for _, loadedPolicy := range loaded.Policies {
		_, err := policyvalidation.Validate(loadedPolicy, nil, nil, true, "", "")
		check(err)
	}
	libs.LibraryContext = libs.NewFakeContextProvider()
	for _, loadedPolicy := range loaded.ValidatingPolicies {
		_, err := vpol.Validate(loadedPolicy)
		check(err)
	}
	var cases []testCase
	check(json.NewDecoder(os.Stdin).Decode(&cases))

	configuration := config.NewDefaultConfiguration(false)
	interpreter := jmespath.New(configuration)
	inCluster := false
	clusterPolicies := engine.NewEngine(configuration, interpreter, nil, factories.DefaultRegistryClientFactory(nil, nil),
		imageverifycache.DisabledImageVerifyCache(), factories.DefaultContextLoaderFactory(nil), noExceptions{}, &inCluster)
	provider, err := vpolengine.NewProvider(vpolcompiler.NewCompiler(), loaded.ValidatingPolicies, nil)
	check(err)

	verdicts := []verdict{}
	for _, one := range cases {
		namespace := namespaceOf(one.Request)
		validatingPolicies := vpolengine.NewEngine(provider, func(string) *corev1.Namespace { return namespace }, matching.NewMatcher())
		response, err := validatingPolicies.Handle(context.Background(), celengine.RequestFromAdmission(libs.GetLibsCtx(), one.Request), nil)
		check(err)
		for _, answer := range response.Policies {
			verdicts = append(verdicts, verdictsOf(one.Name, "ValidatingPolicy", answer.Policy.GetName(), answer.Rules)...)
		}
		for _, clusterPolicy := range loaded.Policies {
			answer := validate(clusterPolicies, interpreter, configuration, clusterPolicy, one, namespace)
			verdicts = append(verdicts, verdictsOf(one.Name, "ClusterPolicy", clusterPolicy.GetName(), answer.PolicyResponse.Rules)...)
		}
	}
	check(json.NewEncoder(os.Stdout).Encode(verdicts))
}

func validate(
	policies engineapi.Engine, interpreter jmespath.Interface, configuration config.Configuration,
	clusterPolicy kyvernov1.PolicyInterface, one testCase, namespace *corev1.Namespace,
) engineapi.EngineResponse {
	user := kyvernov2.RequestInfo{AdmissionUserInfo: one.Request.UserInfo}
	policyContext, err := policycontext.NewPolicyContextFromAdmissionRequest(
		interpreter, one.Request, user, schema.GroupVersionKind(one.TopLevelKind), configuration)
	check(err)
	policyContext = policyContext.WithPolicy(clusterPolicy)
	if namespace != nil && one.Request.Kind.Kind != "Namespace" {
		policyContext = policyContext.WithNamespaceLabels(namespace.Labels)
	}
	return policies.Validate(context.Background(), policyContext)
}

func namespaceOf(request admissionv1.AdmissionRequest) *corev1.Namespace {
	if request.Namespace == "" {
		return nil
	}
	labels := map[string]string{corev1.LabelMetadataName: request.Namespace}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: request.Namespace, Labels: labels}}
}

func verdictsOf(name, engine, policy string, rules []engineapi.RuleResponse) []verdict {
	verdicts := []verdict{}
	for _, rule := range rules {
		verdicts = append(verdicts, verdict{name, engine, policy, string(rule.Status()), rule.Message()})
	}
	return verdicts
}

type noExceptions struct{}

func (noExceptions) Find(string, string) ([]*kyvernov2.PolicyException, error) { return nil, nil }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
