import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { ingressStatusStrategy, ingressStrategy } from '../networking/ingress/strategy.ts';

const ingresses = storedResource({
  version: 'v1',
  strategy: ingressStrategy,
  status: ingressStatusStrategy,
});

/** Shares its objects with networking.k8s.io. */
export const extensionsStorage = groupStorage('extensions', {
  ingresses: (config) => ingresses(config, { group: 'networking.k8s.io', resource: 'ingresses' }),
});
