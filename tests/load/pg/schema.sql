-- The tables and functions that the PostgreSQL side of the load test reads
-- and writes.  Keys and persons are made up; nothing here is a secret.
CREATE EXTENSION pgcrypto;
CREATE EXTENSION pgaudit;

CREATE TABLE record (
	body	integer NOT NULL,
	id	bigint NOT NULL,
	version	integer NOT NULL,
	sealed	bytea NOT NULL,		-- 16 bytes iv, then AES-256-CBC
	PRIMARY KEY (body, id)
);
ALTER TABLE record ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE access_audit (
	entry	bigint GENERATED ALWAYS AS IDENTITY,
	at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	body	integer NOT NULL,
	who	text NOT NULL,
	term	text NOT NULL,
	act	text NOT NULL,
	holding	integer NOT NULL,
	record	bigint NOT NULL,
	purpose	text NOT NULL,
	article	text NOT NULL,
	detail	text NOT NULL
);

CREATE TABLE chain (
	seq	bigint PRIMARY KEY,
	hash	bytea NOT NULL,
	entry	text NOT NULL
);
INSERT INTO chain VALUES (0, sha256('first'), 'first');

CREATE FUNCTION aes_key() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS
	$$ SELECT current_setting('fumikura.key')::bytea $$;

-- The strongest form: one call, one round trip, one transaction.
CREATE FUNCTION record_read(p_id bigint, p_detail text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_sealed bytea;
BEGIN
	SELECT sealed INTO STRICT v_sealed FROM record
	WHERE body = 1 AND id = p_id;
	INSERT INTO access_audit (body, who, term, act, holding, record,
		purpose, article, detail)
	VALUES (1, 'p0000002a', 't00000067', 'record.view', 12, p_id,
		'pu-0003', 'nagaokakyo/kanri/12-1', p_detail);
	RETURN convert_from(decrypt_iv(substr(v_sealed, 17), aes_key(),
		substr(v_sealed, 1, 16), 'aes-cbc/pad:pkcs'), 'UTF8');
END $$;

-- A hash chain that one advisory lock keeps in order until the commit.
CREATE FUNCTION chain_append(p_entry text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	v_seq bigint;
	v_hash bytea;
BEGIN
	PERFORM pg_advisory_xact_lock(42);
	SELECT seq, hash INTO STRICT v_seq, v_hash FROM chain
	ORDER BY seq DESC LIMIT 1;
	INSERT INTO chain VALUES (v_seq + 1,
		sha256(v_hash || convert_to(p_entry, 'UTF8')), p_entry);
	RETURN v_seq + 1;
END $$;
