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
	serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

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
}

// ask puts all questions to one server, known by these roots alone.
func ask(server, rootsFile string, minimum uint16, questions map[string]question) map[string]answer {
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{MinVersion: minimum, RootCAs: x509.NewCertPool()},
		ForceAttemptHTTP2: true,
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	roots, rootsErr := os.ReadFile(rootsFile)
	if rootsErr == nil && !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(roots) {
		rootsErr = fmt.Errorf("%s: no certificate", rootsFile)
	}
	return each(questions, func(q question) answer {
		if rootsErr != nil {
			return answer{Error: rootsErr.Error()}
		}
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

// askAPIServer asks for what the agent may do, and for what a stolen token of its must not be good for. Nothing is
// created, even if it is allowed.
func askAPIServer(node string) map[string]answer {
	server := net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	token := filepath.Join(serviceAccount, "token")
	namespace := "/api/v1/namespaces/" + url.PathEscape(read(filepath.Join(serviceAccount, "namespace")))
	get := func(path string) question { return question{method: http.MethodGet, path: path, tokenFile: token} }
	return ask(server, filepath.Join(serviceAccount, "ca.crt"), tls.VersionTLS12, map[string]question{
		"listPods":    get("/api/v1/pods?limit=1"),
		"getNode":     get("/api/v1/nodes/" + url.PathEscape(node)),
		"listNodes":   get("/api/v1/nodes?limit=1"),
		"listSecrets": get(namespace + "/secrets?limit=1"),
		"proxyNode":   get("/api/v1/nodes/" + url.PathEscape(node) + "/proxy/pods"),
		"createPod": {
			method: http.MethodPost, path: namespace + "/pods?dryRun=All", tokenFile: token,
			contentType: "application/json", body: func() (string, error) { return "{}", nil },
		},
	})
}

// askGateway writes a profile with the token and tries what it must not do.
func askGateway(server, tokenFile string) map[string]answer {
	write := question{
		method:      http.MethodPost,
		path:        "/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw",
		contentType: "application/grpc",
		tokenFile:   tokenFile,
		body: func() (string, error) {
			message, err := os.ReadFile(profileFile)
			if err == nil && len(message) == 0 {
				err = errors.New(profileFile + " is empty")
			}
			return string(message), err
		},
	}
	anonymous := write
	anonymous.tokenFile = ""
	return ask(server, os.Getenv("SSL_CERT_FILE"), tls.VersionTLS13, map[string]question{
		"write":             write,
		"writeWithoutToken": anonymous,
		"readWithPushToken": {method: http.MethodGet, path: "/api/profiles/types", tokenFile: tokenFile},
	})
}
