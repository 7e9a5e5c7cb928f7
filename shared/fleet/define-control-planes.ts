/** Installs the definition of `ControlPlane` in a management plane. */

import type { ResourceAccess } from '../rest/resource-access.ts';
import { EMULATED_MINORS } from '../server/emulation/effective-version.ts';
import { controlPlaneDefinition } from './control-plane-definition.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

/** Applies this release's definition, replacing that of an older release. */
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
