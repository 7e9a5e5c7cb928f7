/** The scheme of the built-in kinds. */

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

/** Shared by all servers of a process, such as the tenants of a fleet. Never modified. */
let builtin: { readonly scheme: Scheme; readonly defaulter: Defaulter } | undefined;

/** The built-in kinds and their defaults. */
export function builtinScheme(): NonNullable<typeof builtin> {
  if (builtin === undefined) {
    const scheme = newScheme();
    builtin = { scheme, defaulter: new Defaulter(scheme, builtinDefaultTables()) };
  }
  return builtin;
}
