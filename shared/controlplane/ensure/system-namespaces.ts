import type { Namespace } from '../../apis/core/v1/types.ts';
import { isAlreadyExists } from '../../meta/status-error.ts';
import type { EnsureStep } from '../ensure-step.ts';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const NAMES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export const systemNamespaces: EnsureStep = {
  name: 'start-system-namespaces-controller',
  async run(resources) {
    const { items } = await resources.lister<Namespace>(NAMESPACES).snapshot(0);
    const present = new Set(items.map(({ metadata }) => metadata.name));
    const missing = NAMES.filter((name) => !present.has(name));
    await Promise.all(
      missing.map(async (name) => {
        const namespace: Namespace = {
          kind: 'Namespace',
          apiVersion: 'v1',
          metadata: { name },
          spec: {},
          status: {},
        };
        try {
          await resources.client.create(NAMESPACES, namespace);
        } catch (error) {
          if (!isAlreadyExists(error)) throw error;
        }
      }),
    );
  },
};
