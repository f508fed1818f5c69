module tools/fake-agent

go 1.25.0

require golang.org/x/sys v0.35.0
