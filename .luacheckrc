-- For the files in assets. HAProxy is built with Lua 5.3 or newer, and brings these.
std = "lua53"
read_globals = { "core", "filter", "CertCache" }
max_line_length = 160
color = false
