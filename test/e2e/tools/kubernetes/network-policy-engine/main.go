// A NetworkPolicy (networking.k8s.io/v1) engine for a test cluster of one node, whose pods hang on one Linux bridge.
//
// On every change it expands all selectors to pod addresses and swaps its own iptables chains in one transaction. It wants IPv4
// and net.bridge.bridge-nf-call-iptables=1; without that, packets between two pods of the bridge never meet iptables.
//
// What it does not do:
//   - A pod whose address is not known yet is open until the next ruleset, and so is a pod that a policy has only just selected.
//   - A connection that was established before a policy forbade it lives on.
//   - Pods are told apart by source address, so one that may forge addresses gets around its policies.
//   - The documentation exempts traffic from a pod to its node. Here it is subject to egress policies: on a single node, a policy
//     that forbids or allows the API server could not be tested otherwise.
//
// The rules stay when the engine ends: stopping it must not open anything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	networkinglisters "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	debounce   = 50 * time.Millisecond
	retryDelay = time.Second
)

type engine struct {
	pods       corelisters.PodLister
	namespaces corelisters.NamespaceLister
	policies   networkinglisters.NetworkPolicyLister
	applied    string // the last ruleset that the kernel took
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "path of the kubeconfig file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, *kubeconfig); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods, namespaces, policies := factory.Core().V1().Pods(), factory.Core().V1().Namespaces(), factory.Networking().V1().NetworkPolicies()

	// One pending signal is enough, because a sync looks at everything.
	changed := make(chan struct{}, 1)
	signalChange := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { signalChange() },
		UpdateFunc: func(any, any) { signalChange() },
		DeleteFunc: func(any) { signalChange() },
	}
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	e := &engine{pods: pods.Lister(), namespaces: namespaces.Lister(), policies: policies.Lister()}

	// Half a view of the cluster would give a ruleset with holes.
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	if ctx.Err() != nil {
		return nil
	}
	signalChange()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			// Not a timer that each event sets back: a steady stream of events would then put off the sync for ever.
			time.Sleep(debounce)
			if err := e.sync(); err != nil {
				log.Print(err)
				time.AfterFunc(retryDelay, signalChange)
			}
		}
	}
}

func (e *engine) sync() error {
	pods, podsErr := e.pods.List(labels.Everything())
	namespaces, namespacesErr := e.namespaces.List(labels.Everything())
	policies, policiesErr := e.policies.List(labels.Everything())
	if err := errors.Join(podsErr, namespacesErr, policiesErr); err != nil {
		return err
	}
	ruleset, isolated := render(pods, namespaces, policies)
	if ruleset == e.applied {
		return nil
	}
	saved, err := execute("", "iptables-save", "-t", "filter")
	if err != nil {
		return err
	}
	if _, err := execute(transaction(ruleset, saved), "iptables-restore", "--noflush", "--wait", "5"); err != nil {
		return err
	}
	e.applied = ruleset
	log.Printf("applied: %d isolated pods, %d rules", isolated, strings.Count(ruleset, "\n-A "))
	return nil
}

func execute(input, name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	command.Stdin = strings.NewReader(input)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		// iptables-restore names no more than the number of the line it refuses.
		return "", fmt.Errorf("%s: %w: %s\n%s", name, err, strings.TrimSpace(stderr.String()), input)
	}
	return stdout.String(), nil
}
