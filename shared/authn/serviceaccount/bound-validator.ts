/** https://github.com/kubernetes/kubernetes/blob/master/pkg/serviceaccount/claims.go */

import type { KubeObject } from '../../meta/kube-object.ts';
import { serviceAccountGroups, serviceAccountUsername } from '../../request/service-account-user.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { isJSONObject, type JSONObject, type JSONValue } from '../../util/json.ts';
import { AuthenticationError } from '../authenticator.ts';
import { CREDENTIAL_ID_KEY } from '../credential-id.ts';
import { type ClaimsValidator, mismatch, stringClaim } from './token-authenticator.ts';
import type { ServiceAccountTokenGetter } from './token-getter.ts';
import type { CountTokenUse } from './token-metrics.ts';
import { credentialIDForJTI, NODE_NAME_KEY, NODE_UID_KEY, POD_NAME_KEY, POD_UID_KEY } from './user-extra.ts';

/** Tolerance for clock skew, and grace period for deletions. */
const LEEWAY_MS = 60_000;

function checkTimes(claims: JSONObject, now: number): void {
  const time = (name: string): number | undefined => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new AuthenticationError(
        'service account token claims could not be validated due to unexpected validation error',
      );
    }
    return value * 1000;
  };
  const [notBefore, expiry, issuedAt] = [time('nbf'), time('exp'), time('iat')];
  if (notBefore !== undefined && now + LEEWAY_MS < notBefore) {
    throw new AuthenticationError('service account token is not valid yet');
  }
  if (expiry !== undefined && now - LEEWAY_MS > expiry) {
    throw new AuthenticationError('service account token has expired');
  }
  if (issuedAt !== undefined && now + LEEWAY_MS < issuedAt) {
    throw new AuthenticationError('service account token is issued in the future');
  }
}

function refClaim(claims: JSONObject, name: string): { name: string; uid: string } | undefined {
  const ref: JSONValue | undefined = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (ref === undefined || ref === null) return undefined;
  if (!isJSONObject(ref)) throw new AuthenticationError(`${name} claim is invalid`);
  return { name: stringClaim(ref, 'name'), uid: stringClaim(ref, 'uid') };
}

/** A finalizer can keep a deleted object for long; tokens bound to it end with its deletion. */
const isGone = (object: KubeObject | undefined, now: number): object is undefined =>
  object === undefined ||
  (object.metadata.deletionTimestamp !== undefined &&
    Date.parse(object.metadata.deletionTimestamp) < now - LEEWAY_MS);

/**
 * Validates tokens of the TokenRequest API, which are valid as long as their service account and the object they are
 * bound to exist.
 */
export function boundTokenValidator(
  getter: ServiceAccountTokenGetter,
  nowOf: () => number = Date.now,
  count: CountTokenUse = () => undefined,
): ClaimsValidator {
  return async (claims, _token, recorder): Promise<UserInfo> => {
    const now = nowOf();
    checkTimes(claims, now);
    const own = Object.hasOwn(claims, 'kubernetes.io') ? claims['kubernetes.io'] : undefined;
    if (!isJSONObject(own)) {
      throw new AuthenticationError(
        'service account token claims could not be validated due to unexpected private claim',
      );
    }
    const namespace = stringClaim(own, 'namespace');
    const account = refClaim(own, 'serviceaccount');
    if (namespace === '' || !account?.name) throw new AuthenticationError('service account claim is missing');

    const serviceAccount = await getter.getServiceAccount(namespace, account.name);
    if (serviceAccount === undefined) {
      throw new AuthenticationError(`serviceaccounts "${account.name}" not found`);
    }
    if (isGone(serviceAccount, now)) {
      throw new AuthenticationError(`service account ${namespace}/${account.name} has been deleted`);
    }
    if (serviceAccount.metadata.uid !== account.uid) {
      throw mismatch('service account', serviceAccount.metadata.uid ?? '', account.uid, 'claim');
    }

    const [pod, secret, node] = [refClaim(own, 'pod'), refClaim(own, 'secret'), refClaim(own, 'node')];
    const bindings = [
      { what: 'secret', ref: secret, read: getter.getSecret, claim: 'service account secret ref claim' },
      { what: 'pod', ref: pod, read: getter.getPod, claim: 'service account pod ref claim' },
      // With a pod, the node only records where the pod ran.
      {
        what: 'node',
        ref: pod ? undefined : node,
        read: (_namespace: string, name: string) => getter.getNode(name),
        claim: 'service account node ref claim',
      },
    ];
    for (const { what, ref, read, claim } of bindings) {
      if (ref === undefined) continue;
      const object: KubeObject | undefined = await read(namespace, ref.name);
      if (isGone(object, now)) throw new AuthenticationError('service account token has been invalidated');
      if (object.metadata.uid !== ref.uid) throw mismatch(what, object.metadata.uid ?? '', ref.uid, claim);
    }

    const warnAfter = own['warnafter'];
    const isStale = typeof warnAfter === 'number' && warnAfter !== 0 && now > warnAfter * 1000;
    if (typeof warnAfter === 'number' && warnAfter !== 0) count(isStale ? 'stale' : 'valid');
    if (isStale) {
      const late = Math.floor(now / 1000) - Math.floor(warnAfter);
      const subject = stringClaim(claims, 'sub');
      recorder?.addAuditAnnotation(
        'authentication.k8s.io/stale-token',
        `subject: ${subject}, seconds after warning threshold: ${late}`,
      );
    }

    const jti = stringClaim(claims, 'jti');
    return {
      name: serviceAccountUsername(namespace, account.name),
      uid: account.uid,
      groups: serviceAccountGroups(namespace),
      extra: {
        ...(pod && { [POD_NAME_KEY]: [pod.name], [POD_UID_KEY]: [pod.uid] }),
        ...(jti !== '' && { [CREDENTIAL_ID_KEY]: [credentialIDForJTI(jti)] }),
        ...(node && { [NODE_NAME_KEY]: [node.name] }),
        ...(node?.uid && { [NODE_UID_KEY]: [node.uid] }),
      },
    };
  };
}
