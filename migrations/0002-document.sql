-- Which item of the record a document is the value of, so that the guard can
-- decide before anything is opened. What it is called stays in the record.
ALTER TABLE vault_document ADD COLUMN item BIGINT NOT NULL DEFAULT 0;
