-- Matters, what was done in them, whose turn it is.

-- name: count_raise (body, year)
INSERT INTO procedure_count (body, year, last) VALUES (:body, :year, 1)
ON CONFLICT (body, year) DO UPDATE SET last = procedure_count.last + 1

-- name: count_get (body, year) -> last
-- one
SELECT last FROM procedure_count WHERE body = :body AND year = :year

-- name: matter_add (body, id, procedure, pack_hash, year, sequence, section, holding, asker, name, content, state, step, entered, opened_at, due, closed_at)
INSERT INTO procedure_matter (body, id, procedure, pack_hash, year, sequence,
section, holding, asker, name, content, state, step, entered, opened_at, since,
due, closed_at)
VALUES (:body, :id, :procedure, :pack_hash, :year, :sequence,
:section, :holding, :asker, :name, :content, :state, :step, :entered,
:opened_at, :opened_at, :due, :closed_at)

-- name: matter_change (body, id, was, name, content, state, step, entered, since, due, closed_at)
UPDATE procedure_matter SET version = version + 1, name = :name,
content = :content, state = :state, step = :step, entered = :entered,
since = :since, due = :due, closed_at = :closed_at
WHERE body = :body AND id = :id AND version = :was

-- name: matter_get (body, id) -> id, version, procedure, pack_hash, year, sequence, section, holding, asker, name, content, state, step, entered, opened_at, since, due, closed_at
-- one
SELECT id, version, procedure, pack_hash, year, sequence, section, holding,
asker, name, content, state, step, entered, opened_at, since, due, closed_at
FROM procedure_matter WHERE body = :body AND id = :id

-- name: matter_mine (body, asker, procedure, state, before, before_id, n) -> id, procedure, year, sequence, section, asker, name, state, step, opened_at, due
SELECT id, procedure, year, sequence, section, asker, name, state, step,
opened_at, due
FROM procedure_matter WHERE body = :body AND asker = :asker
AND (opened_at < :before OR (opened_at = :before AND id < :before_id))
AND (CAST(:procedure AS TEXT) = '' OR procedure = :procedure)
AND (CAST(:state AS TEXT) = '' OR state = :state)
ORDER BY opened_at DESC, id DESC LIMIT :n

-- name: matter_of (body, section, procedure, state, before, before_id, n) -> id, procedure, year, sequence, section, asker, name, state, step, opened_at, due
SELECT id, procedure, year, sequence, section, asker, name, state, step,
opened_at, due
FROM procedure_matter WHERE body = :body
AND (opened_at < :before OR (opened_at = :before AND id < :before_id))
AND (CAST(:section AS BIGINT) = 0 OR section = :section)
AND (CAST(:procedure AS TEXT) = '' OR procedure = :procedure)
AND (CAST(:state AS TEXT) = '' OR state = :state)
ORDER BY opened_at DESC, id DESC LIMIT :n

-- name: matter_turn (body, office, section, person, after, n) -> id, procedure, year, sequence, section, asker, name, state, step, opened_at, due, is_after
SELECT m.id, m.procedure, m.year, m.sequence, m.section, m.asker, m.name,
m.state, m.step, m.opened_at, m.due, t.is_after
FROM procedure_turn t JOIN procedure_matter m
ON m.body = t.body AND m.id = t.matter
WHERE t.body = :body AND t.office = :office
AND (CAST(:section AS BIGINT) = -1 OR t.section = :section)
AND t.person = :person AND t.matter > :after
ORDER BY t.matter LIMIT :n

-- name: matter_left (body, section, office, person, n) -> id, procedure, year, sequence, section, asker, name, state, step, opened_at, due
-- open ones of a section where it is the asker's turn, asked for in that office
SELECT m.id, m.procedure, m.year, m.sequence, m.section, m.asker, m.name,
m.state, m.step, m.opened_at, m.due
FROM procedure_matter m JOIN procedure_turn t
ON t.body = m.body AND t.matter = m.id
JOIN procedure_deed d ON d.body = m.body AND d.matter = m.id AND d.number = 1
WHERE m.body = :body AND m.section = :section AND m.state = 'open'
AND t.office = '' AND t.person <> :person AND d.office = :office
ORDER BY m.opened_at, m.id LIMIT :n

-- name: deed_add (body, matter, number, at, step, deed, person, capacity, terminal, office, acted_as, item, note, hash, content)
INSERT INTO procedure_deed (body, matter, number, at, step, deed, person,
capacity, terminal, office, acted_as, item, note, hash, content)
VALUES (:body, :matter, :number, :at, :step, :deed, :person,
:capacity, :terminal, :office, :acted_as, :item, :note, :hash, :content)

-- name: deed_list (body, matter, n) -> number, at, step, deed, person, capacity, terminal, office, acted_as, item, note, hash
SELECT number, at, step, deed, person, capacity, terminal, office, acted_as,
item, note, hash
FROM procedure_deed WHERE body = :body AND matter = :matter
ORDER BY number LIMIT :n

-- name: turn_add (body, office, section, person, matter, is_after)
INSERT INTO procedure_turn (body, office, section, person, matter, is_after)
VALUES (:body, :office, :section, :person, :matter, :is_after)
ON CONFLICT DO NOTHING

-- name: turn_drop (body, matter)
DELETE FROM procedure_turn WHERE body = :body AND matter = :matter

-- name: matter_ended (body, procedure, state, at, after, n) -> id, section, holding, name, content, opened_at, closed_at
SELECT id, section, holding, name, content, opened_at, closed_at
FROM procedure_matter WHERE body = :body AND procedure = :procedure
AND state = :state AND id > :after AND closed_at <= :at ORDER BY id LIMIT :n

-- name: change_raise (body, procedure)
INSERT INTO procedure_change (body, procedure, changes) VALUES (:body, :procedure, 1)
ON CONFLICT (body, procedure) DO UPDATE SET changes = procedure_change.changes + 1

-- name: change_list (body, n) -> procedure, changes
SELECT procedure, changes FROM procedure_change
WHERE body = :body ORDER BY procedure LIMIT :n
