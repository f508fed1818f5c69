import { AUTH_DIRECTORY, TLS_DIRECTORY, TOKEN_KEYS } from './paths';
import type { GatewayRole } from './routes';

/**
 * The Lua program that turns a token's digest into a role, and reloads tokens and certificate without a restart.
 *
 * It fails closed: a file that is missing, empty or unreadable lets nobody in. Raw tokens and digests are told apart by
 * the name of their file, never by their shape, since a token of 64 hex digits looks like a digest.
 *
 * @see https://www.arpalert.org/src/haproxy-lua-api/2.6/index.html
 */
export function authnLua(roles: readonly GatewayRole[]): string {
  return `-- Turns the digest of a bearer token into a role. Files are read again every 5 seconds.
local ROLES = { ${roles.map(role => `"${role}"`).join(', ')} }
local RAW_KEYS = { ${TOKEN_KEYS.raw.map(key => `"${key}"`).join(', ')} }
local CERTIFICATE, KEY = "${TLS_DIRECTORY}/tls.crt", "${TLS_DIRECTORY}/tls.key"
local SHORTEST_TOKEN = 16
-- What an empty token hashes to. It must never open anything.
local DIGEST_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

local roles = {}      -- digest -> role
local raw = {}        -- raw tokens that have not been hashed yet
local loaded_pair = nil
local warned = {}     -- once per role, not every 5 seconds

local function read(path)
  local file = io.open(path, "r")
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text or ""
end

-- A credential of two roles is good for neither: it is a mistake, and guessing would widen somebody's access.
local function claim(owners, digest, role)
  if digest == DIGEST_OF_NOTHING then return end
  local owner = owners[digest]
  owners[digest] = (owner == nil or owner == role) and role or ""
end

-- Requests are served while a long list is read: they see the tables of before until those of now are complete.
local function reload_tokens()
  local new_roles, new_raw = {}, {}
  for _, role in ipairs(ROLES) do
    local directory = "${AUTH_DIRECTORY}/" .. role .. "/"
    for line in read(directory .. "${TOKEN_KEYS.digests}"):gmatch("[^\\r\\n]+") do
      local digest = line:match("^%s*(%x+)")
      if digest and #digest == 64 then claim(new_roles, digest:lower(), role) end
    end
    for _, key in ipairs(RAW_KEYS) do
      local token = read(directory .. key):match("^%s*(.-)%s*$")
      if #token >= SHORTEST_TOKEN then
        new_raw[#new_raw + 1] = { role = role, token = token }
      elseif #token > 0 and not warned[role] then
        warned[role] = true
        core.Warning("token of role " .. role .. " is shorter than " .. SHORTEST_TOKEN .. " characters and is ignored")
      end
    end
  end
  roles, raw = new_roles, new_raw
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
  for _, credential in ipairs(raw) do
    claim(roles, txn.c:hex(txn.c:sha2(credential.token, 256)):lower(), credential.role)
  end
  raw = {}
  local role = roles[txn:get_var("txn.digest") or ""]
  if role and role ~= "" then txn:set_var("txn.role", role) end
end, 0)
`;
}
