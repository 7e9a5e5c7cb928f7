/**
 * Fills Secrets of type `kubernetes.io/service-account-token`, and deletes those whose account is gone
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/serviceaccount/tokens_controller.go).
 */

import type { Secret, ServiceAccount } from '../../apis/core/v1/types.ts';
import { legacyClaims } from '../../authn/serviceaccount/claims.ts';
import type { ServiceAccountTokenGenerator } from '../../authn/serviceaccount/token-generator.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export interface TokensControllerOptions {
  /** For the legacy issuer. */
  readonly generator: ServiceAccountTokenGenerator;
  /** PEM bundle for pods; undefined: none. */
  readonly rootCA: (() => string) | undefined;
}

/** Keys are `namespace/name` of Secrets, and `namespace/` for all Secrets of a namespace. */
export class TokensController implements Controller {
  readonly name = 'serviceaccount-token-controller';
  readonly looksThroughMuch = true;
  readonly #resources: ResourceAccess;
  readonly #options: TokensControllerOptions;

  constructor(resources: ResourceAccess, options: TokensControllerOptions) {
    this.#resources = resources;
    this.#options = options;
  }

  keysFor(change: Change): string[] {
    const { type, resource, namespace, name } = change;
    if (isResource(resource, '', 'serviceaccounts')) return [`${namespace}/`];
    if (!isResource(resource, '', 'secrets') || type === 'DELETED') return [];
    return (change.object() as Secret).type === TYPE ? [`${namespace}/${name}`] : [];
  }

  async allKeys(): Promise<string[]> {
    const secrets = await this.#resources.lister<Secret>(SECRETS).snapshot(0);
    const candidates = await secrets.containing([`"${TYPE}"`]);
    return candidates
      .filter(({ type }) => type === TYPE)
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  async reconcile(key: string): Promise<undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const lister = this.#resources.lister<Secret>(SECRETS);
    const found = name === '' ? await lister.list(namespace, 0) : [await lister.get(namespace, name, 0)];
    for (const secret of found) if (secret?.type === TYPE) await this.#sync(secret);
  }

  async #sync(secret: Secret): Promise<void> {
    const { namespace = '', name = '', uid, annotations = {} } = secret.metadata;
    const accountName = annotations[ACCOUNT_NAME];
    if (!accountName || secret.metadata.deletionTimestamp) return;
    const { client } = this.#resources;
    try {
      const account = await this.#accountOf(namespace, accountName, annotations[ACCOUNT_UID]);
      if (account === undefined) {
        await client.delete(SECRETS, { namespace, name, ...(uid && { preconditions: { uid } }) });
        return;
      }
      const data = await this.#dataOf(secret, account);
      const isAnnotated = annotations[ACCOUNT_UID] === account.metadata.uid;
      if (isAnnotated && JSON.stringify(data) === JSON.stringify(secret.data ?? {})) return;
      const metadata = {
        ...secret.metadata,
        annotations: { ...annotations, [ACCOUNT_UID]: account.metadata.uid ?? '' },
      };
      const filled: Secret = { ...secret, apiVersion: 'v1', kind: 'Secret', metadata, data };
      await client.update(SECRETS, filled, { namespace, name });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async #accountOf(
    namespace: string,
    name: string,
    uid: string | undefined,
  ): Promise<ServiceAccount | undefined> {
    const account = await this.#resources.lister<ServiceAccount>(ACCOUNTS).get(namespace, name, 0);
    return uid && account?.metadata.uid !== uid ? undefined : account;
  }

  async #dataOf({ metadata, data = {} }: Secret, account: ServiceAccount): Promise<Record<string, string>> {
    const { generator } = this.#options;
    const rootCA = this.#options.rootCA?.();
    return {
      ...data,
      ...(rootCA !== undefined && { 'ca.crt': base64(rootCA) }),
      ...(!data.namespace && { namespace: base64(metadata.namespace ?? '') }),
      ...(!data.token && {
        token: base64(await generator.generateToken(legacyClaims(account, metadata.name ?? ''))),
      }),
    };
  }
}
