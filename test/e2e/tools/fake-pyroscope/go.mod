module tools/fake-pyroscope

go 1.25.0
