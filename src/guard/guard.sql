-- The outbox of entries, and the index of accesses.

-- name: outbox_put (body, node, seq, entry)
INSERT INTO guard_outbox (body, node, seq, entry)
VALUES (:body, :node, :seq, :entry)

-- name: outbox_drop (body, node, seq)
DELETE FROM guard_outbox WHERE body = :body AND node = :node AND seq = :seq

-- name: outbox_list (node, after, n) -> body, seq, entry
-- all bodies: start-up drains what this node left
SELECT body, seq, entry FROM guard_outbox
WHERE node = :node AND seq > :after ORDER BY node, seq LIMIT :n

-- name: log_get (body, node) -> key
-- one
SELECT key FROM guard_log WHERE body = :body AND node = :node

-- name: log_put (body, node, key, seat, seen)
INSERT INTO guard_log (body, node, key, seat, seen)
VALUES (:body, :node, :key, :seat, :seen)

-- name: log_follow (body, node, key)
UPDATE guard_log SET key = :key WHERE body = :body AND node = :node

-- name: log_take (body, node, seat, seen, before)
UPDATE guard_log SET seat = :seat, seen = :seen
WHERE body = :body AND node = :node AND (seat = :seat OR seen < :before)

-- name: log_leave (body, node, seat)
UPDATE guard_log SET seen = 0
WHERE body = :body AND node = :node AND seat = :seat

-- name: access_put (body, at, log, entry, record, account, person, capacity, holding, act, purpose, reference, result)
INSERT INTO guard_access (body, at, log, entry, record, account, person,
capacity, holding, act, purpose, reference, result)
VALUES (:body, :at, :log, :entry, :record, :account, :person,
:capacity, :holding, :act, :purpose, :reference, :result)
ON CONFLICT DO NOTHING

-- name: feed_get (body, log) -> next
-- one
SELECT next FROM guard_feed WHERE body = :body AND log = :log

-- name: feed_put (body, log, next)
INSERT INTO guard_feed (body, log, next) VALUES (:body, :log, :next)
ON CONFLICT (body, log) DO UPDATE SET next = excluded.next

-- name: access_of_entry (body, holding, subject, log, entry) -> at, person, capacity, act, reference
-- one
SELECT at, person, capacity, act, reference FROM guard_access WHERE body = :body
AND holding = :holding AND record = :subject AND log = :log AND entry = :entry

-- name: access_all (body, at, entry, record, n) -> at, entry, record, person, capacity, holding, act, purpose, reference, result
SELECT at, entry, record, person, capacity, holding, act, purpose, reference, result
FROM guard_access WHERE body = :body AND (at, entry, record) < (:at, :entry, :record)
ORDER BY at DESC, entry DESC, record DESC LIMIT :n

-- name: access_of_holding (body, holding, at, entry, record, n) -> at, entry, record, person, capacity, holding, act, purpose, reference, result
SELECT at, entry, record, person, capacity, holding, act, purpose, reference, result
FROM guard_access WHERE body = :body AND holding = :holding
AND (at, entry, record) < (:at, :entry, :record)
ORDER BY at DESC, entry DESC, record DESC LIMIT :n

-- name: access_of_record (body, holding, subject, at, entry, n) -> at, entry, record, person, capacity, holding, act, purpose, reference, result
SELECT at, entry, record, person, capacity, holding, act, purpose, reference, result
FROM guard_access WHERE body = :body AND holding = :holding AND record = :subject
AND (at, entry) < (:at, :entry)
ORDER BY at DESC, entry DESC LIMIT :n

-- name: access_of_person (body, person, at, entry, record, n) -> at, entry, record, person, capacity, holding, act, purpose, reference, result
SELECT at, entry, record, person, capacity, holding, act, purpose, reference, result
FROM guard_access WHERE body = :body AND person = :person
AND (at, entry, record) < (:at, :entry, :record)
ORDER BY at DESC, entry DESC, record DESC LIMIT :n

-- name: reason_put (body, kind, id, entry)
INSERT INTO guard_reason (body, kind, id, entry)
VALUES (:body, :kind, :id, :entry)
ON CONFLICT (body, kind, id) DO UPDATE SET entry = excluded.entry

-- name: reason_get (body, kind, id) -> entry
-- one
SELECT entry FROM guard_reason WHERE body = :body AND kind = :kind AND id = :id

-- name: intent_take (body, kind, id, at, before)
INSERT INTO guard_intent (body, kind, id, at)
VALUES (:body, :kind, :id, :at)
ON CONFLICT (body, kind, id) DO UPDATE SET at = excluded.at
WHERE guard_intent.at < :before

-- name: intent_drop (body, kind, id)
DELETE FROM guard_intent WHERE body = :body AND kind = :kind AND id = :id

-- name: intent_get (body, kind, id) -> at
-- one
SELECT at FROM guard_intent WHERE body = :body AND kind = :kind AND id = :id

-- name: instruction_put (body, matter, act, number, holding, record, person, made_by, at)
INSERT INTO guard_instruction (body, matter, act, number, holding, record,
person, made_by, at)
VALUES (:body, :matter, :act, :number, :holding, :record,
:person, :made_by, :at)

-- name: instruction_drop (body, matter)
DELETE FROM guard_instruction WHERE body = :body AND matter = :matter

-- name: instruction_find (body, number, act, holding, subject, person) -> matter
SELECT matter FROM guard_instruction
WHERE body = :body AND number = :number AND act = :act
AND holding = :holding AND person = :person
AND (record = 0 OR record = :subject) LIMIT 1

-- name: hold_put (body, id, register, holding, record, set_by, at)
INSERT INTO guard_hold (body, id, register, holding, record, set_by, at)
VALUES (:body, :id, :register, :holding, :record, :set_by, :at)
ON CONFLICT (body, id) DO UPDATE SET holding = excluded.holding,
record = excluded.record

-- name: hold_drop (body, id)
DELETE FROM guard_hold WHERE body = :body AND id = :id

-- name: hold_find (body, holding, subject) -> id, register, set_by
SELECT id, register, set_by FROM guard_hold
WHERE body = :body AND holding = :holding
AND (record = 0 OR record = :subject) ORDER BY at LIMIT 1

-- name: intent_list (after_body, after_kind, after, n) -> body, kind, id
-- all bodies: at start
SELECT body, kind, id FROM guard_intent
WHERE (body, kind, id) > (:after_body, :after_kind, :after)
ORDER BY body, kind, id LIMIT :n
