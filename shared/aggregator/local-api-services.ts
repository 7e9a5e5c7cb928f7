/**
 * Maintains an APIService for every group version served here, and deletes those of group versions no longer served
 * (upstream's autoregistration at start:
 * https://github.com/kubernetes/kube-aggregator/blob/master/pkg/controllers/autoregister/autoregister_controller.go).
 */

import type { APIService } from '../apis/apiregistration/v1/types.ts';
import { ensureObjects } from '../controlplane/ensure/ensure-objects.ts';
import type { EnsureStep } from '../controlplane/ensure-step.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { isConflict, isNotFound } from '../meta/status-error.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { groupVersionPriority } from './group-priority.ts';

const API_SERVICES = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' };
export const AUTO_MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/** `managed`: `onstart` for built-in versions, `true` for those of custom resources. */
export function localAPIService(
  gv: { readonly group: string; readonly version: string },
  managed: 'onstart' | 'true',
): APIService {
  return {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: `${gv.version}.${gv.group}`, labels: { [AUTO_MANAGED]: managed } },
    spec: {
      ...(gv.group !== '' && { group: gv.group }),
      version: gv.version,
      ...groupVersionPriority(gv),
    },
    status: {},
  };
}

export function localAPIServices(sources: readonly DiscoverySource[]): EnsureStep {
  return {
    name: 'autoregister-completion',
    async run(resources) {
      const groups = (await Promise.all(sources.map(async (source) => source.groups()))).flat();
      const services = groups.flatMap(({ name: group, versions }) =>
        versions.map(({ version }) => localAPIService({ group, version }, 'onstart')),
      );
      await ensureObjects(resources, API_SERVICES, services);
      await removeOthers(resources, new Set(services.map(({ metadata }) => metadata.name)));
    },
  };
}

/** Deletes APIServices of group versions that another release served. */
async function removeOthers(
  { lister, client }: ResourceAccess,
  served: ReadonlySet<string | undefined>,
): Promise<void> {
  const { items } = await lister<APIService>(API_SERVICES).snapshot(0);
  const others = items.filter(
    ({ metadata }) => metadata.labels?.[AUTO_MANAGED] === 'onstart' && !served.has(metadata.name),
  );
  await Promise.all(
    others.map(async ({ metadata: { name = '', uid } }) => {
      try {
        await client.delete(API_SERVICES, { name, preconditions: { uid } });
      } catch (error) {
        // Deleted or changed meanwhile.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }),
  );
}
