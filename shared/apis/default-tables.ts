/** All tables of static defaults, each read when one of its types is first used. */

import type { FieldDefaults } from '../runtime/defaulting.ts';
import { TextTables } from '../runtime/text-tables.ts';
import { GROUPS } from './groups.ts';

/** The static defaults of all built-in API types. */
export function builtinDefaultTables(): TextTables<FieldDefaults> {
  const tables = GROUPS.flatMap(({ definitions, versions }) =>
    Object.entries(versions).flatMap(([version, { defaults }]) =>
      defaults === undefined ? [] : [[`${definitions}.${version}`, defaults] as const],
    ),
  );
  return new TextTables(new Map(tables));
}
