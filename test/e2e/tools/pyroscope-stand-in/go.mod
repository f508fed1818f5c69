module tools/pyroscope-stand-in

go 1.25.0
