// A fake for the Parca Agent, which cannot be had in CI. Started under the agent's pod template, it tries what the
// agent needs the kernel, the API server and the gateway for, one by one, and reports what it was allowed to do.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// What the process of another container is called that operations are tried on, and where it keeps its private file.
	targetName = "/fake-target"
	targetFile = "/tmp/fake-target/private"

	// No attempt takes longer, so that a report always ends.
	timeout = 3 * time.Second
)

func main() {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	var err error
	switch {
	case os.Args[0] == targetName:
		err = beTarget()
	case mode == "target":
		// Under the name by which it is found.
		err = unix.Exec("/proc/self/exe", []string{targetName}, os.Environ())
	case mode == "load":
		err = beLoader(os.Args[2:])
	case mode == "perf":
		err = tryPerfEvents()
	case limited[mode] != nil:
		err = runLimited(limited[mode])
	default:
		if err = startLikeTheAgent(os.Args[1:]); err == nil {
			err = serve(parseFlags(os.Args[1:]))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// parseFlags takes every --name=value. The agent's other flags mean nothing here.
func parseFlags(args []string) map[string]string {
	flags := map[string]string{}
	for _, arg := range args {
		if name, value, found := strings.Cut(arg, "="); found {
			flags[strings.TrimPrefix(name, "--")] = value
		}
	}
	return flags
}

func serve(flags map[string]string) error {
	address := flags["http-address"]
	if address == "" {
		fmt.Fprintln(os.Stderr, "--http-address=IP:PORT is missing: there is no address to serve the report on")
		os.Exit(2)
	}
	go func() {
		awaitTermination()
		os.Exit(0)
	}()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprint(w, "# HELP fake_agent_up Whether the fake runs.\n# TYPE fake_agent_up gauge\nfake_agent_up 1\n")
	})
	routes.HandleFunc("GET /report", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(makeReport(flags, r.URL.Query().Get("push")))
	})
	return http.ListenAndServe(address, routes)
}

// beTarget is the process of another user that has something to hide.
func beTarget() error {
	// The directory is still there after a restart of the container.
	if err := os.Mkdir(filepath.Dir(targetFile), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := os.WriteFile(targetFile, []byte("private\n"), 0o600); err != nil {
		return err
	}
	awaitTermination()
	return nil
}

func awaitTermination() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
}

// outcome of something that was tried.
type outcome struct {
	OK     bool   `json:"ok"`
	Error  string `json:"error,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// trial gives a detail worth reporting, or why it failed.
type trial func() (string, error)

func attempt(try trial) outcome {
	done := make(chan outcome, 1)
	go func() {
		detail, err := try()
		if err != nil {
			done <- outcome{Error: err.Error()}
		} else {
			done <- outcome{OK: true, Detail: detail}
		}
	}()
	select {
	case result := <-done:
		return result
	case <-time.After(timeout):
		return outcome{Error: fmt.Sprintf("no result after %v", timeout)}
	}
}

// each applies a function to every value of a map, to all of them at the same time.
func each[From, To any](values map[string]From, apply func(From) To) map[string]To {
	results := make(map[string]To, len(values))
	var lock sync.Mutex
	var group sync.WaitGroup
	for name, value := range values {
		group.Go(func() {
			result := apply(value)
			lock.Lock()
			defer lock.Unlock()
			results[name] = result
		})
	}
	group.Wait()
	return results
}
