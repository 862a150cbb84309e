-- The case reference beside purpose and result. The index is derived: it is
-- made again from the ledger, older entries included.
ALTER TABLE guard_access ADD COLUMN reference TEXT NOT NULL DEFAULT '';
DELETE FROM guard_access;
DELETE FROM guard_feed;
