import type { Pod } from '../../../apis/core/v1/types.ts';
import { withFinalizerRules } from '../../generic/finalizer-rules.ts';
import { type ResourceStorages, storedResource } from '../../generic/group-storage.ts';
import { LazyNamedCreater } from '../../generic/lazy-named-creater.ts';
import type { StrategyStore } from '../../generic/strategy-store.ts';
import { logConnecter, proxyConnecter, streamConnecter } from '../connecters.ts';
import { EVICTION } from '../subresource-kinds.ts';
import { BindingREST } from './binding-rest.ts';
import { podEphemeralContainersStrategy } from './ephemeral-containers-strategy.ts';
import { podResizeStrategy } from './resize-strategy.ts';
import { podStatusStrategy } from './status-strategy.ts';
import { podStrategy } from './strategy.ts';

export const pods = storedResource<Pod>({
  version: 'v1',
  strategy: podStrategy,
  returnDeletedObject: true,
  subresources(store, config): ResourceStorages {
    const { resources } = config;
    const status: StrategyStore<Pod> = store.withStrategy(withFinalizerRules(podStatusStrategy));
    return {
      attach: streamConnecter(store, 'pods/attach', config),
      binding: new BindingREST(store),
      ephemeralcontainers: store.withStrategy(withFinalizerRules(podEphemeralContainersStrategy)),
      eviction: new LazyNamedCreater(store.groupResource, EVICTION, async () => {
        const { EvictionREST } = await import('./eviction-rest.ts');
        return new EvictionREST({ pods: store, status, client: resources.client });
      }),
      exec: streamConnecter(store, 'pods/exec', config),
      log: logConnecter(store, resources),
      portforward: streamConnecter(store, 'pods/portforward', config),
      proxy: proxyConnecter(store, resources),
      resize: store.withStrategy(withFinalizerRules(podResizeStrategy)),
      status,
    };
  },
});
