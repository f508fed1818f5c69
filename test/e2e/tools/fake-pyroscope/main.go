// Fakes for what cannot be had in CI, told apart by the name they are called by: Pyroscope, which answers every
// request with what reached it; its profilecli, which asks whether it is ready; and Alloy, which pushes with the token
// of a tenant when it is told to.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	flags := parseFlags(os.Args[1:])
	var err error
	switch filepath.Base(os.Args[0]) {
	case "profilecli":
		err = askReady(flags["url"])
	case "alloy":
		if err = startLikeAlloy(os.Args[1:]); err == nil {
			err = serve(map[string]http.Handler{flags["server.http.listen-addr"]: alloy()})
		}
	default:
		err = servePyroscope(flags)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// parseFlags takes every -name=value and --name=value.
func parseFlags(args []string) map[string]string {
	flags := map[string]string{}
	for _, arg := range args {
		if name, value, found := strings.Cut(arg, "="); found {
			flags[strings.TrimLeft(name, "-")] = value
		}
	}
	return flags
}

// servePyroscope listens where the flags say, and by default on every address, like the program it stands for.
func servePyroscope(flags map[string]string) error {
	echo := net.JoinHostPort(flags["server.http-listen-address"], "4040")
	servers := map[string]http.Handler{echo: http.HandlerFunc(answer)}
	if flags["admin-server.mode"] == "exclusive" {
		servers[net.JoinHostPort(flags["admin-server.http-listen-address"], "4042")] = http.HandlerFunc(answer)
	}
	return serve(servers)
}

// answer says what reached it, and who it is.
func answer(response http.ResponseWriter, request *http.Request) {
	_, _ = io.Copy(io.Discard, request.Body)
	name, _ := os.Hostname()
	response.Header().Set("content-type", "application/json")
	_ = json.NewEncoder(response).Encode(map[string]any{
		"host": name, "method": request.Method, "path": request.URL.Path, "protocol": request.Proto, "headers": request.Header,
	})
}

// alloy is ready at once. Asked for /push/NAME it pushes with the token of that name, as Alloy's configuration has it. After
// /exit a component has exited, which Alloy shows in its metrics and nowhere else.
func alloy() http.Handler {
	var exited atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("/-/", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { exited.Store(1) })
	mux.HandleFunc("/metrics", func(response http.ResponseWriter, _ *http.Request) {
		for health, count := range map[string]int32{"exited": exited.Load(), "healthy": 7} {
			fmt.Fprintf(response, "alloy_component_controller_running_components{controller_id=\"\",controller_path=\"/\",health_type=%q} %d\n", health, count)
		}
	})
	mux.HandleFunc("/push/{tenant}", func(response http.ResponseWriter, request *http.Request) {
		status, body, err := push(request.URL.Query().Get("url"), request.PathValue("tenant"))
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadGateway)
			return
		}
		response.WriteHeader(status)
		_, _ = response.Write(body)
	})
	return mux
}

func push(url, tenant string) (int, []byte, error) {
	token, err := os.ReadFile(filepath.Join("/etc/alloy-tokens", filepath.Base(tenant)))
	if err != nil {
		return 0, nil, err
	}
	authority, err := os.ReadFile("/etc/alloy-ca/ca.crt")
	if err != nil {
		return 0, nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	client := http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true},
	}
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader([]byte("profile")))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("authorization", "Bearer "+strings.TrimSpace(string(token)))
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

func askReady(url string) error {
	client := http.Client{Timeout: 3 * time.Second}
	response, err := client.Get(url + "/ready")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// serve runs servers that speak HTTP/1.1 and, without TLS, HTTP/2, until one fails or the process is told to end.
func serve(servers map[string]http.Handler) error {
	failed := make(chan error, len(servers))
	for address, handler := range servers {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(true)
		protocols.SetUnencryptedHTTP2(true)
		server := &http.Server{Addr: address, Handler: handler, Protocols: protocols, ReadHeaderTimeout: 10 * time.Second}
		go func() { failed <- server.ListenAndServe() }()
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-failed:
		return err
	case <-told:
		return nil
	}
}
