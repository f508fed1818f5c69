-- Refuses uploads of debug information that name a build id of another form than hex: Parca makes a path of it, and ".."
-- or "/" in it leads out of its bucket.
--
-- The message has to be one that this can read: a whole gRPC message, not compressed. It is small, and has been awaited.
-- https://github.com/parca-dev/parca/blob/v0.28.0/proto/parca/debuginfo/v1alpha1/debuginfo.proto
-- https://protobuf.dev/programming-guides/encoding/
local LONGEST_BUILD_ID = 256

-- The integer at a position of a message, and the position behind it.
local function varint(text, position)
  local value = 0
  for index = 0, 9 do
    local byte = text:byte(position + index)
    if not byte then return nil end
    value = value | (byte & 127) << (7 * index)
    if byte < 128 then return value, position + index + 1 end
  end
end

-- The position behind a field whose value begins at `position`, and the value if it is text; nil if there is no such field.
local function skip(text, position, kind)
  if kind == 0 then
    local _, after = varint(text, position)
    return after
  end
  local length = kind == 1 and 8 or kind == 5 and 4 or nil
  local start = position
  if kind == 2 then length, start = varint(text, position) end
  if not length or length < 0 or length > #text - start + 1 then return nil end
  return start + length, text:sub(start, start + length - 1)
end

local function is_build_id(text)
  return #text <= LONGEST_BUILD_ID and text:find("^[%x-]+$") ~= nil
end

-- Whether a message is well formed and its first field, however often it is there, a build id.
local function is_sound(message)
  local position, found = 1, false
  while position <= #message do
    local tag, start = varint(message, position)
    if not tag or tag >> 3 == 0 then return false end
    local after, value = skip(message, start, tag & 7)
    if not after then return false end
    if tag >> 3 == 1 then
      if tag & 7 ~= 2 or not is_build_id(value) then return false end
      found = true
    end
    position = after
  end
  return found
end

-- Sets txn.refused to the status that refuses the request, unless its body is one gRPC message with a build id.
core.register_action("check_build_id", { "http-req" }, function(txn)
  local body = txn.f:req_body() or ""
  local is_whole = #body >= 5 and body:byte(1) == 0 and string.unpack(">I4", body, 2) == #body - 5
  if not is_whole or not is_sound(body:sub(6)) then txn:set_var("txn.refused", 400) end
end, 0)
