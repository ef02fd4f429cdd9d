#!lua name=rival
local roles = {user = true, editor = true, admin = true}
local themes = {light = true, dark = true}

local function text(s, min, max)
  return type(s) == 'string' and #s >= min and #s <= max
end

local function count(n, min, max)
  return type(n) == 'number' and n >= min and n <= max and n % 1 == 0
end

local function valid(d)
  local type, ipairs = type, ipairs
  if type(d) ~= 'table' or not text(d.user_id, 4, 64) then return false end
  if not text(d.email, 0, 254) or not string.find(d.email, '^[^@ ]+@[^@ ]+$') then return false end
  local list = d.roles
  if type(list) ~= 'table' or #list > 16 then return false end
  for _, role in ipairs(list) do
    if not roles[role] then return false end
  end
  if not text(d.csrf, 12, 64) then return false end
  list = d.cart
  if type(list) ~= 'table' or #list > 1000 then return false end
  for _, line in ipairs(list) do
    if type(line) ~= 'table' or not text(line.sku, 1, 32) or not count(line.n, 1, 99) then
      return false
    end
  end
  if d.locale ~= nil and not text(d.locale, 0, 16) then return false end
  if d.theme ~= nil and not themes[d.theme] then return false end
  return d.visits == nil or count(d.visits, 0, 1e15)
end

redis.register_function('rival_set', function(keys, args)
  local ok, d = pcall(cjson.decode, args[1])
  if not ok then return redis.error_reply('BADJSON') end
  if not valid(d) then return redis.error_reply('INVALID') end
  redis.call('SET', keys[1], args[1], 'EX', args[2])
  return keys[1]
end)

local function merge(into, patch, null)
  for name, value in pairs(patch) do
    if value == null then
      into[name] = nil
    elseif type(value) == 'table' and type(into[name]) == 'table' then
      merge(into[name], value, null)
    else
      into[name] = value
    end
  end
end

redis.register_function('rival_patch', function(keys, args)
  local data = redis.call('GET', keys[1])
  if not data then return redis.error_reply('NOSESSION') end
  local cjson = cjson
  local d = cjson.decode(data)
  merge(d, cjson.decode(args[1]), cjson.null)
  redis.call('SET', keys[1], cjson.encode(d), 'KEEPTTL')
  return 1
end)
