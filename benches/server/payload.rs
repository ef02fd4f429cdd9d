//! The data of all measurements: the session of a web shop, in several sizes, its schemas, and Lua
//! functions that do the module's work on plain strings.

/// The sizes of the data in bytes.
pub const SIZES: [usize; 4] = [290, 1024, 4096, 16384];

/// The name of the session's own schema.
pub const SCHEMA: &str = "shop";
/// The name of a second schema, which VERIFY names.
pub const SECOND: &str = "editor";

/// The schema of the session: types, required members, an enum, a pattern, lengths, bounds and a nested
/// array.
pub const SCHEMA_TEXT: &str = r#"{
  "type": "object",
  "required": ["user_id", "email", "roles", "csrf", "cart"],
  "properties": {
    "user_id": {"type": "string", "minLength": 4, "maxLength": 64},
    "email": {"type": "string", "maxLength": 254, "pattern": "^[^@ ]+@[^@ ]+$"},
    "roles": {"type": "array", "maxItems": 16, "items": {"enum": ["user", "editor", "admin"]}},
    "csrf": {"type": "string", "minLength": 12, "maxLength": 64},
    "cart": {"type": "array", "maxItems": 1000, "items": {
      "type": "object",
      "required": ["sku", "n"],
      "properties": {
        "sku": {"type": "string", "minLength": 1, "maxLength": 32},
        "n": {"type": "integer", "minimum": 1, "maximum": 99}}}},
    "locale": {"type": "string", "maxLength": 16},
    "theme": {"enum": ["light", "dark"]},
    "visits": {"type": "integer", "minimum": 0}
  }
}"#;

/// The second schema: the user has the role of an editor. The module remembers its verdict on a session
/// until the session's data changes, so VERIFY seldom runs it.
pub const SECOND_TEXT: &str = r#"{
  "type": "object",
  "required": ["user_id", "roles"],
  "properties": {"roles": {"type": "array", "contains": {"const": "editor"}}}
}"#;

/// A library of Lua functions to compare with: `rival_set` checks what `SCHEMA_TEXT` checks, and
/// `rival_patch` applies a merge patch (RFC 7396) as SESSION.PATCH does. They are written for speed: one
/// decode, inlined checks, no temporary tables, and locals for globals that are used often. (The locals are
/// inside the functions, since a library cannot read globals while it loads.)
pub const LIBRARY: &str = r#"#!lua name=rival
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
"#;

/// A session of exactly `size` bytes, at least 290. Larger sessions have more lines in the cart; a longer
/// article number in the last line makes up the exact size.
pub fn session(size: usize) -> String {
    let head = concat!(
        r#"{"user_id":"u_48213907","email":"grace.hopper@example.org","roles":["user","editor"],"#,
        r#""csrf":"9f86d081884c7d65","locale":"en-GB","theme":"dark","tz":"Europe/London","#,
        r#""visits":42,"ab":"b2","cart":[{"sku":"BK-1001","n":1},{"sku":"PN-22","n":3},{"sku":"#,
    );
    let tail = r#"","n":2}]}"#;
    let line = r#"LM-7104","n":2},{"sku":""#;
    let mut text = format!("{head}\"");
    while size - text.len() - tail.len() > 32 {
        text.push_str(line);
    }
    let pad = size - text.len() - tail.len();
    text.extend(std::iter::repeat_n('7', pad));
    text + tail
}
