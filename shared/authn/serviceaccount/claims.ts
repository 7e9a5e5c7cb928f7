/** https://github.com/kubernetes/kubernetes/blob/master/pkg/serviceaccount/claims.go */

import { randomUUID } from 'node:crypto';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import { serviceAccountUsername } from '../../request/service-account-user.ts';

/** Reference to an object by name and UID. */
interface ObjectRef {
  readonly name: string;
  readonly uid?: string | undefined;
}

/**
 * Seconds that the kubelet requests for tokens it injects; such tokens live longer, and their use after this time is
 * reported.
 */
export const WARN_ONLY_BOUND_TOKEN_EXPIRATION_SECONDS = 60 * 60 + 7;
export const EXPIRATION_EXTENSION_SECONDS = 24 * 365 * 60 * 60;

/** Times are seconds since the epoch. */
export interface BoundClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly iss?: string;
  readonly jti: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly node?: ObjectRef;
    readonly pod?: ObjectRef;
    readonly secret?: ObjectRef;
    readonly serviceaccount: ObjectRef;
    readonly warnafter?: number;
  };
  readonly nbf: number;
  readonly sub: string;
}

interface Named {
  readonly metadata: ObjectMeta;
}

export interface BoundClaimsOptions {
  readonly serviceAccount: Named;
  readonly pod?: Named | undefined;
  /** With a pod: the node it runs on. Alone: the object that the token is bound to. */
  readonly node?: Named | undefined;
  readonly secret?: Named | undefined;
  readonly expirationSeconds: number;
  /** 0: never warn. */
  readonly warnAfterSeconds: number;
  readonly audiences: readonly string[];
  /** Seconds since the epoch. */
  readonly now: number;
}

const refOf = ({ metadata: { name = '', uid } }: Named): ObjectRef => ({ name, ...(uid && { uid }) });

/** The claims of a token issued by a TokenRequest. */
export function boundClaims(options: BoundClaimsOptions): BoundClaims {
  const { serviceAccount, pod, node, secret, now, warnAfterSeconds } = options;
  const { namespace = '', name = '' } = serviceAccount.metadata;
  return {
    aud: options.audiences,
    exp: now + options.expirationSeconds,
    iat: now,
    jti: randomUUID(),
    'kubernetes.io': {
      namespace,
      ...(node && { node: refOf(node) }),
      ...(pod && { pod: refOf(pod) }),
      ...(secret && { secret: refOf(secret) }),
      serviceaccount: refOf(serviceAccount),
      ...(warnAfterSeconds !== 0 && { warnafter: now + warnAfterSeconds }),
    },
    nbf: now,
    sub: serviceAccountUsername(namespace, name),
  };
}

export const LEGACY_ISSUER = 'kubernetes/serviceaccount';

export const LEGACY_CLAIM = {
  namespace: 'kubernetes.io/serviceaccount/namespace',
  secretName: 'kubernetes.io/serviceaccount/secret.name',
  serviceAccountName: 'kubernetes.io/serviceaccount/service-account.name',
  serviceAccountUID: 'kubernetes.io/serviceaccount/service-account.uid',
} as const;

/** The claims of a token in a Secret of type `kubernetes.io/service-account-token`; it never expires. */
export function legacyClaims(serviceAccount: Named, secretName: string): Record<string, string> {
  const { namespace = '', name = '', uid = '' } = serviceAccount.metadata;
  return {
    [LEGACY_CLAIM.namespace]: namespace,
    [LEGACY_CLAIM.secretName]: secretName,
    [LEGACY_CLAIM.serviceAccountName]: name,
    [LEGACY_CLAIM.serviceAccountUID]: uid,
    sub: serviceAccountUsername(namespace, name),
  };
}
