package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	chainPrefix  = "E2E-"
	forwardChain = chainPrefix + "FORWARD"
	inputChain   = chainPrefix + "INPUT"
)

// direction is what differs between the two halves of a policy.
type direction struct {
	policyType networkingv1.PolicyType
	chain      string   // prefix of the pods' chains
	self, peer string   // the options that match the pod's own address and the other end's
	hooks      []string // the chains that its packets come through
}

var (
	ingress = direction{networkingv1.PolicyTypeIngress, chainPrefix + "IN-", "-d", "-s", []string{forwardChain}}
	egress  = direction{networkingv1.PolicyTypeEgress, chainPrefix + "OUT-", "-s", "-d", []string{forwardChain, inputChain}}

	anywhere = netip.MustParsePrefix("0.0.0.0/0")
)

type pod struct {
	*corev1.Pod
	prefix netip.Prefix // its address
}

type cluster struct {
	pods       []pod // sorted, and only those that policies are about
	namespaces map[string]labels.Set
}

func newCluster(pods []*corev1.Pod, namespaces []*corev1.Namespace) cluster {
	c := cluster{namespaces: map[string]labels.Set{}}
	for _, n := range namespaces {
		c.namespaces[n.Name] = n.Labels
	}
	for _, p := range pods {
		address, err := netip.ParseAddr(p.Status.PodIP)
		ended := p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
		// A pod on the host's network has the node's address, and that of an ended pod may be another's by now.
		if err == nil && address.Is4() && !ended && !p.Spec.HostNetwork {
			c.pods = append(c.pods, pod{p, netip.PrefixFrom(address, 32)})
		}
	}
	slices.SortFunc(c.pods, func(a, b pod) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return c
}

// render returns the chains of the whole cluster as input of iptables-restore, without the COMMIT, and the number of isolated pods.
//
// Allowed packets RETURN: a packet has to pass the egress chain of its source and the ingress chain of its destination. FORWARD sees
// it after DNAT, with the pod's address in place of the service's. What the node itself sends to pods goes through OUTPUT, where
// nothing is hooked.
func render(pods []*corev1.Pod, namespaces []*corev1.Namespace, policies []*networkingv1.NetworkPolicy) (ruleset string, isolated int) {
	c := newCluster(pods, namespaces)
	var chains, rules []string
	for _, chain := range []string{forwardChain, inputChain} {
		chains = append(chains, ":"+chain+" - [0:0]")
		rules = append(rules, "-A "+chain+" -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN")
	}
	isolatedPods := map[netip.Prefix]bool{}
	for _, p := range c.pods {
		for _, d := range []direction{egress, ingress} {
			isolates, allowed := c.isolation(p, d, policies)
			if !isolates {
				continue
			}
			isolatedPods[p.prefix] = true
			// A name has 28 characters at most, hence the hash.
			chain := fmt.Sprintf("%s%x", d.chain, sha256.Sum256([]byte(p.Namespace+"/"+p.Name)))[:28]
			chains = append(chains, ":"+chain+" - [0:0]")
			for _, match := range allowed {
				rules = append(rules, "-A "+chain+" "+match+" -j RETURN")
			}
			rules = append(rules, "-A "+chain+" -j DROP")
			for _, hook := range d.hooks {
				rules = append(rules, fmt.Sprintf("-A %s %s %s -j %s", hook, d.self, p.prefix, chain))
			}
		}
	}
	return "*filter\n" + strings.Join(append(chains, rules...), "\n") + "\n", len(isolatedPods)
}

// transaction completes a ruleset so that it replaces the one in the filter table, which is given as iptables-save shows it.
func transaction(ruleset, saved string) string {
	var b strings.Builder
	b.WriteString(ruleset)
	lines := strings.Split(saved, "\n")
	for _, line := range lines {
		chain, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(chain, ":"+chainPrefix) && !strings.Contains(ruleset, chain+" ") {
			fmt.Fprintf(&b, "-F %[1]s\n-X %[1]s\n", chain[1:])
		}
	}
	for _, hook := range []string{"FORWARD -j " + forwardChain, "INPUT -j " + inputChain} {
		// Moved to the top each time: kube-proxy puts its chains there when it starts, and they accept some packets for good.
		if slices.Contains(lines, "-A "+hook) {
			b.WriteString("-D " + hook + "\n")
		}
		b.WriteString("-I " + hook + "\n")
	}
	b.WriteString("COMMIT\n")
	return b.String()
}

// isolation tells whether any policy restricts the pod in a direction, and what all policies together then allow.
func (c cluster) isolation(p pod, d direction, policies []*networkingv1.NetworkPolicy) (isolates bool, allowed []string) {
	// No policy keeps a pod from itself, as when it is an endpoint of the service it calls.
	allowed = []string{d.peer + " " + p.prefix.String()}
	for _, policy := range policies {
		if !isSubject(p, policy) || !slices.Contains(policy.Spec.PolicyTypes, d.policyType) {
			continue
		}
		isolates = true
		if d.policyType == networkingv1.PolicyTypeIngress {
			for _, rule := range policy.Spec.Ingress {
				allowed = append(allowed, c.matches(p, d, rule.From, rule.Ports)...)
			}
		} else {
			for _, rule := range policy.Spec.Egress {
				allowed = append(allowed, c.matches(p, d, rule.To, rule.Ports)...)
			}
		}
	}
	slices.Sort(allowed)
	return isolates, slices.Compact(allowed)
}

func isSubject(p pod, policy *networkingv1.NetworkPolicy) bool {
	selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
	// The API server lets no invalid selector in. Should one get here, it isolates every pod of its namespace.
	return p.Namespace == policy.Namespace && (err != nil || selector.Matches(labels.Set(p.Labels)))
}

// matches returns one rule of a policy as matches of iptables.
func (c cluster) matches(p pod, d direction, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) (out []string) {
	prefixes := c.prefixes(p.Namespace, peers)
	add := func(prefixes []netip.Prefix, service string) {
		for _, prefix := range prefixes {
			out = append(out, d.peer+" "+prefix.String()+service)
		}
	}
	if len(ports) == 0 {
		add(prefixes, "")
	}
	for _, port := range ports {
		protocol := corev1.ProtocolTCP
		if port.Protocol != nil {
			protocol = *port.Protocol
		}
		service := " -p " + strings.ToLower(string(protocol))
		switch {
		case port.Port == nil:
			add(prefixes, service)
		case port.Port.Type == intstr.Int && port.EndPort != nil:
			add(prefixes, fmt.Sprintf("%s --dport %d:%d", service, port.Port.IntVal, *port.EndPort))
		case port.Port.Type == intstr.Int:
			add(prefixes, fmt.Sprintf("%s --dport %d", service, port.Port.IntVal))
		case d.policyType == networkingv1.PolicyTypeIngress:
			for _, number := range namedPorts(p, port.Port.StrVal, protocol) {
				add(prefixes, fmt.Sprintf("%s --dport %d", service, number))
			}
		default: // each destination has a number of its own for the name, and what is no pod has none
			for _, destination := range c.pods {
				if slices.ContainsFunc(prefixes, destination.prefix.Overlaps) {
					for _, number := range namedPorts(destination, port.Port.StrVal, protocol) {
						add([]netip.Prefix{destination.prefix}, fmt.Sprintf("%s --dport %d", service, number))
					}
				}
			}
		}
	}
	return out
}

func namedPorts(p pod, name string, protocol corev1.Protocol) (numbers []int32) {
	for _, container := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) { // a sidecar is an init container
		for _, port := range container.Ports {
			if port.Name == name && cmp.Or(port.Protocol, corev1.ProtocolTCP) == protocol {
				numbers = append(numbers, port.ContainerPort)
			}
		}
	}
	return numbers
}

// prefixes returns the addresses that the peers of a policy in the given namespace stand for.
func (c cluster) prefixes(namespace string, peers []networkingv1.NetworkPolicyPeer) (out []netip.Prefix) {
	if len(peers) == 0 {
		return []netip.Prefix{anywhere}
	}
	for _, peer := range peers {
		if peer.IPBlock != nil {
			out = append(out, blockPrefixes(peer.IPBlock)...)
			continue
		}
		for _, p := range c.pods {
			if c.isPeer(p, namespace, peer) {
				out = append(out, p.prefix)
			}
		}
	}
	return out
}

func (c cluster) isPeer(p pod, namespace string, peer networkingv1.NetworkPolicyPeer) bool {
	if peer.NamespaceSelector == nil {
		return p.Namespace == namespace && selects(peer.PodSelector, p.Labels)
	}
	// A namespace that is not known yet must not pass for one without labels: "not in" would select it.
	set, known := c.namespaces[p.Namespace]
	return known && selects(peer.NamespaceSelector, set) && (peer.PodSelector == nil || selects(peer.PodSelector, p.Labels))
}

// selects is false for a selector that is missing or invalid; an empty one selects everything.
func selects(selector *metav1.LabelSelector, set labels.Set) bool {
	s, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && s.Matches(set)
}

func blockPrefixes(block *networkingv1.IPBlock) []netip.Prefix {
	prefix, err := netip.ParsePrefix(block.CIDR)
	if err != nil || !prefix.Addr().Is4() {
		return nil
	}
	var excepts []netip.Prefix
	for _, cidr := range block.Except {
		except, err := netip.ParsePrefix(cidr)
		if err != nil {
			return nil
		}
		excepts = append(excepts, except)
	}
	return subtract(prefix.Masked(), excepts)
}

// subtract halves a block until no part has an exception in it. The alternative, to jump over the exceptions, takes a chain for each
// block and a packet mark that nobody else uses, since a RETURN from that chain cannot tell its caller what it means.
func subtract(block netip.Prefix, excepts []netip.Prefix) []netip.Prefix {
	overlaps := func(except netip.Prefix) bool { return except.Overlaps(block) }
	covers := func(except netip.Prefix) bool { return overlaps(except) && except.Bits() <= block.Bits() }
	switch {
	case !slices.ContainsFunc(excepts, overlaps):
		return []netip.Prefix{block}
	case slices.ContainsFunc(excepts, covers):
		return nil
	}
	upper := block.Addr().As4()
	upper[block.Bits()/8] |= 0x80 >> (block.Bits() % 8)
	return append(
		subtract(netip.PrefixFrom(block.Addr(), block.Bits()+1), excepts),
		subtract(netip.PrefixFrom(netip.AddrFrom4(upper), block.Bits()+1), excepts)...)
}
