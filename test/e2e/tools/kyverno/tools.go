//go:build tools

// Package tools names the program that is built from this module: go install cannot build it at a version.
package tools

import _ "github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno"
