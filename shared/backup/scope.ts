/** A part of a control plane. */

import { formatGroupResource } from '../runtime/group-version.ts';
import type { BackupRecord } from './backup-records.ts';
import type { StoredResource } from './stored-resources.ts';

/** Empty: all of it. */
export interface Scope {
  /** Resources by name: `deployments.apps`. */
  readonly resources?: readonly string[] | undefined;
  /** Objects of these namespaces, and the namespaces themselves. */
  readonly namespaces?: readonly string[] | undefined;
}

const NAMESPACES = '/registry/core/namespaces';

export const hasResource = ({ resources }: Scope, resource: StoredResource): boolean =>
  resources === undefined || resources.includes(formatGroupResource(resource));

/** Whether the scope has the object of a resource in it. `key`: within the resource. */
export function hasObject({ namespaces }: Scope, { prefix }: StoredResource, key: string): boolean {
  if (namespaces === undefined) return true;
  const slash = key.indexOf('/');
  if (slash < 0) return prefix === NAMESPACES && namespaces.includes(key);
  return namespaces.includes(key.slice(0, slash));
}

/** Checks that all names of a scope occur in a control plane's records: one that doesn't is probably a typo. */
export class ScopeCheck {
  readonly #scope: Scope;
  readonly #resources = new Set<string>();
  readonly #namespaces = new Set<string>();
  #prefix = '';

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  see(record: BackupRecord): void {
    if ('resourceVersion' in record) {
      this.#prefix = record.prefix;
      this.#resources.add(formatGroupResource(record));
    } else if ('key' in record) {
      const [first = '', ...rest] = record.key.split('/');
      if (rest.length > 0 || this.#prefix === NAMESPACES) this.#namespaces.add(first);
    }
  }

  /** Names that did not occur, for the end of a message. */
  missing(): string[] {
    const { resources = [], namespaces = [] } = this.#scope;
    return [
      ...resources.filter((name) => !this.#resources.has(name)).map((name) => `${name}${this.#hint(name)}`),
      ...namespaces.filter((name) => !this.#namespaces.has(name)).map((name) => `namespace ${name}`),
    ];
  }

  /** Suggests similar names, since resources are named with their groups. */
  #hint(name: string): string {
    const [word = ''] = name.split('.');
    const alike = [...this.#resources].filter((one) => one.startsWith(word.toLowerCase()));
    return alike.length === 0 || alike.length > 3 ? '' : ` (there is ${alike.join(', ')})`;
  }
}
