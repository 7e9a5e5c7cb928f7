import { BoundedCache, cachedPromise } from '../../util/bounded-cache.ts';
import type { AuthenticatorResponse, TokenAuthenticator } from '../authenticator.ts';
import { SecretIndex } from '../secret-index.ts';
import { canonicalARN, identityKey } from './arn.ts';
import { type Caller, getCallerIdentity, type SendToSTS, stsSender } from './caller-identity.ts';
import type { AWSIAMConfiguration } from './configuration.ts';
import { IAMTokenError, type PresignedRequest, parseIAMToken } from './presigned-request.ts';
import { renderUsername } from './render-username.ts';

/** Milliseconds for which the identity of a token is cached: as long as upstream caches webhook responses. */
const CACHE_TTL = 120_000;
const MAX_CACHED = 4096;

export interface AWSIAMOptions {
  readonly configuration: AWSIAMConfiguration;
  readonly send?: SendToSTS;
  readonly now?: () => number;
}

/**
 * Authenticates AWS users and roles by a pre-signed request, which is sent to AWS for verification
 * (https://github.com/kubernetes-sigs/aws-iam-authenticator).
 */
export class AWSIAMAuthenticator implements TokenAuthenticator {
  readonly #configuration: AWSIAMConfiguration;
  readonly #send: SendToSTS;
  readonly #now: () => number;
  readonly #index = new SecretIndex();
  readonly #callers: BoundedCache<string, Promise<Caller>>;

  constructor({ configuration, send = stsSender(), now = Date.now }: AWSIAMOptions) {
    this.#configuration = configuration;
    this.#send = send;
    this.#now = now;
    this.#callers = new BoundedCache({ max: MAX_CACHED, now });
  }

  async authenticateToken(token: string): Promise<AuthenticatorResponse | undefined> {
    const request = parseIAMToken(token, this.#configuration, this.#now());
    if (request === undefined) return undefined;
    const caller = await this.#callerOf(token, request);
    const { identity, arn, principalID } = caller;
    const mapping = this.#configuration.mappings.get(identityKey(identity));
    if (mapping === undefined) throw new IAMTokenError(`ARN is not mapped: ${canonicalARN(identity)}`);
    const { accessKeyID } = request;
    const { account, session } = identity;
    const values = { AccountID: account, SessionName: session, AccessKeyID: accessKeyID };
    const name = renderUsername(mapping.username, values);
    if (name === undefined) throw new IAMTokenError('the mapping yields a name that no user may have');
    const extra = {
      arn,
      canonicalArn: canonicalARN(identity),
      principalId: principalID,
      accessKeyId: accessKeyID,
    };
    return {
      user: {
        name,
        uid: `aws-iam-authenticator:${account}:${principalID}`,
        groups: mapping.groups,
        extra: {
          ...Object.fromEntries(Object.entries(extra).map(([key, value]) => [key, [value]])),
          sessionName: session === '' ? [] : [session],
        },
      },
      audiences: [],
    };
  }

  #callerOf(token: string, request: PresignedRequest): Promise<Caller> {
    const ask = () => getCallerIdentity(request, this.#configuration.clusterID, this.#send);
    return cachedPromise(this.#callers, this.#index.keyOf(token), ask, CACHE_TTL);
  }
}
