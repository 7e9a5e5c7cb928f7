/**
 * Publishes this server's client authentication settings, so that aggregated API servers can authenticate its clients
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controlplane/controller/clusterauthenticationtrust).
 */

import { parseCertificates } from '../../authn/x509/certificate.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { SyncedConfigMap } from './synced-config-map.ts';

const NAME = 'extension-apiserver-authentication';

export interface ClusterAuthenticationInfo {
  /** PEM bundle for client certificates; undefined: none. */
  readonly clientCA: (() => Promise<string | undefined>) | undefined;
  /** Request header authentication, used by front proxies including this server. */
  readonly requestHeader: {
    /** PEM bundle; undefined: none yet, so request header settings are not published. */
    readonly clientCA: () => Promise<string | undefined>;
    readonly allowedNames: readonly string[];
    readonly usernameHeaders: readonly string[];
    readonly uidHeaders: readonly string[];
    readonly groupHeaders: readonly string[];
    readonly extraHeaderPrefixes: readonly string[];
  };
}

/** Keeps certificates published by other servers of the cluster, except for expired ones. */
function combineBundles(existing: string | undefined, required: string, now: number): string {
  const certificates = parseCertificates(`${existing ?? ''}\n${required}`);
  const good = certificates.filter(({ notAfter }) => now <= notAfter);
  return [...new Set(good.map(({ x509 }) => x509.toString()))].join('');
}

function combineLists(existing: string | undefined, required: readonly string[]): string {
  const list: unknown = existing ? JSON.parse(existing) : [];
  return JSON.stringify([...new Set([...(Array.isArray(list) ? list : []), ...required])]);
}

export class ClusterAuthenticationTrustController implements Controller {
  readonly name = 'cluster-authentication-trust-controller';
  readonly #configMap: SyncedConfigMap;
  readonly #info: ClusterAuthenticationInfo;
  readonly #now: () => number;

  constructor(resources: ResourceAccess, info: ClusterAuthenticationInfo, now: () => number = Date.now) {
    this.#configMap = new SyncedConfigMap(resources, NAME);
    this.#info = info;
    this.#now = now;
  }

  /** The first request to a remote server may have created the front proxy's CA. */
  keysFor(change: Change): string[] {
    if (isResource(change.resource, 'apiregistration.k8s.io', 'apiservices')) return [NAME];
    return this.#configMap.keysFor(change);
  }

  async allKeys(): Promise<string[]> {
    return [NAME];
  }

  async reconcile(): Promise<undefined> {
    const current = await this.#configMap.get();
    const data = await this.#dataFor(current?.data ?? {});
    if (!equalJSON(data, current?.data ?? {})) await this.#configMap.write(current, data);
  }

  async #dataFor(existing: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const clientCA = await this.#info.clientCA?.();
    const { requestHeader } = this.#info;
    const frontProxyCA = await requestHeader.clientCA();
    const list = (key: string, required: readonly string[]) => ({
      [key]: combineLists(existing[key], required),
    });
    const bundle = (key: string, required: string) => ({
      [key]: combineBundles(existing[key], required, this.#now()),
    });
    return {
      ...existing,
      ...(clientCA !== undefined && bundle('client-ca-file', clientCA)),
      ...(frontProxyCA !== undefined && {
        ...list('requestheader-username-headers', requestHeader.usernameHeaders),
        ...list('requestheader-uid-headers', requestHeader.uidHeaders),
        ...list('requestheader-group-headers', requestHeader.groupHeaders),
        ...list('requestheader-extra-headers-prefix', requestHeader.extraHeaderPrefixes),
        ...bundle('requestheader-client-ca-file', frontProxyCA),
        ...list('requestheader-allowed-names', requestHeader.allowedNames),
      }),
    };
  }
}
