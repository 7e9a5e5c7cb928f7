/** `--authorization-config` (https://github.com/kubernetes/apiserver/blob/master/pkg/apis/apiserver/v1/types.go). */

import type { CompiledExpression } from '../cel/environment.ts';
import { ConfigFieldsError } from '../meta/config-fields-error.ts';
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import { isDNS1123Subdomain } from '../meta/validation/names.ts';
import { ConfigFileError, decodeConfigFile } from '../runtime/config-file.ts';
import { aggregateMessages } from '../runtime/go-format.ts';
import { appendAll } from '../util/append-all.ts';
import { parseDuration } from '../util/duration.ts';
import { AUTHORIZATION_CONFIGURATION } from './configuration-kind.ts';
import { compileMatchCondition } from './webhook/match-conditions.ts';

interface WebhookConfiguration {
  readonly authorizedTTL?: string;
  readonly cacheAuthorizedRequests?: boolean;
  readonly unauthorizedTTL?: string;
  readonly cacheUnauthorizedRequests?: boolean;
  readonly timeout?: string;
  readonly subjectAccessReviewVersion?: string;
  readonly matchConditionSubjectAccessReviewVersion?: string;
  readonly failurePolicy?: string;
  readonly connectionInfo?: { readonly type?: string; readonly kubeConfigFile?: string };
  readonly matchConditions?: readonly { readonly expression?: string }[];
}

/** An authorizer of the chain, as configured; `webhook` is set for type Webhook only. */
export interface AuthorizerEntry {
  readonly type: string;
  readonly name: string;
  readonly webhook?: ValidatedWebhook | undefined;
}

/** Times in milliseconds; 0: not cached. */
export interface ValidatedWebhook {
  readonly authorizedTTL: number;
  readonly unauthorizedTTL: number;
  readonly timeout: number;
  readonly version: 'v1' | 'v1beta1';
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  readonly kubeConfigFile: string;
  readonly matchConditions: readonly CompiledExpression[];
}

const AUTHORIZATION_MODES = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];
const MAX_MATCH_CONDITIONS = 64;

interface Written {
  readonly authorizers?: readonly {
    readonly type?: string;
    readonly name?: string;
    readonly webhook?: WebhookConfiguration;
  }[];
}

/** Collects errors while parsing. */
class WebhookValidation {
  readonly errors: FieldError[] = [];
  readonly #path: FieldPath;

  constructor(path: FieldPath) {
    this.#path = path;
  }

  duration(
    field: 'authorizedTTL' | 'unauthorizedTTL' | 'timeout',
    text: string | undefined,
    max?: number,
  ): number {
    const path = this.#path.child(field);
    const milliseconds = text ? parseDuration(text) : 0;
    if (milliseconds === undefined) this.errors.push(invalid(path, text, 'is not a duration'));
    else if (milliseconds === 0) this.errors.push(required(path, ''));
    else if (milliseconds < 0 || (max !== undefined && milliseconds > max)) {
      this.errors.push(invalid(path, text, max === undefined ? 'must be > 0s' : 'must be > 0s and <= 30s'));
    }
    return milliseconds ?? 0;
  }

  oneOf<T extends string>(field: string, text: string | undefined, allowed: readonly T[]): T {
    const path = this.#path.child(field);
    if (!text) this.errors.push(required(path, ''));
    else if (!allowed.includes(text as T)) this.errors.push(notSupported(path, text, allowed));
    return text as T;
  }

  kubeConfigFile({ type, kubeConfigFile = '' }: NonNullable<WebhookConfiguration['connectionInfo']>): string {
    const path = this.#path.child('connectionInfo');
    const types = ['InClusterConfig', 'KubeConfigFile'];
    if (!type) this.errors.push(required(path.child('type'), ''));
    else if (!types.includes(type)) this.errors.push(notSupported(path.child('type'), type, types));
    else if (type === 'InClusterConfig') {
      const detail = 'is not supported: this server runs in no cluster';
      this.errors.push(invalid(path.child('type'), type, detail));
    } else if (kubeConfigFile === '') this.errors.push(required(path.child('kubeConfigFile'), ''));
    else if (!kubeConfigFile.startsWith('/')) {
      this.errors.push(invalid(path.child('kubeConfigFile'), kubeConfigFile, 'must be an absolute path'));
    }
    return kubeConfigFile;
  }

  matchConditions(conditions: NonNullable<WebhookConfiguration['matchConditions']>): CompiledExpression[] {
    const root = this.#path.child('matchConditions');
    if (conditions.length > MAX_MATCH_CONDITIONS) {
      this.errors.push(tooMany(root, conditions.length, MAX_MATCH_CONDITIONS));
      return [];
    }
    return conditions.flatMap(({ expression = '' }, index) => {
      const path = root.index(index).child('expression');
      if (expression.trim() === '') {
        this.errors.push(required(path, ''));
        return [];
      }
      if (conditions.findIndex((other) => other.expression === expression) < index) {
        this.errors.push(duplicate(path, expression));
        return [];
      }
      try {
        return [compileMatchCondition(expression)];
      } catch (error) {
        this.errors.push(invalid(path, expression, (error as Error).message));
        return [];
      }
    });
  }
}

function validateWebhook(
  webhook: WebhookConfiguration,
  path: FieldPath,
): { webhook: ValidatedWebhook; errors: FieldError[] } {
  const validation = new WebhookValidation(path);
  const { matchConditions = [], matchConditionSubjectAccessReviewVersion: conditionVersion = '' } = webhook;
  const timeout = validation.duration('timeout', webhook.timeout, 30_000);
  const authorizedTTL = validation.duration('authorizedTTL', webhook.authorizedTTL);
  const unauthorizedTTL = validation.duration('unauthorizedTTL', webhook.unauthorizedTTL);
  const version = validation.oneOf('subjectAccessReviewVersion', webhook.subjectAccessReviewVersion, [
    'v1',
    'v1beta1',
  ]);
  const at = path.child('matchConditionSubjectAccessReviewVersion');
  if (conditionVersion === '' && matchConditions.length > 0) {
    validation.errors.push(required(at, 'required if match conditions are specified'));
  } else if (conditionVersion !== '' && conditionVersion !== 'v1') {
    validation.errors.push(notSupported(at, conditionVersion, ['v1']));
  }
  const failurePolicy = validation.oneOf('failurePolicy', webhook.failurePolicy, ['NoOpinion', 'Deny']);
  const kubeConfigFile = validation.kubeConfigFile(webhook.connectionInfo ?? {});
  const validated: ValidatedWebhook = {
    authorizedTTL: webhook.cacheAuthorizedRequests === false ? 0 : authorizedTTL,
    unauthorizedTTL: webhook.cacheUnauthorizedRequests === false ? 0 : unauthorizedTTL,
    timeout,
    version,
    failurePolicy,
    kubeConfigFile,
    matchConditions: validation.matchConditions(matchConditions),
  };
  return { webhook: validated, errors: validation.errors };
}

/** Parses the configuration into the chain, in order. Rejects with a `ConfigFileError` that lists all errors. */
export async function parseAuthorizationConfiguration(text: string): Promise<readonly AuthorizerEntry[]> {
  const { config } = await decodeConfigFile<Written>(text, AUTHORIZATION_CONFIGURATION);
  const { authorizers = [] } = config;
  const root = FieldPath.of('authorizers');
  const errors: FieldError[] = [];
  if (authorizers.length === 0)
    errors.push(required(root, 'at least one authorization mode must be defined'));
  const entries = authorizers.map(({ type = '', name = '', webhook }, index): AuthorizerEntry => {
    const path = root.index(index);
    const isFirst = (field: 'type' | 'name', value: string) =>
      authorizers.findIndex((other) => other[field] === value) === index;
    const entry = { type, name };
    if (type === '') errors.push(required(path.child('type'), ''));
    else if (!AUTHORIZATION_MODES.includes(type)) {
      errors.push(notSupported(path.child('type'), type, AUTHORIZATION_MODES));
    } else if (type !== 'Webhook' && !isFirst('type', type)) errors.push(duplicate(path.child('type'), type));
    else {
      const problems = name === '' ? [] : isDNS1123Subdomain(name);
      if (name === '') errors.push(required(path.child('name'), ''));
      else if (!isFirst('name', name)) errors.push(duplicate(path.child('name'), name));
      else if (problems.length > 0) {
        errors.push(invalid(path.child('name'), name, `authorizer name is invalid: ${problems.join(', ')}`));
      }
      if (type !== 'Webhook') {
        if (webhook) {
          errors.push(invalid(path.child('webhook'), 'non-null', 'may only be specified when type=Webhook'));
        }
        return entry;
      }
      if (!webhook) {
        errors.push(required(path.child('webhook'), 'required when type=Webhook'));
        return entry;
      }
      const validated = validateWebhook(webhook, path);
      appendAll(errors, validated.errors);
      return { ...entry, webhook: validated.webhook };
    }
    return entry;
  });
  if (errors.length > 0) throw new ConfigFieldsError(errors);
  const misnamed = entries.filter(({ type, name }) => type !== 'Webhook' && name !== type.toLowerCase());
  if (misnamed.length > 0) {
    const messages = misnamed.map(
      ({ type, name }) => `expected name ${type.toLowerCase()} for authorizer ${type} instead of ${name}`,
    );
    throw new ConfigFileError(aggregateMessages(messages));
  }
  return entries;
}
