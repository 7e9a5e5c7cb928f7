/**
 * Records since when the use of legacy tokens is tracked, so that cleaners know that tokens without a record have not
 * been used since then
 * (https://github.com/kubernetes/kubernetes/tree/master/pkg/controlplane/controller/legacytokentracking).
 */

import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { Change, Controller } from '../controller.ts';
import { SyncedConfigMap } from './synced-config-map.ts';

const NAME = 'kube-apiserver-legacy-service-account-token-tracking';

/** `2026-05-01` */
const isDate = (text: string | undefined): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text ?? '') && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text!) === true;

export class LegacyTokenTrackingController implements Controller {
  readonly name = 'legacy-token-tracking-controller';
  readonly #configMap: SyncedConfigMap;
  readonly #now: () => number;

  constructor(resources: ResourceAccess, now: () => number = Date.now) {
    this.#configMap = new SyncedConfigMap(resources, NAME);
    this.#now = now;
  }

  keysFor(change: Change): string[] {
    return this.#configMap.keysFor(change);
  }

  async allKeys(): Promise<string[]> {
    return [NAME];
  }

  async reconcile(): Promise<undefined> {
    const current = await this.#configMap.get();
    if (isDate(current?.data?.['since'])) return;
    const since = new Date(this.#now()).toISOString().slice(0, 10);
    await this.#configMap.write(current, { ...current?.data, since });
  }
}
