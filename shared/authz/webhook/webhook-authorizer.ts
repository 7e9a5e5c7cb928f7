/** https://github.com/kubernetes/apiserver/blob/master/plugin/pkg/authorizer/webhook/webhook.go */

import { createHash } from 'node:crypto';
import type {
  ResourceAttributes,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../apis/authorization/v1/types.ts';
import type { CompiledExpression } from '../../cel/environment.ts';
import {
  type Backoff,
  type GenericWebhook,
  webhookBackoff,
  withBackoff,
} from '../../request/webhook/generic-webhook.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { ForeignFault } from '../../util/foreign-fault.ts';
import { isJSONObject } from '../../util/json.ts';
import type {
  AuthorizationResult,
  Authorizer,
  AuthorizerAttributes,
  Decision,
  RuleResolver,
  SelectorRequirement,
} from '../authorizer.ts';

/** Bytes of attributes that a caller can choose; the result of a longer review is not cached. */
const MAX_CACHED_ATTRIBUTES = 10_000;
const MAX_CACHED = 8192;

export interface WebhookAuthorizerOptions {
  readonly client: GenericWebhook;
  /** Of `authorization.k8s.io`. */
  readonly version: 'v1' | 'v1beta1';
  /** Milliseconds; 0: not cached. */
  readonly authorizedTTL: number;
  readonly unauthorizedTTL: number;
  /** The decision if the webhook fails or a condition can't be evaluated. */
  readonly decisionOnError: Exclude<Decision, 'Allow'>;
  /** The webhook is called only if all are true. */
  readonly matchConditions: readonly CompiledExpression[];
  readonly backoff?: Backoff | undefined;
  readonly now?: (() => number) | undefined;
}

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['=', 'In'],
  ['==', 'In'],
  ['in', 'In'],
  ['!=', 'NotIn'],
  ['notin', 'NotIn'],
  ['exists', 'Exists'],
  ['!', 'DoesNotExist'],
]);

/**
 * Operators without a name in the API (`gt`) are left out: the review then asks for broader access, never for narrower.
 */
function selectorAttributes(requirements: readonly SelectorRequirement[] | undefined) {
  const known = (requirements ?? []).flatMap(({ key, operator, values }) => {
    const name = OPERATORS.get(operator);
    if (name === undefined) return [];
    return [{ key, operator: name, ...(values.length > 0 && { values: [...values] }) }];
  });
  return known.length === 0 ? undefined : { requirements: known };
}

function resourceAttributes(attributes: AuthorizerAttributes): ResourceAttributes {
  const { namespace, verb, apiGroup: group, apiVersion: version, resource, subresource, name } = attributes;
  const texts = Object.entries({ namespace, verb, group, version, resource, subresource, name });
  const fieldSelector = selectorAttributes(attributes.fieldSelector);
  const labelSelector = selectorAttributes(attributes.labelSelector);
  return {
    ...Object.fromEntries(texts.filter(([, text]) => text !== '')),
    ...(fieldSelector && { fieldSelector }),
    ...(labelSelector && { labelSelector }),
  };
}

export function subjectAccessReviewSpec(attributes: AuthorizerAttributes): SubjectAccessReviewSpec {
  const { user, path, verb } = attributes;
  return {
    ...(attributes.isResourceRequest
      ? { resourceAttributes: resourceAttributes(attributes) }
      : { nonResourceAttributes: { path, verb } }),
    ...(user.name !== '' && { user: user.name }),
    ...(user.groups.length > 0 && { groups: [...user.groups] }),
    ...(Object.keys(user.extra).length > 0 && { extra: user.extra as Record<string, string[]> }),
    ...(user.uid !== '' && { uid: user.uid }),
  };
}

function statusOf(answer: unknown): SubjectAccessReviewStatus {
  const status = isJSONObject(answer) ? answer['status'] : undefined;
  if (!isJSONObject(status)) throw new ForeignFault('webhook subject access review returned no status');
  const { allowed, denied, reason } = status;
  return {
    allowed: allowed === true,
    denied: denied === true,
    reason: typeof reason === 'string' ? reason : '',
  };
}

function resultOf({ allowed, denied, reason = '' }: SubjectAccessReviewStatus): AuthorizationResult {
  if (allowed && denied) {
    const error = new ForeignFault('webhook subject access review returned both allow and deny response');
    return { decision: 'Deny', reason, error };
  }
  return { decision: denied ? 'Deny' : allowed ? 'Allow' : 'NoOpinion', reason };
}

/** Authorizes through a webhook, by SubjectAccessReview. */
export class WebhookAuthorizer implements Authorizer, RuleResolver {
  readonly #options: WebhookAuthorizerOptions;
  readonly #backoff: Backoff;
  readonly #answers: BoundedCache<string, SubjectAccessReviewStatus>;

  constructor(options: WebhookAuthorizerOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? webhookBackoff(500);
    this.#answers = new BoundedCache({ max: MAX_CACHED, ...(options.now && { now: options.now }) });
  }

  async authorize(attributes: AuthorizerAttributes): Promise<AuthorizationResult> {
    const spec = subjectAccessReviewSpec(attributes);
    try {
      if (!(await this.#matches(spec, attributes))) return { decision: 'NoOpinion', reason: '' };
      return resultOf(await this.#review(spec));
    } catch (error) {
      return { decision: this.#options.decisionOnError, reason: '', error: error as Error };
    }
  }

  async #matches(spec: SubjectAccessReviewSpec, { user }: AuthorizerAttributes): Promise<boolean> {
    const { matchConditions } = this.#options;
    if (matchConditions.length === 0) return true;
    const { matchesAll } = await import('./match-conditions.ts');
    return matchesAll(matchConditions, spec, user);
  }

  async #review(spec: SubjectAccessReviewSpec): Promise<SubjectAccessReviewStatus> {
    const { client, version, authorizedTTL, unauthorizedTTL } = this.#options;
    const text = JSON.stringify(spec);
    // Hashed, because the attributes may be long and thousands of entries are cached.
    const key = createHash('sha256').update(text).digest('base64');
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const review = {
      kind: 'SubjectAccessReview',
      apiVersion: `authorization.k8s.io/${version}`,
      metadata: {},
      spec: version === 'v1' ? spec : inV1beta1(spec),
      status: { allowed: false },
    };
    const status = statusOf(await withBackoff(this.#backoff, () => client.post(review)));
    const ttl = status.allowed ? authorizedTTL : unauthorizedTTL;
    if (ttl > 0 && text.length < MAX_CACHED_ATTRIBUTES) this.#answers.set(key, status, ttl);
    return status;
  }

  async rulesFor(): ReturnType<RuleResolver['rulesFor']> {
    return {
      resourceRules: [],
      nonResourceRules: [],
      incomplete: true,
      error: new Error('webhook authorizer does not support user rule resolution'),
    };
  }
}

/** v1beta1 names the field `group`. */
function inV1beta1({ groups, ...spec }: SubjectAccessReviewSpec): unknown {
  return { ...spec, ...(groups && { group: groups }) };
}
