/** The account beside names that several accounts may hold. */
import type { GridColumn } from './grid.ts';

/** A column where the rows are of several accounts, else none: lines of one name in two accounts read like a name told twice. */
export function accountColumn<Row>(rows: readonly Row[], of: (row: Row) => string): readonly GridColumn<Row>[] {
  if (!rows.some((row) => of(row) !== of(rows[0]!))) return [];
  return [{ key: 'account', label: 'Account', width: '104px', whole: true, value: (row) => of(row) || '–' }];
}
