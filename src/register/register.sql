-- Registers that packs declare.

-- name: row_add (body, register, id, version, section, name, sort, folded, content, fact, made_at)
INSERT INTO register_row (body, register, id, version, section, name, sort,
folded, content, fact, made_at, changed_at)
VALUES (:body, :register, :id, :version, :section, :name, :sort,
:folded, :content, :fact, :made_at, :made_at)

-- name: row_change (body, register, id, was, section, name, sort, folded, content, fact, changed_at)
UPDATE register_row SET version = version + 1, section = :section,
name = :name, sort = :sort, folded = :folded, content = :content,
fact = :fact, changed_at = :changed_at
WHERE body = :body AND register = :register AND id = :id AND version = :was
AND ended_at = 0

-- name: row_end (body, register, id, was, ended_at)
UPDATE register_row SET version = version + 1, ended_at = :ended_at,
changed_at = :ended_at
WHERE body = :body AND register = :register AND id = :id AND version = :was
AND ended_at = 0

-- name: row_get (body, register, id) -> id, version, section, name, content, fact, made_at, changed_at, ended_at
-- one
SELECT id, version, section, name, content, fact, made_at, changed_at, ended_at
FROM register_row WHERE body = :body AND register = :register AND id = :id

-- name: row_list (body, register, section, q, f1, v1, f2, v2, f3, v3, is_ended, after_sort, after, n) -> id, version, section, name, content, fact, made_at, changed_at, ended_at, sort
SELECT r.id, r.version, r.section, r.name, r.content, r.fact, r.made_at,
r.changed_at, r.ended_at, r.sort
FROM register_row r
WHERE r.body = :body AND r.register = :register
AND (r.sort > :after_sort OR (r.sort = :after_sort AND r.id > :after))
AND (CAST(:section AS BIGINT) = 0 OR r.section = :section)
AND (CAST(:is_ended AS BIGINT) = 1 OR r.ended_at = 0)
AND (:q = '' OR r.folded LIKE :q ESCAPE '!')
AND (:f1 = '' OR EXISTS (SELECT 1 FROM register_value x
WHERE x.body = r.body AND x.register = r.register AND x.id = r.id
AND x.field = :f1 AND x.value = :v1))
AND (:f2 = '' OR EXISTS (SELECT 1 FROM register_value x
WHERE x.body = r.body AND x.register = r.register AND x.id = r.id
AND x.field = :f2 AND x.value = :v2))
AND (:f3 = '' OR EXISTS (SELECT 1 FROM register_value x
WHERE x.body = r.body AND x.register = r.register AND x.id = r.id
AND x.field = :f3 AND x.value = :v3))
ORDER BY r.sort, r.id LIMIT :n

-- name: row_counts (body, n) -> register, rows
SELECT register, count(*) FROM register_row
WHERE body = :body AND ended_at = 0 GROUP BY register ORDER BY register LIMIT :n

-- name: version_add (body, register, id, version, section, content, pack_hash, at, person, capacity, reason, is_end)
INSERT INTO register_version (body, register, id, version, section, content,
pack_hash, at, person, capacity, reason, is_end)
VALUES (:body, :register, :id, :version, :section, :content,
:pack_hash, :at, :person, :capacity, :reason, :is_end)

-- name: version_list (body, register, id, before, n) -> version, section, content, at, person, reason, is_end
SELECT version, section, content, at, person, reason, is_end
FROM register_version
WHERE body = :body AND register = :register AND id = :id AND version < :before
ORDER BY version DESC LIMIT :n

-- name: value_add (body, register, id, field, value)
INSERT INTO register_value (body, register, id, field, value)
VALUES (:body, :register, :id, :field, :value)

-- name: value_drop (body, register, id)
DELETE FROM register_value
WHERE body = :body AND register = :register AND id = :id

-- name: key_add (body, register, value, id)
INSERT INTO register_key (body, register, value, id)
VALUES (:body, :register, :value, :id)

-- name: key_drop (body, register, id)
DELETE FROM register_key
WHERE body = :body AND register = :register AND id = :id

-- name: key_get (body, register, value) -> id
-- one
SELECT id FROM register_key
WHERE body = :body AND register = :register AND value = :value

-- name: row_standing (body, register, after, n) -> id, version, section, name, content, fact, made_at, changed_at, ended_at
SELECT id, version, section, name, content, fact, made_at, changed_at, ended_at
FROM register_row WHERE body = :body AND register = :register
AND id > :after AND ended_at = 0 ORDER BY id LIMIT :n

-- name: row_stood (body, register, at, after, n) -> id, version, section, name, content, fact, made_at, changed_at, ended_at
SELECT v.id, v.version, v.section, r.name, v.content, r.fact, r.made_at, v.at,
0
FROM register_version v JOIN register_row r
ON r.body = v.body AND r.register = v.register AND r.id = v.id
WHERE v.body = :body AND v.register = :register AND v.id > :after
AND v.is_end = 0 AND v.version = (SELECT max(x.version)
FROM register_version x WHERE x.body = v.body AND x.register = v.register
AND x.id = v.id AND x.at <= :at)
ORDER BY v.id LIMIT :n

-- name: change_raise (body, register)
INSERT INTO register_change (body, register, changes) VALUES (:body, :register, 1)
ON CONFLICT (body, register) DO UPDATE SET changes = register_change.changes + 1

-- name: change_list (body, n) -> register, changes
SELECT register, changes FROM register_change
WHERE body = :body ORDER BY register LIMIT :n
