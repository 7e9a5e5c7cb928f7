/** Folder of a local server's keys. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MANAGEMENT_PLANE } from '../../../shared/fleet/control-plane.ts';

/** Throws Error for a control plane of a fleet, whose keys are rows: `field` of its spec rotates them. */
export function keyFolder(dataDir: string, tenant: string, field: string): string {
  const all = join(resolve(dataDir), 'pki');
  const folder = join(all, tenant);
  if (!existsSync(folder) && existsSync(join(all, MANAGEMENT_PLANE))) {
    throw new Error(`${dataDir} belongs to a fleet: raise spec.${field} of the ControlPlane ${tenant}`);
  }
  return folder;
}
