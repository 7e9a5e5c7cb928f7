/** Remembers up to which revision large resources were scanned, so that a scan reads only those that changed since. */

import { createHash } from 'node:crypto';
import type { PairIndex } from '../../storage/storage.ts';
import type { CatalogResource } from '../resource-catalog.ts';

/** A finished scan of a resource. */
export interface Scan {
  /** The revision of the snapshot that was scanned. */
  readonly revision: number;
  /** Start of the scan, in milliseconds since the epoch. */
  readonly at: number;
}

/** Identifies the served resources: which owners exist depends on them. */
export function servedHash(resources: readonly CatalogResource[]): string {
  const lines = resources.map(({ group, resource, kind, namespaced, verbs, isRemote }) =>
    [group, resource, kind, namespaced, isRemote, verbs].join(' '),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('base64url').slice(0, 16);
}

export class ScanRecords {
  readonly #pairs: PairIndex;

  constructor(pairs: PairIndex) {
    this.#pairs = pairs;
  }

  /** The newest scan of each resource, by `resource.group`, made while the same resources were served. */
  async read(served: string): Promise<ReadonlyMap<string, Scan>> {
    const scans = new Map<string, Scan>();
    for (const [resource, values] of await this.#pairs.all()) {
      for (const scan of [...values].flatMap((value) => scanOf(value, served) ?? [])) {
        if (scan.revision > (scans.get(resource)?.revision ?? 0)) scans.set(resource, scan);
      }
    }
    return scans;
  }

  /** Replaces what was recorded of a resource. */
  async write(resource: string, { revision, at }: Scan, served: string): Promise<void> {
    const value = [revision, at, served].join(' ');
    const before = await this.#pairs.valuesOf(resource);
    await this.#pairs.add(resource, value);
    for (const other of before) if (other !== value) await this.#pairs.remove(resource, other);
  }
}

function scanOf(value: string, served: string): Scan | undefined {
  const [revision, at, of] = value.split(' ');
  return of === served ? { revision: Number(revision), at: Number(at) } : undefined;
}
