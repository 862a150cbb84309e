-- Bodies and their people. What somebody may do is never here: that is
-- people_authority, which only the keeper can make.

-- name: body_put (body, pack, pack_hash, name, kana, code, created)
INSERT INTO people_body (body, pack, pack_hash, name, kana, code, created)
VALUES (:body, :pack, :pack_hash, :name, :kana, :code, :created)
ON CONFLICT (body) DO UPDATE SET pack = excluded.pack, pack_hash = excluded.pack_hash,
name = excluded.name, kana = excluded.kana, code = excluded.code

-- name: body_get (body) -> body, pack, pack_hash, name, kana, code, created
-- one
SELECT body, pack, pack_hash, name, kana, code, created
FROM people_body WHERE body = :body

-- name: body_list (after, n) -> body, pack, pack_hash, name, kana, code, created
-- all bodies: the log-on page offers them, and start-up loads them
SELECT body, pack, pack_hash, name, kana, code, created
FROM people_body WHERE body > :after ORDER BY body LIMIT :n

-- name: body_raise (body)
UPDATE people_body SET authority_version = authority_version + 1 WHERE body = :body

-- name: body_version (body) -> authority_version
-- one
SELECT authority_version FROM people_body WHERE body = :body

-- name: organ_put (body, id, name, head_title, adopted_on, ordinance, position)
INSERT INTO people_organ (body, id, name, head_title, adopted_on, ordinance, position)
VALUES (:body, :id, :name, :head_title, :adopted_on, :ordinance, :position)
ON CONFLICT (body, id) DO UPDATE SET name = excluded.name,
head_title = excluded.head_title, adopted_on = excluded.adopted_on,
ordinance = excluded.ordinance, position = excluded.position

-- name: organ_list (body, after, n) -> id, name, head_title, adopted_on, ordinance, position
SELECT id, name, head_title, adopted_on, ordinance, position FROM people_organ
WHERE body = :body AND id > :after ORDER BY id LIMIT :n

-- name: organ_get (body, id) -> id, name, head_title, adopted_on, ordinance, position
-- one
SELECT id, name, head_title, adopted_on, ordinance, position FROM people_organ
WHERE body = :body AND id = :id

-- name: section_put (body, id, organ, parent, name, unit, counts)
INSERT INTO people_section (body, id, organ, parent, name, unit, counts)
VALUES (:body, :id, :organ, :parent, :name, :unit, :counts)
ON CONFLICT (body, id) DO UPDATE SET organ = excluded.organ,
parent = excluded.parent, name = excluded.name, unit = excluded.unit,
counts = excluded.counts

-- name: section_get (body, id) -> id, organ, parent, name, unit, counts
-- one
SELECT id, organ, parent, name, unit, counts FROM people_section
WHERE body = :body AND id = :id

-- name: section_list (body, after, n) -> id, organ, parent, name, unit, counts
SELECT id, organ, parent, name, unit, counts FROM people_section
WHERE body = :body AND id > :after ORDER BY id LIMIT :n

-- name: section_children (body, parent, after, n) -> id, organ, parent, name, unit, counts
SELECT id, organ, parent, name, unit, counts FROM people_section
WHERE body = :body AND parent = :parent AND id > :after ORDER BY id LIMIT :n

-- name: person_put (body, id, name, kana, kind, email)
INSERT INTO people_person (body, id, name, kana, kind, email)
VALUES (:body, :id, :name, :kana, :kind, :email)
ON CONFLICT (body, id) DO UPDATE SET name = excluded.name,
kana = excluded.kana, kind = excluded.kind, email = excluded.email

-- name: person_get (body, id) -> id, name, kana, kind, email
-- one
SELECT id, name, kana, kind, email FROM people_person
WHERE body = :body AND id = :id

-- name: person_list (body, after_kana, after, n) -> id, name, kana, kind, email
SELECT id, name, kana, kind, email FROM people_person
WHERE body = :body AND (kana > :after_kana OR (kana = :after_kana AND id > :after))
ORDER BY kana, id LIMIT :n

-- name: account_put (body, id, person, logon, state)
INSERT INTO people_account (body, id, person, logon, state)
VALUES (:body, :id, :person, :logon, :state)
ON CONFLICT (body, id) DO UPDATE SET logon = excluded.logon, state = excluded.state

-- name: account_get (body, id) -> id, person, logon, state
-- one
SELECT id, person, logon, state FROM people_account
WHERE body = :body AND id = :id

-- name: account_by_logon (body, logon) -> id, person, logon, state
-- one
SELECT id, person, logon, state FROM people_account
WHERE body = :body AND logon = :logon

-- name: account_list (body, after, n) -> id, person, logon, state
SELECT id, person, logon, state FROM people_account
WHERE body = :body AND id > :after ORDER BY id LIMIT :n

-- name: account_of (body, person, after, n) -> id, person, logon, state
SELECT id, person, logon, state FROM people_account
WHERE body = :body AND person = :person AND id > :after ORDER BY id LIMIT :n

-- name: office_put (body, id, office, section)
INSERT INTO people_office (body, id, office, section)
VALUES (:body, :id, :office, :section)
ON CONFLICT (body, office, section) DO NOTHING

-- name: office_list (body, after, n) -> id, office, section
SELECT id, office, section FROM people_office
WHERE body = :body AND id > :after ORDER BY id LIMIT :n

-- name: terminal_put (body, id, name, fingerprint, section)
INSERT INTO people_terminal (body, id, name, fingerprint, section)
VALUES (:body, :id, :name, :fingerprint, :section)
ON CONFLICT (body, id) DO UPDATE SET name = excluded.name,
fingerprint = excluded.fingerprint, section = excluded.section

-- name: terminal_list (body, after, n) -> id, name, fingerprint, section
SELECT id, name, fingerprint, section FROM people_terminal
WHERE body = :body AND id > :after ORDER BY id LIMIT :n

-- name: authority_put (body, kind, id, version, content, mac, entry)
INSERT INTO people_authority (body, kind, id, version, content, mac, entry)
VALUES (:body, :kind, :id, :version, :content, :mac, :entry)
ON CONFLICT (body, kind, id) DO UPDATE SET version = excluded.version,
content = excluded.content, mac = excluded.mac, entry = excluded.entry
WHERE people_authority.entry < excluded.entry

-- name: authority_list (body, kind, id, n) -> kind, id, content, mac, entry
SELECT kind, id, content, mac, entry FROM people_authority
WHERE body = :body AND (kind > :kind OR (kind = :kind AND id > :id))
ORDER BY kind, id LIMIT :n

-- name: change_put (body, id, title, effect_at, rows, made_at)
INSERT INTO people_change (body, id, title, effect_at, rows, made_at)
VALUES (:body, :id, :title, :effect_at, :rows, :made_at)

-- name: change_applied (body, id, applied_at)
UPDATE people_change SET applied_at = :applied_at
WHERE body = :body AND id = :id AND applied_at = 0

-- name: change_get (body, id) -> id, title, effect_at, rows, made_at, applied_at
-- one
SELECT id, title, effect_at, rows, made_at, applied_at FROM people_change
WHERE body = :body AND id = :id

-- name: change_list (body, before, before_id, n) -> id, title, effect_at, made_at, applied_at
SELECT id, title, effect_at, made_at, applied_at FROM people_change
WHERE body = :body
AND (made_at < :before OR (made_at = :before AND id < :before_id))
ORDER BY made_at DESC, id DESC LIMIT :n
