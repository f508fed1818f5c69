package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

const (
	serviceAccount      = "/var/run/secrets/kubernetes.io/serviceaccount"
	serviceAccountToken = serviceAccount + "/token"

	// A gRPC message with its length in front, made by the test for this very store.
	profileFile = "/profile.grpc"
)

type answer struct {
	Status      int    `json:"status,omitempty"`
	GRPCStatus  string `json:"grpcStatus,omitempty"`
	GRPCMessage string `json:"grpcMessage,omitempty"`
	TLSVersion  string `json:"tlsVersion,omitempty"`
	ALPN        string `json:"alpn,omitempty"`
	Error       string `json:"error,omitempty"`
}

type question struct {
	method, path, contentType string
	body                      func() (string, error)
	tokenFile                 string
	headers                   map[string]string
}

// newClient trusts these roots alone; nil means those of the machine, which SSL_CERT_FILE and SSL_CERT_DIR can replace.
func newClient(roots *x509.CertPool, minimum uint16) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{MinVersion: minimum, RootCAs: roots}, ForceAttemptHTTP2: true},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ask puts all questions to one server.
func ask(client *http.Client, server string, questions map[string]question) map[string]answer {
	defer client.CloseIdleConnections()
	return each(questions, func(q question) answer {
		result, err := q.put(client, server)
		if err != nil {
			result.Error = err.Error()
		}
		return result
	})
}

func (q question) put(client *http.Client, server string) (answer, error) {
	body := ""
	if q.body != nil {
		var err error
		if body, err = q.body(); err != nil {
			return answer{}, err
		}
	}
	request, err := http.NewRequest(q.method, "https://"+server+q.path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, value := range q.headers {
		request.Header.Set(name, value)
	}
	if q.contentType != "" {
		request.Header.Set("Content-Type", q.contentType)
	}
	if q.contentType == "application/grpc" {
		request.Header.Set("TE", "trailers")
	}
	if q.tokenFile != "" {
		token, err := os.ReadFile(q.tokenFile)
		if err != nil {
			return answer{}, err
		}
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	// Trailers come after the body.
	_, err = io.Copy(io.Discard, response.Body)
	// An answer without a body has its gRPC status in the header.
	grpc := func(name string) string {
		return response.Trailer.Get(name) + response.Header.Get(name)
	}
	return answer{
		Status:      response.StatusCode,
		GRPCStatus:  grpc("Grpc-Status"),
		GRPCMessage: grpc("Grpc-Message"),
		TLSVersion:  tls.VersionName(response.TLS.Version),
		ALPN:        response.TLS.NegotiatedProtocol,
	}, err
}

// apiServerClient knows the API server as every pod does.
func apiServerClient() (*http.Client, string, error) {
	roots := x509.NewCertPool()
	file := filepath.Join(serviceAccount, "ca.crt")
	if content, err := os.ReadFile(file); err != nil {
		return nil, "", err
	} else if !roots.AppendCertsFromPEM(content) {
		return nil, "", fmt.Errorf("%s: no certificate", file)
	}
	return newClient(roots, tls.VersionTLS12), net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")), nil
}

// askAPIServer asks for what the agent may do, and for what a stolen token of its must not be good for. Nothing is
// created, even if it is allowed.
func askAPIServer(node string) map[string]answer {
	client, server, err := apiServerClient()
	if err != nil {
		return map[string]answer{"client": {Error: err.Error()}}
	}
	namespace := "/api/v1/namespaces/" + url.PathEscape(read(filepath.Join(serviceAccount, "namespace")))
	get := func(path string) question {
		return question{method: http.MethodGet, path: path, tokenFile: serviceAccountToken}
	}
	return ask(client, server, map[string]question{
		"listPods":    get("/api/v1/pods?limit=1"),
		"getNode":     get("/api/v1/nodes/" + url.PathEscape(node)),
		"listNodes":   get("/api/v1/nodes?limit=1"),
		"listSecrets": get(namespace + "/secrets?limit=1"),
		"proxyNode":   get("/api/v1/nodes/" + url.PathEscape(node) + "/proxy/pods"),
		"createPod": {
			method: http.MethodPost, path: namespace + "/pods?dryRun=All", tokenFile: serviceAccountToken,
			contentType: "application/json", body: func() (string, error) { return "{}", nil },
		},
	})
}

// writeQuestion stores a profile.
func writeQuestion(tokenFile string, body func() (string, error)) question {
	return question{
		method:      http.MethodPost,
		path:        "/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw",
		contentType: "application/grpc",
		tokenFile:   tokenFile,
		body:        body,
	}
}

// askGateway writes a profile with the token and tries what it must not do.
func askGateway(flags map[string]string) map[string]answer {
	tokenFile := flags["remote-store-bearer-token-file"]
	write := writeQuestion(tokenFile, func() (string, error) {
		message, err := os.ReadFile(profileFile)
		if err == nil && len(message) == 0 {
			err = errors.New(profileFile + " is empty")
		}
		return string(message), err
	})
	anonymous := write
	anonymous.tokenFile = ""
	return askStore(flags, map[string]question{
		"write":             write,
		"writeWithoutToken": anonymous,
		"readWithPushToken": {method: http.MethodGet, path: "/api/profiles/types", tokenFile: tokenFile},
	})
}

// askStore puts questions to the store of the flags, with the headers of the flags.
func askStore(flags map[string]string, questions map[string]question) map[string]answer {
	headers := grpcHeaders(flags["remote-store-grpc-headers"])
	for name, q := range questions {
		q.headers = headers
		questions[name] = q
	}
	return ask(newClient(nil, tls.VersionTLS13), flags["remote-store-address"], questions)
}
