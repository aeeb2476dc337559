import type { Migration } from './index.ts';

const OLD = ['holdings-templates', 'column-templates'] as const;

/** Templates of holdings files and of other files were kept apart; a name that both use gets a number behind it. */
export const fileTemplates: Migration = {
  version: 8,
  name: 'file-templates',
  up(sql) {
    const read = (key: string): unknown => {
      const text = sql.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key) as string | undefined;
      return text === undefined ? undefined : JSON.parse(text);
    };
    const holdings = Object.entries((read(OLD[0]) as Record<string, unknown> | undefined) ?? {});
    const columns = (read(OLD[1]) as { name: string }[] | undefined) ?? [];
    if (holdings.length + columns.length > 0) {
      const taken = new Set(columns.map(({ name }) => name));
      const free = (name: string): string => {
        let own = name;
        for (let n = 2; taken.has(own); n++) own = `${name.slice(0, 36)} ${n}`;
        taken.add(own);
        return own;
      };
      const all = [...columns, ...holdings.map(([name, mapping]) => ({ name: free(name), kind: 'holdings', mapping }))];
      sql.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run('file-templates', JSON.stringify(all));
    }
    for (const key of OLD) sql.prepare('DELETE FROM meta WHERE key = ?').run(key);
  },
};
