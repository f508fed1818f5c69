-- Turns the digest of a bearer token into a role, a tenant and the name of the credential, and reads tokens, their
-- digests and the certificate again every 5 seconds, so that nothing needs a restart.
--
-- It fails closed: a file that is missing, empty, too long or unreadable lets nobody in. Raw tokens and digests are told
-- apart by the name of their file, never by their shape, since a token of 64 hex digits looks like a digest.
--
-- https://www.arpalert.org/src/haproxy-lua-api/2.6/index.html
-- The list of credentials, the directory of tokens and digests, and that of the certificate, as the container mounts them.
local LIST, DIRECTORY, TLS = "/etc/proxy/credentials", "/run/auth", "/run/tls"
local CERTIFICATE, KEY = TLS .. "/tls.crt", TLS .. "/tls.key"
local SHORTEST_TOKEN, LONGEST_TOKEN = 16, 4096
-- What fits into a ConfigMap or Secret.
local LONGEST_FILE = 1048576
-- What an empty token hashes to. It must never open anything.
local DIGEST_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

local owners = {}     -- digest -> credential
local raw = {}        -- raw tokens that have not been hashed yet
local loaded_pair = nil
local complaints = {} -- file -> what the log has been told of it

-- Tells the log what is wrong with a file: once, and again when something else is.
local function complain(file, problem)
  if problem and complaints[file] ~= problem then core.Warning(file .. " " .. problem) end
  complaints[file] = problem
end

-- The text of a file; nil if there is none, or more than the limit.
local function read(path, limit)
  local file = io.open(path, "rb")
  if not file then return nil, "is missing" end
  local text = file:read(limit + 1) or ""
  file:close()
  if #text > limit then return nil, "has more than " .. limit .. " bytes and is ignored" end
  return text
end

-- A token of two owners is good for neither: it is a mistake, and guessing would widen somebody's access.
local function claim(table, digest, credential)
  if digest == DIGEST_OF_NOTHING then return end
  local owner = table[digest]
  local is_same = owner and owner.role == credential.role and owner.tenant == credential.tenant
  table[digest] = (owner == nil or is_same) and credential or { role = "" }
end

-- One credential a line: role, tenant or -, the file of its digests, and files of raw tokens.
local function credentials()
  local text, problem = read(LIST, LONGEST_FILE)
  complain(LIST, problem and problem .. ": nobody gets in")
  local list = {}
  for line in (text or ""):gmatch("[^\r\n]+") do
    local words = {}
    for word in line:gmatch("%S+") do words[#words + 1] = word end
    if #words >= 3 then
      list[#list + 1] = { role = words[1], tenant = words[2], digests = words[3], tokens = { table.unpack(words, 4) } }
    end
  end
  return list
end

-- The token in a file, or why there is none. Every pattern here takes time in proportion to the text.
local function token_of(text)
  if text:find("^\239\187\191") then return nil, "begins with a byte order mark and is ignored: save it as plain ASCII" end
  if text:find("^\255\254") or text:find("^\254\255") then return nil, "is UTF-16 and is ignored: save it as plain ASCII" end
  local token = text:match("^%s*(%S+)%s*$")
  if not token then return nil, text:find("%S") and "holds more than one token and is ignored" or "is empty" end
  if token:find("[^\33-\126]") then return nil, "holds characters that are no printable ASCII and is ignored" end
  if #token < SHORTEST_TOKEN then return nil, "is shorter than " .. SHORTEST_TOKEN .. " characters and is ignored" end
  if #token > LONGEST_TOKEN then return nil, "is longer than " .. LONGEST_TOKEN .. " characters and is ignored" end
  return token
end

local function read_token(file)
  local text, problem = read(DIRECTORY .. "/" .. file, LONGEST_FILE)
  -- Most keys of a Secret are optional.
  if not text and problem == "is missing" then return nil end
  local token
  if text then token, problem = token_of(text) end
  complain(file, problem)
  return token
end

local function read_digests(file)
  local text, problem = read(DIRECTORY .. "/" .. file, LONGEST_FILE)
  if not text and problem == "is missing" then return {} end
  local digests, number = {}, 0
  for line in (text or ""):gmatch("[^\r\n]+") do
    number = number + 1
    local digest = line:match("^%s*(%x+)")
    if digest and #digest == 64 then
      digests[#digests + 1] = digest:lower()
    elseif not problem then
      problem = "has a line that is no SHA-256 digest in hex, the first being number " .. number
    end
  end
  complain(file, problem)
  return digests
end

-- Requests are served while a long list is read: they see the tables of before until those of now are complete.
local function reload_tokens()
  local new_owners, new_raw = {}, {}
  for _, credential in ipairs(credentials()) do
    for _, digest in ipairs(read_digests(credential.digests)) do claim(new_owners, digest, credential) end
    for _, file in ipairs(credential.tokens) do
      local token = read_token(file)
      if token then new_raw[#new_raw + 1] = { token = token, credential = credential } end
    end
  end
  owners, raw = new_owners, new_raw
end

local function reload_certificate()
  local certificate, key = read(CERTIFICATE, LONGEST_FILE), read(KEY, LONGEST_FILE)
  if not certificate or not key or certificate == "" or key == "" then return end
  local pair = certificate .. "\n" .. key
  if pair == loaded_pair then return end
  local ok, reason = pcall(CertCache.set, { filename = CERTIFICATE, [""] = pair })
  if ok then
    loaded_pair = pair
    core.Info("certificate reloaded")
  else
    core.Alert("certificate not reloaded, the old one stays: " .. tostring(reason))
  end
end

core.register_init(function()
  reload_tokens()
  loaded_pair = (read(CERTIFICATE, LONGEST_FILE) or "") .. "\n" .. (read(KEY, LONGEST_FILE) or "")
end)

core.register_task(function()
  while true do
    core.msleep(5000)
    reload_tokens()
    reload_certificate()
  end
end)

core.register_action("authn", { "http-req" }, function(txn)
  -- Converters are at hand in a request only, so the first one after a reload hashes the raw tokens.
  for _, entry in ipairs(raw) do
    claim(owners, txn.c:hex(txn.c:sha2(entry.token, 256)):lower(), entry.credential)
  end
  raw = {}
  local owner = owners[txn:get_var("txn.digest") or ""]
  if owner and owner.role ~= "" then
    txn:set_var("txn.role", owner.role)
    txn:set_var("txn.credential", owner.digests)
    if owner.tenant ~= "-" then txn:set_var("txn.tenant", owner.tenant) end
  end
end, 0)
