-- Organs in their order, and the one that the Act does not count (議会): what it
-- follows instead.
ALTER TABLE people_organ ADD COLUMN ordinance TEXT NOT NULL DEFAULT '';
ALTER TABLE people_organ ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
