/** An earlier Kubernetes, as its clients see it: `--emulated-version`. Loaded where it is asked for. */

import type { ResourceTable } from '../../apis/resource-table.ts';
import type { BootstrapTable } from '../../authz/rbac/bootstrap/policy.ts';
import type { HiddenFields } from '../../runtime/hidden-fields.ts';
import type { Scheme } from '../../runtime/scheme.ts';
import type { FeatureGate } from '../options/feature-gates.ts';

export interface Emulation {
  /** `1.25` */
  readonly minor: string;
  readonly resources: ResourceTable;
  /** What came later, in the types of all versions. */
  readonly hidden: HiddenFields;
  /** The types without it. */
  readonly scheme: Scheme;
  readonly gates: ReadonlyMap<string, FeatureGate>;
  /** Admission plugins that were on by default. */
  readonly plugins: ReadonlySet<string>;
  /** What its clusters were born with. */
  readonly policy: BootstrapTable;
}

/** Read by all servers of a process that emulate the same, changed by none. */
const emulations = new Map<string, Promise<Emulation>>();

export function loadEmulation(minor: string): Promise<Emulation> {
  let emulation = emulations.get(minor);
  if (emulation === undefined) {
    emulation = import('./emulation-tables.ts').then(({ readEmulation }) => readEmulation(minor));
    emulations.set(minor, emulation);
  }
  return emulation;
}
