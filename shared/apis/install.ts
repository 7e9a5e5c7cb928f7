import type { Scheme } from '../runtime/scheme.ts';
import { GROUPS } from './groups.ts';
import { installGroup } from './install-group.ts';
import { installMeta } from './meta/install.ts';

/** Registers all built-in APIs. */
export function installAll(scheme: Scheme): void {
  installMeta(scheme);
  for (const group of GROUPS) installGroup(scheme, group);
}
