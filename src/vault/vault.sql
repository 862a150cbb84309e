-- Statements of the vault. Nothing here opens anything.

-- name: holding_insert (body, id, section, name, attributes, sensitivity, my_number, changed_at, person, capacity)
INSERT INTO vault_holding (body, id, section, name, attributes, sensitivity, my_number, changed_at, person, capacity)
VALUES (:body, :id, :section, :name, :attributes, :sensitivity, :my_number, :changed_at, :person, :capacity)

-- name: holding_keep (body, id, version)
INSERT INTO vault_holding_version (body, id, version, section, name, attributes, sensitivity, my_number, changed_at, person, capacity)
SELECT body, id, version, section, name, attributes, sensitivity, my_number, changed_at, person, capacity
FROM vault_holding WHERE body = :body AND id = :id AND version = :version

-- name: holding_change (body, id, version, section, name, attributes, sensitivity, changed_at, person, capacity)
UPDATE vault_holding SET version = version + 1, section = :section, name = :name,
attributes = :attributes, sensitivity = :sensitivity, changed_at = :changed_at,
person = :person, capacity = :capacity
WHERE body = :body AND id = :id AND version = :version

-- name: holding_get (body, id) -> id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity
-- one
SELECT id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity
FROM vault_holding WHERE body = :body AND id = :id

-- name: holding_page (body, after, max) -> id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity
SELECT id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity
FROM vault_holding WHERE body = :body AND id > :after ORDER BY id LIMIT :max

-- name: holding_page_of_section (body, section, after, max) -> id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity
SELECT id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity
FROM vault_holding WHERE body = :body AND section = :section AND id > :after ORDER BY id LIMIT :max

-- name: holding_every (body, id) -> id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity, body
-- all bodies: the copy in memory that all threads read
SELECT id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity, body
FROM vault_holding WHERE body > :body OR (body = :body AND id > :id) ORDER BY body, id LIMIT 200

-- name: holding_before (body, id, below) -> id, section, name, attributes, sensitivity, my_number, persons, version, changed_at, person, capacity
SELECT id, section, name, attributes, sensitivity, my_number, 0 AS persons, version, changed_at, person, capacity
FROM vault_holding_version WHERE body = :body AND id = :id AND version < :below
ORDER BY version DESC LIMIT 1

-- name: holding_persons (body, id) -> persons
-- one
SELECT persons FROM vault_holding WHERE body = :body AND id = :id

-- name: holding_add_persons (body, id, n)
UPDATE vault_holding SET persons = persons + :n WHERE body = :body AND id = :id

-- name: record_get (body, holding, id) -> version, class, secret_until, secret_renew_by, wrap, sealed, changed_at, erased_at, entry
-- one
SELECT r.version, r.class, r.secret_until, r.secret_renew_by, r.wrap, r.sealed, r.changed_at, r.erased_at, r.entry
FROM vault_record r WHERE r.body = :body AND r.holding = :holding AND r.id = :id
AND (r.import = 0 OR EXISTS (SELECT 1 FROM vault_import i
WHERE i.body = :body AND i.id = r.import AND i.state = 'done'))

-- name: record_shows (body, holding, id) -> class
-- one
SELECT r.class FROM vault_record r WHERE r.body = :body AND r.holding = :holding AND r.id = :id
AND r.erased_at IS NULL AND (r.import = 0 OR EXISTS (SELECT 1 FROM vault_import i
WHERE i.body = :body AND i.id = r.import AND i.state = 'done'))

-- name: record_page (body, holding, after, top_class, max) -> id, version, class, secret_until, secret_renew_by, wrap, sealed, changed_at, erased_at
SELECT r.id, r.version, r.class, r.secret_until, r.secret_renew_by, r.wrap, r.sealed, r.changed_at, r.erased_at
FROM vault_record r WHERE r.body = :body AND r.holding = :holding AND r.id > :after
AND r.class <= :top_class AND r.erased_at IS NULL
AND (r.import = 0 OR EXISTS (SELECT 1 FROM vault_import i
WHERE i.body = :body AND i.id = r.import AND i.state = 'done'))
ORDER BY r.id LIMIT :max

-- name: record_renewals (body, from_at, until_at, holding, id) -> secret_renew_by, holding, id, secret_until
SELECT secret_renew_by, holding, id, secret_until FROM vault_record
WHERE body = :body AND class = 1 AND erased_at IS NULL AND secret_renew_by <= :until_at
AND (secret_renew_by > :from_at OR (secret_renew_by = :from_at
AND (holding > :holding OR (holding = :holding AND id > :id))))
ORDER BY secret_renew_by, holding, id LIMIT 100

-- name: record_insert (body, holding, id, version, class, secret_until, secret_renew_by, import, wrap, sealed, changed_at, entry)
INSERT INTO vault_record (body, holding, id, version, class, secret_until, secret_renew_by, import, wrap, sealed, changed_at, entry)
VALUES (:body, :holding, :id, :version, :class, :secret_until, :secret_renew_by, :import, :wrap, :sealed, :changed_at, :entry)

-- name: record_replace (body, holding, id, version, class, secret_until, secret_renew_by, wrap, sealed, changed_at, entry, old)
UPDATE vault_record SET version = :version, class = :class, secret_until = :secret_until,
secret_renew_by = :secret_renew_by, wrap = :wrap, sealed = :sealed, changed_at = :changed_at, entry = :entry
WHERE body = :body AND holding = :holding AND id = :id AND version = :old AND erased_at IS NULL

-- name: record_renew (body, holding, id, secret_until, secret_renew_by)
UPDATE vault_record SET secret_until = :secret_until, secret_renew_by = :secret_renew_by
WHERE body = :body AND holding = :holding AND id = :id AND class = 1 AND erased_at IS NULL

-- name: record_erase (body, holding, id, now)
UPDATE vault_record SET wrap = NULL, sealed = NULL, erased_at = :now
WHERE body = :body AND holding = :holding AND id = :id AND erased_at IS NULL

-- name: version_keep (body, holding, id, version, now)
INSERT INTO vault_version (body, holding, id, version, class, wrap, sealed, ended_at, entry)
SELECT body, holding, id, version, class, wrap, sealed, :now, entry FROM vault_record
WHERE body = :body AND holding = :holding AND id = :id AND version = :version AND erased_at IS NULL

-- name: version_get (body, holding, id, version) -> class, wrap, sealed, ended_at
-- one
SELECT class, wrap, sealed, ended_at FROM vault_version
WHERE body = :body AND holding = :holding AND id = :id AND version = :version

-- name: version_list (body, holding, id) -> version, ended_at, entry
SELECT version, ended_at, entry FROM vault_version
WHERE body = :body AND holding = :holding AND id = :id ORDER BY version LIMIT 1000

-- name: version_reseal (body, holding, id, version, class, wrap, sealed)
UPDATE vault_version SET class = :class, wrap = :wrap, sealed = :sealed
WHERE body = :body AND holding = :holding AND id = :id AND version = :version

-- name: version_delete (body, holding, id)
DELETE FROM vault_version WHERE body = :body AND holding = :holding AND id = :id

-- name: token_insert (body, holding, item, token, record)
INSERT INTO vault_token (body, holding, item, token, record)
VALUES (:body, :holding, :item, :token, :record) ON CONFLICT DO NOTHING

-- The same for sixteen: one step and, for PostgreSQL, one message.
-- name: token_insert_many (body, holding, item1, token1, record1, item2, token2, record2, item3, token3, record3, item4, token4, record4, item5, token5, record5, item6, token6, record6, item7, token7, record7, item8, token8, record8, item9, token9, record9, item10, token10, record10, item11, token11, record11, item12, token12, record12, item13, token13, record13, item14, token14, record14, item15, token15, record15, item16, token16, record16)
INSERT INTO vault_token (body, holding, item, token, record)
VALUES (:body, :holding, :item1, :token1, :record1),
(:body, :holding, :item2, :token2, :record2),
(:body, :holding, :item3, :token3, :record3),
(:body, :holding, :item4, :token4, :record4),
(:body, :holding, :item5, :token5, :record5),
(:body, :holding, :item6, :token6, :record6),
(:body, :holding, :item7, :token7, :record7),
(:body, :holding, :item8, :token8, :record8),
(:body, :holding, :item9, :token9, :record9),
(:body, :holding, :item10, :token10, :record10),
(:body, :holding, :item11, :token11, :record11),
(:body, :holding, :item12, :token12, :record12),
(:body, :holding, :item13, :token13, :record13),
(:body, :holding, :item14, :token14, :record14),
(:body, :holding, :item15, :token15, :record15),
(:body, :holding, :item16, :token16, :record16)
ON CONFLICT DO NOTHING

-- name: token_delete (body, holding, item, token, record)
DELETE FROM vault_token WHERE body = :body AND holding = :holding AND item = :item
AND token = :token AND record = :record

-- name: token_weight (body, holding, item, token, max) -> n
-- one
SELECT COUNT(*) AS n FROM (SELECT 1 AS found FROM vault_token WHERE body = :body AND holding = :holding
AND item = :item AND token = :token LIMIT :max) AS t

-- name: token_records (body, holding, item, token, after) -> record
SELECT record FROM vault_token WHERE body = :body AND holding = :holding AND item = :item
AND token = :token AND record > :after ORDER BY record LIMIT 500

-- name: token_has (body, holding, item, token, record) -> found
-- one
SELECT 1 AS found FROM vault_token WHERE body = :body AND holding = :holding AND item = :item
AND token = :token AND record = :record

-- name: record_tokens_put (body, holding, record, tokens)
INSERT INTO vault_record_tokens (body, holding, record, tokens)
VALUES (:body, :holding, :record, :tokens)

-- name: record_tokens_get (body, holding, record) -> tokens
-- one
SELECT tokens FROM vault_record_tokens WHERE body = :body AND holding = :holding AND record = :record

-- name: record_tokens_delete (body, holding, record)
DELETE FROM vault_record_tokens WHERE body = :body AND holding = :holding AND record = :record

-- name: document_insert (body, holding, id, record, item, wrap, made_at)
INSERT INTO vault_document (body, holding, id, record, item, wrap, made_at)
VALUES (:body, :holding, :id, :record, :item, :wrap, :made_at)

-- name: document_end (body, holding, id, bytes, chunks)
UPDATE vault_document SET bytes = :bytes, chunks = :chunks
WHERE body = :body AND holding = :holding AND id = :id AND chunks = 0

-- name: document_get (body, holding, id) -> id, record, item, wrap, bytes, chunks, made_at
-- one
SELECT id, record, item, wrap, bytes, chunks, made_at FROM vault_document
WHERE body = :body AND holding = :holding AND id = :id

-- name: document_page (body, holding, record, after) -> id, record, item, wrap, bytes, chunks, made_at
SELECT id, record, item, wrap, bytes, chunks, made_at FROM vault_document
WHERE body = :body AND holding = :holding AND record = :record AND id > :after ORDER BY id LIMIT 64

-- name: document_delete (body, holding, id)
DELETE FROM vault_document WHERE body = :body AND holding = :holding AND id = :id

-- name: document_delete_of_record (body, holding, record)
DELETE FROM vault_document WHERE body = :body AND holding = :holding AND record = :record

-- name: document_unfinished -> body, holding, id
-- all bodies: at start, uploads that a crash cut off are cleared away
SELECT body, holding, id FROM vault_document WHERE chunks = 0 LIMIT 100

-- name: file_put (body, holding, id, chunk, sealed)
INSERT INTO vault_file (body, holding, id, chunk, sealed)
VALUES (:body, :holding, :id, :chunk, :sealed)

-- name: file_get (body, holding, id, chunk) -> sealed
-- one
SELECT sealed FROM vault_file WHERE body = :body AND holding = :holding AND id = :id AND chunk = :chunk

-- name: file_delete (body, holding, id)
DELETE FROM vault_file WHERE body = :body AND holding = :holding AND id = :id

-- name: file_delete_of_record (body, holding, record)
DELETE FROM vault_file WHERE body = :body AND holding = :holding AND id IN
(SELECT id FROM vault_document WHERE body = :body AND holding = :holding AND record = :record)

-- name: import_begin (body, id, holding, first_record, now)
INSERT INTO vault_import (body, id, holding, state, first_record, begun_at)
VALUES (:body, :id, :holding, 'running', :first_record, :now)

-- name: import_done (body, id, n)
UPDATE vault_import SET state = 'done', records = :n
WHERE body = :body AND id = :id AND state = 'running'

-- name: import_get (body, id) -> holding, done, first_record, records, begun_at
-- one
SELECT holding, state = 'done' AS done, first_record, records, begun_at FROM vault_import
WHERE body = :body AND id = :id

-- name: import_running -> body, id, holding, first_record
-- all bodies: at start, imports that a crash cut off are cleared away
SELECT body, id, holding, first_record FROM vault_import WHERE state = 'running' LIMIT 100

-- name: import_records (body, holding, import, first_id, last_id) -> id
SELECT id FROM vault_record WHERE body = :body AND holding = :holding AND import = :import
AND id >= :first_id AND id <= :last_id ORDER BY id LIMIT 500

-- name: import_record_delete (body, holding, id, import)
DELETE FROM vault_record WHERE body = :body AND holding = :holding AND id = :id AND import = :import

-- name: heading_list (body, holding) -> item, heading
SELECT item, heading FROM vault_import_heading
WHERE body = :body AND holding = :holding ORDER BY item LIMIT 63

-- name: heading_put (body, holding, item, heading)
INSERT INTO vault_import_heading (body, holding, item, heading)
VALUES (:body, :holding, :item, :heading)

-- name: heading_delete (body, holding)
DELETE FROM vault_import_heading WHERE body = :body AND holding = :holding

-- name: import_delete (body, id)
DELETE FROM vault_import WHERE body = :body AND id = :id AND state = 'running'
