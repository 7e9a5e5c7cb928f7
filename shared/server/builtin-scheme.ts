/** The kinds that are served without a definition. */

import { builtinDefaultTables } from '../apis/default-tables.ts';
import { installAll } from '../apis/install.ts';
import { builtinTypeTables } from '../apis/type-tables.ts';
import { Defaulter } from '../runtime/defaulting.ts';
import { Scheme } from '../runtime/scheme.ts';

/** A scheme with every built-in kind. */
export function newScheme(): Scheme {
  const scheme = new Scheme(builtinTypeTables());
  installAll(scheme);
  return scheme;
}

/** Read by every server of a process, changed by none: a fleet's tenants share it. */
let builtin: { readonly scheme: Scheme; readonly defaulter: Defaulter } | undefined;

/** The built-in kinds and their defaults. */
export function builtinScheme(): NonNullable<typeof builtin> {
  if (builtin === undefined) {
    const scheme = newScheme();
    builtin = { scheme, defaulter: new Defaulter(scheme, builtinDefaultTables()) };
  }
  return builtin;
}
