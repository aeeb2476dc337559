import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.ts';

it('puts the two lists of templates together; none is lost, also where both have a name', () => {
  const sql = new Database(':memory:');
  for (const migration of MIGRATIONS.slice(0, 7)) migration.up(sql);
  const put = sql.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
  const mapping = { columns: { symbol: 'S', quantity: 'Q' } };
  put.run('holdings-templates', JSON.stringify({ Depot: mapping, Mine: mapping }));
  put.run('column-templates', JSON.stringify([{ name: 'Mine', kind: 'prices', columns: { Day: 'date' } }]));
  put.run('name', '"kept"');
  MIGRATIONS[7]!.up(sql);
  const rows = sql.prepare('SELECT key, value FROM meta ORDER BY key').all() as { key: string; value: string }[];
  expect(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown])).toEqual([
    [
      'file-templates',
      [
        { name: 'Mine', kind: 'prices', columns: { Day: 'date' } },
        { name: 'Depot', kind: 'holdings', mapping },
        { name: 'Mine 2', kind: 'holdings', mapping },
      ],
    ],
    ['name', 'kept'],
  ]);
  sql.close();

  const empty = new Database(':memory:');
  for (const migration of MIGRATIONS) migration.up(empty);
  expect(empty.prepare('SELECT count(*) FROM meta').pluck().get()).toBe(0);
  empty.close();
});
