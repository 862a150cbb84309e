-- Statements of the store's own tests.

-- name: row_add (body, id, name, note, data, kind)
INSERT INTO test_row (body, id, name, note, data, kind)
VALUES (:body, :id, :name, :note, :data, :kind)

-- name: row_return (body, id, name) -> id, name
INSERT INTO test_row (body, id, name, kind)
VALUES (:body, :id, :name, 0)
RETURNING id, name

-- name: row_get (body, id) -> name, note, data, kind, has_note
-- one
SELECT name, note, data, kind, note IS NOT NULL
FROM test_row WHERE body = :body AND id = :id

-- name: row_list (body, name, id, limit) -> id, name
SELECT id, name FROM test_row
WHERE body = :body AND (name, id) > (:name, :id)
ORDER BY name, id LIMIT :limit

-- name: row_count (body) -> n
-- one
SELECT count(*) FROM test_row WHERE body = :body

-- name: row_rename (body, id, name)
UPDATE test_row SET name = :name WHERE body = :body AND id = :id

-- name: row_drop (body)
DELETE FROM test_row WHERE body = :body

-- name: child_add (body, id, row)
INSERT INTO test_child (body, id, row) VALUES (:body, :id, :row)

-- name: dialect () -> word
-- one
-- all bodies: reads no table
SELECT 'it''s :mine'

-- name: engine sqlite () -> word
-- one
-- all bodies: reads no table
SELECT 'sqlite'

-- name: engine postgresql () -> word
-- one
-- all bodies: reads no table
SELECT 'postgresql'
