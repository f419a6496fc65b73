import { createHash } from 'node:crypto';

/** A program that the server runs as one step. */
export interface RedisScript {
  readonly text: string;
  /** What the server knows it by. */
  readonly sha: string;
}

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** The time in milliseconds, by the clock that all nodes have in common. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Where a room's log ends. A log that is not there begins at a place that no other log has had: the time, and a number
 * by chance; so what was remembered of a lost one is not mistaken for a place in its successor.
 */
const HEAD = `${NOW}
local function headOf(key, log, chance)
  local head = redis.call('GET', key)
  if head then return head end
  redis.call('DEL', log)
  return string.format('%.0f-%s', now, chance)
end
`;

/**
 * Puts messages of one node into a room's log, each once however often it is sent, and publishes them.
 *
 * KEYS: log, head, seen. ARGV: chance, PUBLISH or SPUBLISH, channel, node, how many are kept, how old they become, how
 * long the keys live, the place that the node knows to be taken; then the number and the text of each. What has no number
 * comes behind all that the node has sent, once until it sends more.
 */
export const APPEND = script(`${HEAD}
local chance, publish, channel, node = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local count, age, life, known = ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[8]
local head = headOf(KEYS[2], KEYS[1], chance)
local ms, seq = string.match(head, '(%d+)-(%d+)')
ms, seq = tonumber(ms), tonumber(seq)
-- After a fail-over the clock may be behind.
now = math.max(now, tonumber(string.match(known, '%d+')))
local seen = tonumber(redis.call('GET', KEYS[3]) or 0)
for i = 9, #ARGV, 2 do
  local number, text = tonumber(ARGV[i]) or math.floor(seen) + 0.5, ARGV[i + 1]
  if number > seen then
    local previous = head
    if now > ms then ms, seq = now, 0 else seq = seq + 1 end
    head = string.format('%.0f-%.0f', ms, seq)
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', count, head, 'p', previous, 'n', node, 'e', text)
    redis.call(publish, channel, head .. ' ' .. previous .. ' ' .. node .. '\\n' .. text)
    seen = number
  end
end
redis.call('SET', KEYS[2], head, 'PX', life)
redis.call('SET', KEYS[3], string.format('%.1f', seen), 'PX', life)
redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', now - age))
redis.call('PEXPIRE', KEYS[1], life)
return head
`);

/** Returns the place behind a room's newest message, and keeps it. KEYS: log, head. ARGV: chance, how long keys live. */
export const READ_HEAD = script(`${HEAD}
local head = headOf(KEYS[2], KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], head, 'PX', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return head
`);

/** Returns the head, and what comes after a place as triples of place, previous place, node and text. KEYS: log, head. ARGV: chance, life, place. */
export const READ_AFTER = script(`${HEAD}
local head = headOf(KEYS[2], KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], head, 'PX', ARGV[2])
local found = { head }
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. ARGV[3], '+')) do
  local fields = entry[2]
  found[#found + 1] = entry[1]
  found[#found + 1] = fields[2]
  found[#found + 1] = fields[4]
  found[#found + 1] = fields[6]
end
return found
`);

/** Keeps the place behind a room's newest message as that where it was emptied. KEYS: log, head, emptied. ARGV: chance, life. */
export const MARK_EMPTIED = script(`${HEAD}
redis.call('SET', KEYS[3], headOf(KEYS[2], KEYS[1], ARGV[1]), 'PX', ARGV[2])
`);

/** KEYS: emptied. */
export const READ_EMPTIED = script(`return redis.call('GET', KEYS[1])`);

/** Publishes what is in no log. KEYS: any key beside the channel. ARGV: PUBLISH or SPUBLISH, channel, text. */
export const PUBLISH = script(`return redis.call(ARGV[1], ARGV[2], ARGV[3])`);

/** Keeps a session, unless another node has it. KEYS: session. ARGV: node, record, identity, life. */
export const SAVE_SESSION = script(`
local owner = redis.call('HGET', KEYS[1], 'node')
if owner and owner ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'node', ARGV[1], 'record', ARGV[2], 'identity', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`);

/** Lets a session of this node live so long, or not at all. KEYS: session. ARGV: node, life. */
export const END_SESSION = script(`
if redis.call('HGET', KEYS[1], 'node') ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`);

/** Gives a session to a node. KEYS: session. ARGV: node, identity, life. Returns the record and who had it. */
export const CLAIM_SESSION = script(`
local record, identity, owner = unpack(redis.call('HMGET', KEYS[1], 'record', 'identity', 'node'))
if not record or identity ~= ARGV[2] then return false end
redis.call('HSET', KEYS[1], 'node', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { record, owner }
`);

/** KEYS: answer. ARGV: text, life. */
export const SAVE_ANSWER = script(`return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`);

/** KEYS: answer. */
export const READ_ANSWER = script(`return redis.call('GET', KEYS[1])`);

/** Lists members; returns the ids of those that were not listed. KEYS: members. ARGV: life; then id and text of each. */
export const ENTER = script(`
local new = {}
for i = 2, #ARGV, 2 do
  if redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) == 1 then new[#new + 1] = ARGV[i] end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return new
`);

/**
 * Takes members off the list, as far as their texts still begin as it is believed; returns the ids of those that it took off.
 *
 * KEYS: members. ARGV: id and beginning of each.
 */
export const EXIT = script(`
local gone = {}
for i = 1, #ARGV, 2 do
  local id, beginning = ARGV[i], ARGV[i + 1]
  local text = redis.call('HGET', KEYS[1], id)
  if text and string.sub(text, 1, #beginning) == beginning then
    redis.call('HDEL', KEYS[1], id)
    gone[#gone + 1] = id
  end
end
return gone
`);

/** KEYS: members. */
export const READ_MEMBERS = script(`return redis.call('HVALS', KEYS[1])`);

/**
 * Says that a node lives; returns all that do, each with the time until which it is believed to, and those that were lost.
 *
 * KEYS: nodes, lost. ARGV: node, life, PUBLISH or SPUBLISH, its channel, text.
 */
export const BEAT = script(`${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call(ARGV[3], ARGV[4], ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
return { redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), redis.call('ZRANGE', KEYS[2], 0, -1) }
`);

/** Says for so long that nodes were lost. KEYS: lost. ARGV: how long; nodes. */
export const TELL_LOST = script(`${NOW}
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
`);

/** Returns the nodes that live. KEYS: nodes. */
export const READ_NODES = script(`${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')
`);

/** Publishes a question, and returns which nodes live. KEYS: nodes. ARGV: PUBLISH or SPUBLISH, channel, text. */
export const ASK = script(`${NOW}
redis.call(ARGV[1], ARGV[2], ARGV[3])
return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')
`);

/** Says that a node is going. KEYS: nodes. ARGV: node, PUBLISH or SPUBLISH, channel, text. */
export const LEAVE = script(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call(ARGV[2], ARGV[3], ARGV[4])
`);
