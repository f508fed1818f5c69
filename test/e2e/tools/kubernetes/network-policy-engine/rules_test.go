package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const subject = "10.0.0.10/32" // a/server, which all policies of the table are about

func TestRender(t *testing.T) {
	for _, test := range []struct {
		name    string
		specs   string   // of policies in namespace a
		ingress []string // what the subject may receive; nil: it is not isolated
		egress  []string
	}{
		{"no policy", `[]`, nil, nil},
		{"policy for others", `[{podSelector: {matchLabels: {app: other}}, policyTypes: [Ingress, Egress]}]`, nil, nil},
		{"default deny ingress", `[{podSelector: {}, policyTypes: [Ingress]}]`, []string{}, nil},
		{"default deny both", `[{podSelector: {}, policyTypes: [Ingress, Egress]}]`, []string{}, []string{}},
		{"rules of a type that is not listed do not count",
			`[{podSelector: {}, policyTypes: [Ingress], egress: [{}]}]`, []string{}, nil},
		{"empty rule", `[{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{to: [], ports: []}]}]`,
			[]string{"-s 0.0.0.0/0"}, []string{"-d 0.0.0.0/0"}},
		{"podSelector stays in the namespace; ended, host and addressless pods are no peers",
			`[{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}]`,
			[]string{"-s 10.0.0.11/32"}, nil},
		{"namespaceSelector", `[{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {team: green}}}]}]}]`,
			nil, []string{"-d 10.0.0.20/32", "-d 10.0.0.21/32"}},
		{"both selectors in one peer: and",
			`[{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [
				{namespaceSelector: {matchLabels: {team: green}}, podSelector: {matchLabels: {app: client}}}]}]}]`,
			[]string{"-s 10.0.0.20/32"}, nil},
		{"selectors in two peers: or",
			`[{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [
				{namespaceSelector: {matchLabels: {team: green}}}, {podSelector: {matchLabels: {app: client}}}]}]}]`,
			[]string{"-s 10.0.0.11/32", "-s 10.0.0.20/32", "-s 10.0.0.21/32"}, nil},
		{"a namespace that is not known is in no selector",
			`[{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [
				{namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [green]}]}}]}]}]`,
			[]string{"-s 10.0.0.11/32"}, nil},
		{"peers that match nobody", `[{podSelector: {}, policyTypes: [Ingress, Egress],
				ingress: [{from: [{podSelector: {matchLabels: {app: none}}}], ports: [{port: 80}]}], egress: [{to: [{}]}]}]`,
			[]string{}, []string{}},
		{"ipBlock with except", `[{podSelector: {}, policyTypes: [Egress], egress: [{to: [
				{ipBlock: {cidr: 10.0.0.0/22, except: [10.0.1.0/24, 10.0.3.0/24]}}, {ipBlock: {cidr: "2001:db8::/32"}}], ports: [{port: 80}]}]}]`,
			nil, []string{"-d 10.0.0.0/24 -p tcp --dport 80", "-d 10.0.2.0/24 -p tcp --dport 80"}},
		{"ports", `[{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [
				{port: 80}, {port: 80, protocol: SCTP}, {port: 8000, endPort: 8010, protocol: UDP}, {protocol: UDP}]}]}]`,
			[]string{"-s 0.0.0.0/0 -p sctp --dport 80", "-s 0.0.0.0/0 -p tcp --dport 80", "-s 0.0.0.0/0 -p udp",
				"-s 0.0.0.0/0 -p udp --dport 8000:8010"}, nil},
		{"named port of ingress: the subject's, of that protocol",
			`[{podSelector: {}, policyTypes: [Ingress], ingress: [
				{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: web}, {port: web, protocol: UDP}, {port: none}]}]}]`,
			[]string{"-s 10.0.0.11/32 -p tcp --dport 8080"}, nil},
		{"named port of egress: each destination's",
			`[{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: web}]}]}]`,
			nil, []string{"-d 10.0.0.10/32 -p tcp --dport 8080", "-d 10.0.0.20/32 -p tcp --dport 9090", "-d 10.0.0.21/32 -p tcp --dport 9091"}},
		{"named port of egress to a block: the pods in it",
			`[{podSelector: {}, policyTypes: [Egress], egress: [
				{to: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.20/32]}}], ports: [{port: web}]}]}]`,
			nil, []string{"-d 10.0.0.10/32 -p tcp --dport 8080", "-d 10.0.0.21/32 -p tcp --dport 9091"}},
		{"policies add up",
			`[{podSelector: {}, policyTypes: [Ingress, Egress]},
			  {podSelector: {matchLabels: {app: server}}, policyTypes: [Ingress], ingress: [{ports: [{port: 2}]}, {ports: [{port: 1}]}]},
			  {podSelector: {matchLabels: {app: server}}, policyTypes: [Ingress], ingress: [{ports: [{port: 1}]}]}]`,
			[]string{"-s 0.0.0.0/0 -p tcp --dport 1", "-s 0.0.0.0/0 -p tcp --dport 2"}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			policies := parse(t, test.specs)
			ruleset, _ := render(testPods(), testNamespaces(), policies)
			equal(t, "ingress in FORWARD", allowed(t, ruleset, forwardChain, ingress), test.ingress)
			equal(t, "egress in FORWARD", allowed(t, ruleset, forwardChain, egress), test.egress)
			equal(t, "egress in INPUT", allowed(t, ruleset, inputChain, egress), test.egress)

			pods, namespaces := testPods(), testNamespaces()
			slices.Reverse(pods)
			slices.Reverse(namespaces)
			slices.Reverse(policies)
			if again, _ := render(pods, namespaces, policies); again != ruleset {
				t.Errorf("the order of the objects shows:\n%s\n%s", ruleset, again)
			}
		})
	}
}

// The whole text for one pod: nothing but the two hooks leads to the pod's chains, and none from OUTPUT, so the node reaches its pods.
func TestRulesetText(t *testing.T) {
	ruleset, isolated := render(testPods()[:1], testNamespaces(), parse(t, `[{podSelector: {}, policyTypes: [Ingress, Egress]}]`))
	want := `*filter
:E2E-FORWARD - [0:0]
:E2E-INPUT - [0:0]
:E2E-OUT-fa7ccb5426c91effe454 - [0:0]
:E2E-IN-fa7ccb5426c91effe4548 - [0:0]
-A E2E-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
-A E2E-INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
-A E2E-OUT-fa7ccb5426c91effe454 -d 10.0.0.10/32 -j RETURN
-A E2E-OUT-fa7ccb5426c91effe454 -j DROP
-A E2E-FORWARD -s 10.0.0.10/32 -j E2E-OUT-fa7ccb5426c91effe454
-A E2E-INPUT -s 10.0.0.10/32 -j E2E-OUT-fa7ccb5426c91effe454
-A E2E-IN-fa7ccb5426c91effe4548 -s 10.0.0.10/32 -j RETURN
-A E2E-IN-fa7ccb5426c91effe4548 -j DROP
-A E2E-FORWARD -d 10.0.0.10/32 -j E2E-IN-fa7ccb5426c91effe4548
`
	equal(t, "ruleset", strings.Split(ruleset, "\n"), strings.Split(want, "\n"))
	if isolated != 1 {
		t.Errorf("%d isolated pods", isolated)
	}
}

func TestOnlyPodsOfTheBridgeAreSubjects(t *testing.T) {
	ruleset, isolated := render(testPods(), testNamespaces(), parse(t, `[{podSelector: {}, policyTypes: [Ingress, Egress]}]`))
	if isolated != 2 || strings.Contains(ruleset, "10.0.0.12") || strings.Contains(ruleset, "192.0.2.1") {
		t.Errorf("%d isolated pods:\n%s", isolated, ruleset)
	}
}

func TestTransaction(t *testing.T) {
	saved := `*filter
:INPUT ACCEPT [0:0]
:E2E-FORWARD - [0:0]
:E2E-OUT-gone - [0:0]
:KUBE-FORWARD - [0:0]
-A FORWARD -j KUBE-FORWARD
-A FORWARD -j E2E-FORWARD
COMMIT
`
	want := `*filter
:E2E-FORWARD - [0:0]
-F E2E-OUT-gone
-X E2E-OUT-gone
-D FORWARD -j E2E-FORWARD
-I FORWARD -j E2E-FORWARD
-I INPUT -j E2E-INPUT
COMMIT
`
	equal(t, "transaction", strings.Split(transaction("*filter\n:E2E-FORWARD - [0:0]\n", saved), "\n"), strings.Split(want, "\n"))
}

func TestSubtract(t *testing.T) {
	all := netip.MustParsePrefix("10.0.0.0/24")
	for _, excepts := range [][]string{{}, {"10.0.0.7/32"}, {"10.0.0.64/26", "10.0.0.255/32"}, {"10.0.0.0/24"}, {"10.0.0.0/8", "10.0.0.1/32"}, {"10.1.0.0/16"}} {
		var prefixes []netip.Prefix
		for _, except := range excepts {
			prefixes = append(prefixes, netip.MustParsePrefix(except))
		}
		parts := subtract(all, prefixes)
		for address := all.Addr(); all.Contains(address); address = address.Next() {
			holds := func(p netip.Prefix) bool { return p.Contains(address) }
			if slices.ContainsFunc(parts, holds) == slices.ContainsFunc(prefixes, holds) {
				t.Errorf("%s without %v is %v, which is wrong for %s", all, excepts, parts, address)
			}
		}
	}
}

// allowed returns the matches of the subject's chain, or nil if none is hooked, and checks the rules that each chain has.
func allowed(t *testing.T, ruleset, hook string, d direction) []string {
	t.Helper()
	_, rest, found := strings.Cut(ruleset, fmt.Sprintf("\n-A %s %s %s -j ", hook, d.self, subject))
	if !found {
		return nil
	}
	chain, _, _ := strings.Cut(rest, "\n")
	matches := []string{}
	for _, line := range strings.Split(ruleset, "\n") {
		if rule, ours := strings.CutPrefix(line, "-A "+chain+" "); ours {
			matches = append(matches, strings.TrimSuffix(rule, " -j RETURN"))
		}
	}
	self := slices.Index(matches, d.peer+" "+subject)
	last := len(matches) - 1
	if self < 0 || matches[last] != "-j DROP" {
		t.Fatalf("the pod itself must be allowed and the rest dropped: %q", matches)
	}
	return slices.Delete(matches[:last], self, self+1)
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if (got == nil) != (want == nil) || !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func parse(t *testing.T, specs string) (policies []*networkingv1.NetworkPolicy) {
	t.Helper()
	var parsed []networkingv1.NetworkPolicySpec
	if err := yaml.UnmarshalStrict([]byte(strings.ReplaceAll(specs, "\t", " ")), &parsed); err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed {
		policies = append(policies, &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "a"}, Spec: spec})
	}
	return policies
}

func testNamespaces() []*corev1.Namespace {
	return []*corev1.Namespace{
		{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: labels.Set{"team": "blue"}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "b", Labels: labels.Set{"team": "green"}}},
	}
}

func testPods() []*corev1.Pod {
	server := testPod("a", "server", "10.0.0.10", corev1.ContainerPort{Name: "web", ContainerPort: 8080})
	ended := testPod("a", "client", "10.0.0.12")
	ended.Status.Phase = corev1.PodSucceeded
	host := testPod("a", "client", "192.0.2.1")
	host.Spec.HostNetwork = true
	return []*corev1.Pod{
		server, ended, host, testPod("a", "client", ""), testPod("a", "client", "10.0.0.11"),
		testPod("b", "client", "10.0.0.20", corev1.ContainerPort{Name: "web", ContainerPort: 9090, Protocol: corev1.ProtocolTCP}),
		testPod("b", "server", "10.0.0.21", corev1.ContainerPort{Name: "web", ContainerPort: 9091}),
		testPod("unknown", "client", "10.0.0.30"),
	}
}

func testPod(namespace, app, address string, ports ...corev1.ContainerPort) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: app + address, Labels: labels.Set{"app": app}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Ports: ports}}},
		Status:     corev1.PodStatus{PodIP: address},
	}
}
