-- A fake of what HAProxy gives to Lua programs, as far as those of the gateway use it. The end-to-end tests run the same
-- programs in HAProxy itself.
--
-- `sha256` comes from outside, and `clock` is the time in seconds.
local inits, tasks, actions, filters, files = {}, {}, {}, {}, {}

clock = 0
log = {}
certificates = {} -- what the cache of certificates was given
broken_cache = false

local function logger(level)
  return function(text) log[#log + 1] = level .. ": " .. text end
end

core = {
  Warning = logger("warning"),
  Info = logger("info"),
  Alert = logger("alert"),
  now = function() return { sec = clock, usec = 0 } end,
  msleep = function(milliseconds) coroutine.yield(milliseconds) end,
  register_init = function(init) inits[#inits + 1] = init end,
  register_task = function(task) tasks[#tasks + 1] = coroutine.create(task) end,
  register_action = function(name, _, action) actions[name] = action end,
  register_filter = function(name, class, parse) filters[name] = parse(class) end,
}

filter = {
  FLT_CFG_FL_HTX = 1,
  register_data_filter = function(self) self.is_registered = true end,
}

CertCache = {
  set = function(entry)
    if broken_cache then error("unable to load certificate") end
    certificates[#certificates + 1] = entry
  end,
}

-- Files are those of the test; one without text is not there.
function write(path, text) files[path] = text end

io.open = function(path)
  local text = files[path]
  return text and {
    -- As Lua does: nil at the end of the file.
    read = function(_, limit) if text ~= "" then return text:sub(1, limit) end end,
    close = function() end,
  }
end

-- A request with these variables and this body.
local function transaction(variables, body)
  local done
  return {
    -- Digests come in hex already.
    c = { sha2 = function(_, text) return sha256(text) end, hex = function(_, text) return text:upper() end },
    f = { req_body = function() return body end },
    get_var = function(_, name) return variables[name] end,
    set_var = function(_, name, value) variables[name] = value end,
    reply = function(_, answer) return answer end,
    done = function(_, answer) done = answer.status end,
    status = function() return done end,
  }
end

function start()
  for _, init in ipairs(inits) do init() end
  for _, task in ipairs(tasks) do assert(coroutine.resume(task)) end
end

-- Wakes the tasks up, each of which sleeps.
function wake()
  for _, task in ipairs(tasks) do assert(coroutine.resume(task)) end
end

-- The variables of a request after an action.
function act(name, variables, body)
  actions[name](transaction(variables, body))
  return variables
end

-- The status that ends a request while pieces of its body pass a filter, and how many of them have passed; 200 if all do.
function pass(name, variables, pieces, is_answer)
  local txn, stream = transaction(variables), filters[name]:new()
  stream:start_analyze(txn, { is_resp = function() return is_answer end })
  if not stream.is_registered then return { status = 200, pieces = 0 } end
  for index, length in ipairs(pieces) do
    stream:http_payload(txn, { input = function() return length end })
    if txn:status() then return { status = txn:status(), pieces = index } end
  end
  return { status = 200, pieces = #pieces }
end
