#!/usr/bin/env python3
"""What tools/sqlc.py takes, and above all what it refuses."""
import os
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))
sys.dont_write_bytecode = True
import sqlc  # noqa: E402

GOOD = '''-- name: row_get (body, id) -> name
-- one
SELECT name FROM test_row WHERE body = :body AND id = :id
'''

# (what is wrong, part of the words, the text)
REFUSED = [
    ('a list without end', 'without LIMIT',
     '-- name: a (body) -> n\nSELECT n FROM test_row WHERE body = :body'),
    ('another folder', 'people_person is not of folder test',
     '-- name: a (body) -> n\n-- one\n'
     'SELECT n FROM people_person WHERE body = :body'),
    ('another folder behind a comma', 'vault_x is not of folder',
     '-- name: a (body) -> n\n-- one\n'
     'SELECT n FROM test_row r, vault_x v WHERE r.body = :body'),
    ('another folder in a join', 'vault_x is not of folder',
     '-- name: a (body) -> n\n-- one\n'
     'SELECT n FROM test_row JOIN vault_x USING (id) WHERE body = :body'),
    ('another folder in a subquery', 'vault_x is not of folder',
     '-- name: a (body) -> n\n-- one\nSELECT n FROM test_row '
     'WHERE body = :body AND id IN (SELECT id FROM vault_x)'),
    ('another folder behind USING', 'vault_x is not of folder',
     '-- name: a (body)\nDELETE FROM test_row USING vault_x '
     'WHERE body = :body'),
    ('quoted names', 'no quoted names',
     '-- name: a (body) -> n\n-- one\n'
     'SELECT n FROM "vault_x" WHERE body = :body'),
    ('no body in WHERE', 'without body = :body',
     '-- name: a (id) -> n\n-- one\nSELECT n FROM test_row WHERE id = :id'),
    ('no WHERE', 'without body = :body',
     '-- name: a () -> n\nSELECT n FROM test_row LIMIT 5'),
    ('body in a note only', 'without body = :body',
     '-- name: a () -> n\nSELECT n FROM test_row -- WHERE body = :body\n'
     'LIMIT 5'),
    ('body in a text only', 'without body = :body',
     "-- name: a (id) -> n\n-- one\n"
     "SELECT n FROM test_row WHERE id = :id AND n = 'b'"),
    ('INSERT without body', 'without the body column',
     '-- name: a (id)\nINSERT INTO test_row (id) VALUES (:id)'),
    ('INSERT without columns', 'list of columns',
     '-- name: a (body)\nINSERT INTO test_row VALUES (:body)'),
    ('no reason', 'say why',
     '-- name: a () -> n\n-- all bodies:\nSELECT n FROM test_row LIMIT 1'),
    ('an unknown parameter', ':id is not among',
     '-- name: a (body)\nDELETE FROM test_row WHERE body = :body AND id = :id'),
    ('an unused parameter', 'id is not used',
     '-- name: a (body, id)\nDELETE FROM test_row WHERE body = :body'),
    ('columns not declared', 'declare result columns',
     '-- name: a (body)\n-- one\nSELECT n FROM test_row WHERE body = :body'),
    ('columns of what has none', 'declare result columns',
     '-- name: a (body) -> n\nDELETE FROM test_row WHERE body = :body'),
    ('one dialect', 'no text for postgresql',
     '-- name: a sqlite (body)\nDELETE FROM test_row WHERE body = :body'),
    ('a name twice', 'defined twice',
     '-- name: a (body)\nDELETE FROM test_row WHERE body = :body\n'
     '-- name: a (body)\nDELETE FROM test_row WHERE body = :body'),
    ('two statements', 'one statement a block',
     '-- name: a (body)\nDELETE FROM test_row WHERE body = :body; '
     'DELETE FROM test_row WHERE body = :body'),
    ('another verb', 'only SELECT',
     '-- name: a ()\nDROP TABLE test_row'),
    ('a name line that is none', 'write: -- name:',
     '-- name: A (body)\nDELETE FROM test_row WHERE body = :body'),
    ('text before the first name', 'before the first name', 'SELECT 1'),
]


def compiled(text):
    with tempfile.NamedTemporaryFile('w', suffix='.sql') as f:
        f.write(text)
        f.flush()
        return sqlc.read_statements('test', [f.name])


class Statements(unittest.TestCase):
    def test_good(self):
        st = compiled(GOOD)['row_get']
        self.assertEqual(st.texts['sqlite'], 'SELECT name FROM test_row '
                         'WHERE body = ?1 AND id = ?2')
        self.assertEqual(st.texts['postgresql'], 'SELECT name FROM test_row '
                         'WHERE body = $1 AND id = $2')

    def test_refused(self):
        for what, words, text in REFUSED:
            with self.subTest(what):
                with self.assertRaises(sqlc.Refusal) as caught:
                    compiled(text)
                self.assertIn(words, str(caught.exception))

    def test_texts_and_casts(self):
        st = compiled('-- name: a (body) -> n\n-- one\n'
                      "SELECT n::BIGINT FROM test_row -- no :such\n"
                      "WHERE body = :body AND n <> ':body  -- x'")['a']
        self.assertEqual(st.texts['postgresql'],
                         "SELECT n::BIGINT FROM test_row WHERE body = $1 "
                         "AND n <> ':body  -- x'")

    def test_common_table_expression(self):
        compiled('-- name: a (body, id) -> id\nWITH RECURSIVE up (id) AS ('
                 'SELECT id FROM test_row WHERE body = :body AND id = :id '
                 'UNION SELECT r.parent FROM test_row r JOIN up USING (id) '
                 'WHERE r.body = :body) SELECT id FROM up LIMIT 50')

    def test_upsert(self):
        st = compiled('-- name: a (body, n)\nINSERT INTO test_row (body, n) '
                      'VALUES (:body, :n) ON CONFLICT (body) DO UPDATE '
                      'SET n = excluded.n')['a']
        self.assertEqual(st.verb, 'INSERT')


class Migrations(unittest.TestCase):
    def migration(self, text, name='0001-x.sql'):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name)
            with open(path, 'w', encoding='utf-8') as f:
                f.write(text)
            return sqlc.read_migration(path)

    def test_dialects(self):
        texts = self.migration(
            'CREATE TABLE a (x BIGINT, y TEXT, z BLOB) WITHOUT ROWID;\n'
            '-- sqlite\nDROP TABLE b;\n-- postgresql\nDROP TABLE c;\n'
            '-- both\nCREATE INDEX i ON a (x);')[3]
        self.assertEqual(
            texts['sqlite'], 'CREATE TABLE a (x INTEGER, y TEXT, z BLOB) '
            'STRICT, WITHOUT ROWID;\nDROP TABLE b;\nCREATE INDEX i ON a (x);')
        self.assertEqual(
            texts['postgresql'], 'CREATE TABLE a (x BIGINT, y TEXT COLLATE '
            '"C", z BYTEA);\nDROP TABLE c;\nCREATE INDEX i ON a (x);')

    def test_refused(self):
        for text in ('CREATE TABLE a (x INTEGER);', 'BEGIN; DROP TABLE a;',
                     '-- sqlite\nDROP TABLE b;'):
            with self.subTest(text), self.assertRaises(sqlc.Refusal):
                self.migration(text)
        with self.assertRaises(sqlc.Refusal):
            self.migration('DROP TABLE a;', '1-x.sql')


if __name__ == '__main__':
    unittest.main()
