/**
 * Says since when the use of legacy tokens leaves a trace, so that whoever cleans up knows that those without one were
 * not used since (https://github.com/kubernetes/kubernetes/tree/master/pkg/controlplane/controller/legacytokentracking).
 */

import type { ConfigMap } from '../../apis/core/v1/types.ts';
import { isConflict } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { ignoreLostRace } from '../service-account/service-account-controller.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAMESPACE = 'kube-system';
const NAME = 'kube-apiserver-legacy-service-account-token-tracking';

/** `2026-05-01` */
const isDate = (text: string | undefined): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text ?? '') && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text!) === true;

export class LegacyTokenTrackingController implements Controller {
  readonly name = 'legacy-token-tracking-controller';
  readonly #resources: ResourceAccess;
  readonly #now: () => number;

  constructor(resources: ResourceAccess, now: () => number = Date.now) {
    this.#resources = resources;
    this.#now = now;
  }

  keysFor({ resource, namespace, name }: Change): string[] {
    const isIt = isResource(resource, '', 'configmaps') && namespace === NAMESPACE && name === NAME;
    return isIt || (isResource(resource, '', 'namespaces') && name === NAMESPACE) ? [NAME] : [];
  }

  async allKeys(): Promise<string[]> {
    return [NAME];
  }

  async reconcile(): Promise<undefined> {
    const current = await this.#resources.lister<ConfigMap>(CONFIG_MAPS).get(NAMESPACE, NAME, 0);
    if (isDate(current?.data?.['since'])) return;
    const { client } = this.#resources;
    const object: ConfigMap = {
      ...current,
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...current?.metadata, name: NAME, namespace: NAMESPACE },
      data: { ...current?.data, since: new Date(this.#now()).toISOString().slice(0, 10) },
    };
    try {
      await ignoreLostRace(
        current === undefined
          ? client.create(CONFIG_MAPS, object, { namespace: NAMESPACE })
          : client.update(CONFIG_MAPS, object, { namespace: NAMESPACE, name: NAME }),
      );
    } catch (error) {
      // Whoever was faster brings the key back by its change.
      if (!isConflict(error)) throw error;
    }
  }
}
