import type { Namespace } from '../../apis/core/v1/types.ts';
import type { EnsureStep } from '../ensure-step.ts';
import { ensureObjects } from './ensure-objects.ts';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const NAMES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export const systemNamespaces: EnsureStep = {
  name: 'poststarthook/start-system-namespaces-controller',
  run: (resources) =>
    ensureObjects<Namespace>(
      resources,
      NAMESPACES,
      NAMES.map((name) => ({
        kind: 'Namespace',
        apiVersion: 'v1',
        metadata: { name },
        spec: {},
        status: {},
      })),
    ),
};
