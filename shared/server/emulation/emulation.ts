/** The API of an earlier Kubernetes release, for clients of `--emulated-version`. Loaded on demand. */

import type { ResourceTable } from '../../apis/resource-table.ts';
import type { BootstrapTable } from '../../authz/rbac/bootstrap/policy.ts';
import type { HiddenFields } from '../../runtime/hidden-fields.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { FeatureGate } from '../options/feature-gates.ts';

export interface Emulation {
  /** `1.25` */
  readonly minor: string;
  readonly resources: ResourceTable;
  /** Fields added later, in the types of all versions. */
  readonly hidden: HiddenFields;
  /** The types without those fields. */
  readonly scheme: Scheme;
  readonly gates: ReadonlyMap<string, FeatureGate>;
  /** Admission plugins enabled by default. */
  readonly plugins: ReadonlySet<string>;
  /** The bootstrap RBAC policy. */
  readonly policy: BootstrapTable;
}

/** Shared by all servers of a process that emulate the same release. Never modified. */
const emulations = new Map<string, Promise<Emulation>>();

export function loadEmulation(minor: string): Promise<Emulation> {
  let emulation = emulations.get(minor);
  if (emulation === undefined) {
    emulation = import('./emulation-tables.ts').then(({ readEmulation }) => readEmulation(minor));
    emulations.set(minor, emulation);
  }
  return emulation;
}
