/** Every table of static defaults, as text: parsed when one of its types is first asked for. */

import { DefaultTables } from '../runtime/defaulting.ts';
import { GROUPS } from './groups.ts';

/** The static defaults of all built-in API types. */
export function builtinDefaultTables(): DefaultTables {
  const tables = GROUPS.flatMap(({ definitions, versions }) =>
    Object.entries(versions).flatMap(([version, { defaults }]) =>
      defaults === undefined ? [] : [[`${definitions}.${version}`, defaults] as const],
    ),
  );
  return new DefaultTables(new Map(tables));
}
