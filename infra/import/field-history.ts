/** The minors in which fields were added to existing types, and removed: `shared/apis/field-history.json`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type History, tableAt } from '../../shared/apis/history.ts';
import { root } from '../build/bundle-options.ts';
import type { FieldSets } from './fields.ts';
import { fieldsOfTables } from './fields.ts';

const { introduced: RENAMED } = (
  JSON.parse(readFileSync(join(root, 'infra/import/overrides/fields.json'), 'utf8')) as {
    renamed: { introduced: Readonly<Record<string, Readonly<Record<string, string>>>> };
  }
).renamed;

/**
 * Definition -> field -> the minor that added it, and the one that removed it. Fields as old as their type are left
 * out, and so are those in no table. Fields added while the type was not served count from when it is served again.
 */
export function fieldHistory(fields: History<FieldSets[string]>): string {
  const own = fieldsOfTables();
  const minors = fields.minors.map((minor) => [minor, tableAt(fields, minor)] as const);
  const first = minors[0]?.[0];
  const entries = Object.keys(fields.changes).flatMap((definition): string[] => {
    const served = minors.filter(([, table]) => table[definition] !== undefined);
    const renamed = Object.entries(RENAMED[definition] ?? {}).map(([field, minor]): [string, string[]] => [
      field,
      [minor],
    ]);
    const marks = (own[definition] ?? []).flatMap((field): [string, string[]][] => {
      const has = served.map(([, table]) => table[definition]!.includes(field));
      const [came, gone] = [has.indexOf(true), has.lastIndexOf(true) + 1];
      if (came === 0 && gone === served.length) return [];
      const after = minors.findIndex(([minor]) => minor === served.at(-1)?.[0]) + 1;
      const introduced = came === 0 ? first! : (served[came]?.[0] ?? minors[after]?.[0]);
      if (introduced === undefined) return [];
      return [[field, gone === served.length || came < 0 ? [introduced] : [introduced, served[gone]![0]]]];
    });
    const all = Object.fromEntries([...renamed, ...marks]);
    return Object.keys(all).length === 0 ? [] : [`${JSON.stringify(definition)}: ${JSON.stringify(all)}`];
  });
  return `{\n${entries.join(',\n')}\n}\n`;
}
