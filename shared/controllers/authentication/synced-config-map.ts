import type { ConfigMap } from '../../apis/core/v1/types.ts';
import { isConflict } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, isResource } from '../controller.ts';
import { ignoreLostRace } from '../service-account/service-account-controller.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAMESPACE = 'kube-system';

/** A ConfigMap of `kube-system` maintained by a controller; its name is the only key of the controller's queue. */
export class SyncedConfigMap {
  readonly #resources: ResourceAccess;
  readonly #name: string;

  constructor(resources: ResourceAccess, name: string) {
    this.#resources = resources;
    this.#name = name;
  }

  /** Changes of the ConfigMap, and of its namespace, which may have just been created. */
  keysFor({ resource, namespace, name }: Change): string[] {
    const isIt = isResource(resource, '', 'configmaps') && namespace === NAMESPACE && name === this.#name;
    return isIt || (isResource(resource, '', 'namespaces') && name === NAMESPACE) ? [this.#name] : [];
  }

  /** The current ConfigMap; undefined: there is none. */
  async get(): Promise<ConfigMap | undefined> {
    return this.#resources.lister<ConfigMap>(CONFIG_MAPS).get(NAMESPACE, this.#name, 0);
  }

  /** Replaces the data of `current`, or creates the ConfigMap. A concurrent write wins. */
  async write(current: ConfigMap | undefined, data: Readonly<Record<string, string>>): Promise<void> {
    const { client } = this.#resources;
    const object: ConfigMap = {
      ...current,
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...current?.metadata, name: this.#name, namespace: NAMESPACE },
      data,
    };
    try {
      await ignoreLostRace(
        current === undefined
          ? client.create(CONFIG_MAPS, object, { namespace: NAMESPACE })
          : client.update(CONFIG_MAPS, object, { namespace: NAMESPACE, name: this.#name }),
      );
    } catch (error) {
      // The conflicting write queues the key again.
      if (!isConflict(error)) throw error;
    }
  }
}
