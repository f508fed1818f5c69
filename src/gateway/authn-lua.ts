import { AUTH_DIRECTORY, CREDENTIALS_FILE, TLS_DIRECTORY } from './paths';

/**
 * The Lua program that turns a token's digest into a role, and reloads tokens and certificate without a restart.
 *
 * It fails closed: a file that is missing, empty or unreadable lets nobody in. Raw tokens and digests are told apart by
 * the name of their file, never by their shape, since a token of 64 hex digits looks like a digest.
 *
 * @see https://www.arpalert.org/src/haproxy-lua-api/2.6/index.html
 */
export const AUTHN_LUA = `-- Turns the digest of a bearer token into a role and a tenant. Files are read again every 5 seconds.
local LIST, DIRECTORY = "${CREDENTIALS_FILE}", "${AUTH_DIRECTORY}/"
local CERTIFICATE, KEY = "${TLS_DIRECTORY}/tls.crt", "${TLS_DIRECTORY}/tls.key"
local SHORTEST_TOKEN = 16
-- What an empty token hashes to. It must never open anything.
local DIGEST_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

local owners = {}     -- digest -> credential
local raw = {}        -- raw tokens that have not been hashed yet
local loaded_pair = nil
local warned = {}     -- once per file, not every 5 seconds

local function read(path)
  local file = io.open(path, "r")
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text or ""
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
  local list = {}
  for role, tenant, digests, tokens in read(LIST):gmatch("(%S+) (%S+) (%S+)([^\\r\\n]*)") do
    list[#list + 1] = { role = role, tenant = tenant, digests = digests, tokens = tokens }
  end
  return list
end

-- Requests are served while a long list is read: they see the tables of before until those of now are complete.
local function reload_tokens()
  local new_owners, new_raw = {}, {}
  for _, credential in ipairs(credentials()) do
    for line in read(DIRECTORY .. credential.digests):gmatch("[^\\r\\n]+") do
      local digest = line:match("^%s*(%x+)")
      if digest and #digest == 64 then claim(new_owners, digest:lower(), credential) end
    end
    for file in credential.tokens:gmatch("%S+") do
      local token = read(DIRECTORY .. file):match("^%s*(.-)%s*$")
      if #token >= SHORTEST_TOKEN then
        new_raw[#new_raw + 1] = { token = token, credential = credential }
      elseif #token > 0 and not warned[file] then
        warned[file] = true
        core.Warning("token in " .. file .. " is shorter than " .. SHORTEST_TOKEN .. " characters and is ignored")
      end
    end
  end
  owners, raw = new_owners, new_raw
end

local function reload_certificate()
  local certificate, key = read(CERTIFICATE), read(KEY)
  local pair = certificate .. "\\n" .. key
  if certificate == "" or key == "" or pair == loaded_pair then return end
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
  loaded_pair = read(CERTIFICATE) .. "\\n" .. read(KEY)
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
    if owner.tenant ~= "-" then txn:set_var("txn.tenant", owner.tenant) end
  end
end, 0)
`;
