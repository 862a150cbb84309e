-- Statements of the vault. Nothing here opens anything.

-- name: holding_insert (body, id, section, name, attributes, sensitivity, my_number)
INSERT INTO vault_holding (body, id, section, name, attributes, sensitivity, my_number)
VALUES (:body, :id, :section, :name, :attributes, :sensitivity, :my_number)

-- name: holding_all (body) -> id, section, name, attributes, sensitivity, my_number
SELECT id, section, name, attributes, sensitivity, my_number
FROM vault_holding WHERE body = :body ORDER BY id LIMIT 1000

-- name: holding_persons (body, id) -> persons
-- one
SELECT persons FROM vault_holding WHERE body = :body AND id = :id

-- name: holding_add_persons (body, id, n)
UPDATE vault_holding SET persons = persons + :n WHERE body = :body AND id = :id

-- name: record_get (body, holding, id) -> version, class, secret_until, wrap, sealed, changed_at, erased_at
-- one
SELECT r.version, r.class, r.secret_until, r.wrap, r.sealed, r.changed_at, r.erased_at
FROM vault_record r WHERE r.body = :body AND r.holding = :holding AND r.id = :id
AND (r.import = 0 OR EXISTS (SELECT 1 FROM vault_import i
WHERE i.body = :body AND i.id = r.import AND i.state = 'done'))

-- name: record_insert (body, holding, id, version, class, secret_until, import, wrap, sealed, changed_at)
INSERT INTO vault_record (body, holding, id, version, class, secret_until, import, wrap, sealed, changed_at)
VALUES (:body, :holding, :id, :version, :class, :secret_until, :import, :wrap, :sealed, :changed_at)

-- name: record_replace (body, holding, id, version, class, secret_until, wrap, sealed, changed_at, old)
UPDATE vault_record SET version = :version, class = :class, secret_until = :secret_until,
wrap = :wrap, sealed = :sealed, changed_at = :changed_at
WHERE body = :body AND holding = :holding AND id = :id AND version = :old AND erased_at IS NULL

-- name: record_erase (body, holding, id, now)
UPDATE vault_record SET wrap = NULL, sealed = NULL, erased_at = :now
WHERE body = :body AND holding = :holding AND id = :id AND erased_at IS NULL

-- name: version_keep (body, holding, id, version, now)
INSERT INTO vault_version (body, holding, id, version, class, wrap, sealed, ended_at)
SELECT body, holding, id, version, class, wrap, sealed, :now FROM vault_record
WHERE body = :body AND holding = :holding AND id = :id AND version = :version AND erased_at IS NULL

-- name: version_get (body, holding, id, version) -> class, wrap, sealed, ended_at
-- one
SELECT class, wrap, sealed, ended_at FROM vault_version
WHERE body = :body AND holding = :holding AND id = :id AND version = :version

-- name: version_list (body, holding, id) -> version, ended_at
SELECT version, ended_at FROM vault_version
WHERE body = :body AND holding = :holding AND id = :id ORDER BY version LIMIT 200

-- name: version_delete (body, holding, id)
DELETE FROM vault_version WHERE body = :body AND holding = :holding AND id = :id

-- name: token_insert (body, holding, item, token, record)
INSERT INTO vault_token (body, holding, item, token, record)
VALUES (:body, :holding, :item, :token, :record) ON CONFLICT DO NOTHING

-- name: token_delete (body, holding, item, token, record)
DELETE FROM vault_token WHERE body = :body AND holding = :holding AND item = :item
AND token = :token AND record = :record

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

-- name: file_put (body, holding, id, chunk, sealed)
INSERT INTO vault_file (body, holding, id, chunk, sealed)
VALUES (:body, :holding, :id, :chunk, :sealed)

-- name: file_get (body, holding, id, chunk) -> sealed
-- one
SELECT sealed FROM vault_file WHERE body = :body AND holding = :holding AND id = :id AND chunk = :chunk

-- name: file_delete (body, holding, id)
DELETE FROM vault_file WHERE body = :body AND holding = :holding AND id = :id

-- name: import_begin (body, id, holding, now)
INSERT INTO vault_import (body, id, holding, state, begun_at)
VALUES (:body, :id, :holding, 'running', :now)

-- name: import_done (body, id, n)
UPDATE vault_import SET state = 'done', records = :n WHERE body = :body AND id = :id

-- name: import_running -> body, id, holding
-- all bodies: at start, imports that a crash cut off are cleared away
SELECT body, id, holding FROM vault_import WHERE state = 'running' LIMIT 100

-- name: import_records (body, holding, import, after) -> id
SELECT id FROM vault_record WHERE body = :body AND holding = :holding AND import = :import
AND id > :after ORDER BY id LIMIT 1000

-- name: record_delete (body, holding, id)
DELETE FROM vault_record WHERE body = :body AND holding = :holding AND id = :id

-- name: import_delete (body, id)
DELETE FROM vault_import WHERE body = :body AND id = :id
