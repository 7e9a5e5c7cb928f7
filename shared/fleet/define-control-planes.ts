/** Gives a management plane the definition of `ControlPlane`. */

import type { ResourceAccess } from '../rest/resource-access.ts';
import { EMULATED_MINORS } from '../server/emulation/effective-version.ts';
import { controlPlaneDefinition } from './control-plane-definition.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

/** The definition as this version has it; who upgrades gets the new one. */
export async function defineControlPlanes({ client }: ResourceAccess): Promise<void> {
  const definition = controlPlaneDefinition({ versions: EMULATED_MINORS });
  const { name } = definition.metadata;
  await client.patch(DEFINITIONS, definition, {
    name: name!,
    patchType: 'application/apply-patch+yaml',
    fieldManager: 'zeroplane',
    force: true,
  });
}
