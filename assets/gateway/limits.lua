-- Bounds what passes through a backend with the filter "bounded": the body of one request, and what its credential sends in
-- a day. Most gRPC clients do not tell the length of a body, so it is counted while it passes; that takes time, and is for
-- large and rare bodies.
--
-- The bounds are variables of the request, in bytes: txn.max_body and txn.per_day.
-- https://www.arpalert.org/src/haproxy-lua-api/2.6/index.html
local DAY = 86400

local spent = {} -- credential -> { day, bytes }

-- What a credential has sent today.
local function account(credential)
  local today = core.now().sec // DAY
  if not spent[credential] or spent[credential].day ~= today then spent[credential] = { day = today, bytes = 0 } end
  return spent[credential]
end

-- Sets txn.refused to the status that refuses the request, if its credential has nothing left for today.
core.register_action("charge", { "http-req" }, function(txn)
  if account(txn:get_var("txn.credential")).bytes >= txn:get_var("txn.per_day") then txn:set_var("txn.refused", 429) end
end, 0)

local Bounded = {}
Bounded.id = "bounds what a request may carry"
Bounded.flags = filter.FLT_CFG_FL_HTX
Bounded.__index = Bounded

function Bounded.new(class)
  return setmetatable({ bytes = 0 }, class)
end

function Bounded:start_analyze(txn, channel)
  if channel:is_resp() then return end
  self.credential, self.max_body, self.per_day = txn:get_var("txn.credential"), txn:get_var("txn.max_body"), txn:get_var("txn.per_day")
  filter.register_data_filter(self, channel)
end

-- Ends the request as soon as it has carried too much. The backend sees it aborted, or ended amid a message.
function Bounded:http_payload(txn, message)
  local bytes, today = message:input(), account(self.credential)
  self.bytes = self.bytes + bytes
  today.bytes = today.bytes + bytes
  if self.bytes > self.max_body then
    txn:done(txn:reply({ status = 413 }))
  elseif today.bytes > self.per_day then
    txn:done(txn:reply({ status = 429 }))
  end
end

core.register_filter("bounded", Bounded, function(class) return class end)
