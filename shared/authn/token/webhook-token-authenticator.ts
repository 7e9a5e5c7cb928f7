/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/authenticator/token/webhook/webhook.go */

import {
  type Backoff,
  type GenericWebhook,
  webhookBackoff,
  withBackoff,
} from '../../request/webhook/generic-webhook.ts';
import { isJSONObject, type JSONObject } from '../../util/json.ts';
import { intersectAudiences } from '../audiences.ts';
import type { AuthenticatorResponse, TokenAuthenticator } from '../authenticator.ts';

export interface WebhookTokenOptions {
  readonly client: GenericWebhook;
  /** Of `authentication.k8s.io`. */
  readonly version: 'v1' | 'v1beta1';
  /** The audiences of tokens for which the webhook returns none. */
  readonly apiAudiences: readonly string[];
  readonly backoff?: Backoff | undefined;
}

class BadReview extends Error {
  constructor() {
    super('the webhook token authenticator returned a review without a user');
  }
}

function stringsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw new BadReview();
  return value;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new BadReview();
  return value;
}

function objectOf(value: unknown): JSONObject {
  if (value === undefined || value === null) return {};
  if (!isJSONObject(value)) throw new BadReview();
  return value;
}

function responseOf(status: JSONObject, audiences: readonly string[]): AuthenticatorResponse {
  const { username, uid, groups, extra } = objectOf(status['user']);
  return {
    user: {
      name: textOf(username),
      uid: textOf(uid),
      groups: stringsOf(groups),
      extra: Object.fromEntries(
        Object.entries(objectOf(extra)).map(([key, values]) => [key, stringsOf(values)]),
      ),
    },
    audiences,
  };
}

/** Authenticates through a webhook, by TokenReview. */
export class WebhookTokenAuthenticator implements TokenAuthenticator {
  readonly #options: WebhookTokenOptions;
  readonly #backoff: Backoff;

  constructor(options: WebhookTokenOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? webhookBackoff(500);
  }

  async authenticateToken(
    token: string,
    wanted: readonly string[],
  ): Promise<AuthenticatorResponse | undefined> {
    const { client, version, apiAudiences } = this.#options;
    const review = {
      kind: 'TokenReview',
      apiVersion: `authentication.k8s.io/${version}`,
      metadata: {},
      spec: { token, ...(wanted.length > 0 && { audiences: wanted }) },
      status: { user: {} },
    };
    const answer = await withBackoff(this.#backoff, () => client.post(review));
    const status = isJSONObject(answer) ? answer['status'] : undefined;
    if (!isJSONObject(status)) throw new BadReview();
    let audiences: readonly string[] = [];
    if (wanted.length > 0) {
      const answered = stringsOf(status['audiences']);
      audiences = intersectAudiences(answered.length > 0 ? answered : apiAudiences, wanted);
      if (audiences.length === 0) return undefined;
    }
    if (status['authenticated'] === true) return responseOf(status, audiences);
    const error = textOf(status['error']);
    if (error !== '') throw new Error(error);
    return undefined;
  }
}
