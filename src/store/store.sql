-- The store's own table: which migrations were applied.

-- name: migration_list () -> version, name, hash
-- all bodies: the schema is one
SELECT version, name, hash FROM store_migration ORDER BY version LIMIT 10000

-- name: migration_add (version, name, hash, applied_at)
-- all bodies: the schema is one
INSERT INTO store_migration (version, name, hash, applied_at)
VALUES (:version, :name, :hash, :applied_at)
