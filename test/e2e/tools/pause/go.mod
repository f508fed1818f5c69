module tools/pause

go 1.25
