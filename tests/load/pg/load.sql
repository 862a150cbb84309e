-- Records of about 1 KiB, each sealed under its own iv.
INSERT INTO record
SELECT 1, i, 1, iv || encrypt_iv(convert_to(rpad(format(
	'{"氏名":"試験 太郎%s","カナ":"シケン タロウ","生年月日":"1980-01-01",'
	'"住所":"試験市試験町1-%s","備考":"', i, i), 950, 'abcdefghij')
	|| '"}', 'UTF8'), aes_key(), iv, 'aes-cbc/pad:pkcs')
FROM (SELECT i, gen_random_bytes(16) AS iv
	FROM generate_series(1, :records) AS i OFFSET 0) AS s;
VACUUM (FREEZE, ANALYZE) record;
SELECT 'setting record_bytes ' || round(avg(length(sealed))) FROM record;
