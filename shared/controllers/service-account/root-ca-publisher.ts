/** Maintains the ConfigMap `kube-root-ca.crt` in every active namespace, which tells pods which CA to trust. */

import type { ConfigMap, Namespace } from '../../apis/core/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { ignoreLostRace } from './service-account-controller.ts';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const NAMESPACES = { group: '', resource: 'namespaces' };
const ROOT_CA_CONFIG_MAP = 'kube-root-ca.crt';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export class RootCAPublisher implements Controller {
  readonly name = 'root-ca-certificate-publisher-controller';
  readonly #resources: ResourceAccess;
  readonly #rootCA: () => string;

  /** `rootCA`: PEM bundle. */
  constructor(resources: ResourceAccess, rootCA: () => string) {
    this.#resources = resources;
    this.#rootCA = rootCA;
  }

  keysFor({ type, resource, namespace, name }: Change): string[] {
    if (isResource(resource, '', 'namespaces')) return type === 'DELETED' ? [] : [name];
    return isResource(resource, '', 'configmaps') && name === ROOT_CA_CONFIG_MAP ? [namespace] : [];
  }

  async allKeys(): Promise<string[]> {
    const { items } = await this.#resources.lister<Namespace>(NAMESPACES).snapshot(0);
    return items.map(({ metadata }) => metadata.name!);
  }

  async reconcile(namespace: string): Promise<undefined> {
    const found = await this.#resources.lister<Namespace>(NAMESPACES).get('', namespace, 0);
    if (found === undefined || found.status.phase === 'Terminating') return;
    const current = await this.#resources
      .lister<ConfigMap>(CONFIG_MAPS)
      .get(namespace, ROOT_CA_CONFIG_MAP, 0);
    const data = { 'ca.crt': this.#rootCA() };
    if (current?.data?.['ca.crt'] === data['ca.crt'] && Object.keys(current.data).length === 1) return;
    const { client } = this.#resources;
    const metadata = {
      name: ROOT_CA_CONFIG_MAP,
      namespace,
      annotations: { 'kubernetes.io/description': DESCRIPTION },
    };
    const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    await ignoreLostRace(
      current === undefined
        ? client.create(CONFIG_MAPS, object, { namespace })
        : client.update(CONFIG_MAPS, object, { namespace, name: ROOT_CA_CONFIG_MAP }),
    );
  }
}
