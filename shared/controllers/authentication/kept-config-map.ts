import type { ConfigMap } from '../../apis/core/v1/types.ts';
import { isConflict } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, isResource } from '../controller.ts';
import { ignoreLostRace } from '../service-account/service-account-controller.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAMESPACE = 'kube-system';

/** A ConfigMap of `kube-system` that a controller keeps; its name is the one key of that controller's queue. */
export class KeptConfigMap {
  readonly #resources: ResourceAccess;
  readonly #name: string;

  constructor(resources: ResourceAccess, name: string) {
    this.#resources = resources;
    this.#name = name;
  }

  /** Its own changes, and those of its namespace, which may only now be there. */
  keysFor({ resource, namespace, name }: Change): string[] {
    const isIt = isResource(resource, '', 'configmaps') && namespace === NAMESPACE && name === this.#name;
    return isIt || (isResource(resource, '', 'namespaces') && name === NAMESPACE) ? [this.#name] : [];
  }

  /** As it stands now; undefined: there is none. */
  async get(): Promise<ConfigMap | undefined> {
    return this.#resources.lister<ConfigMap>(CONFIG_MAPS).get(NAMESPACE, this.#name, 0);
  }

  /** Puts `data` in place of what `current` holds, or makes it. Who was faster stays. */
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
      // Whoever was faster brings the key back by its change.
      if (!isConflict(error)) throw error;
    }
  }
}
