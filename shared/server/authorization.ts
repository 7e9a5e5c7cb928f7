/**
 * Builds authorizers from options
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/authorization.go).
 */

import {
  type AuthorizerConfiguration,
  type Authorizers,
  newAuthorizers,
} from '../authz/authorizer-config.ts';
import type { ValidatedWebhook } from '../authz/configuration.ts';
import { DynamicAuthorizer } from '../authz/dynamic-authorizer.ts';
import { nodeListers } from '../authz/node/listers.ts';
import { rbacRuleResolver } from '../authz/rbac/listers.ts';
import type { AccessMetrics } from '../endpoints/metrics/access-metrics.ts';
import { GenericWebhook } from '../request/webhook/generic-webhook.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import {
  type ConfigFiles,
  type ConfiguredAuthorizer,
  type FileParts,
  reloadedFile,
} from './options/config-files.ts';
import { featureEnabled } from './options/feature-gates.ts';

/** Modes whose dependencies are created at startup only. */
const STATEFUL_MODES: ReadonlySet<string> = new Set(['ABAC', 'Node', 'RBAC']);
/** Milliseconds. */
const WEBHOOK_TIMEOUT = 30_000;

/** The modes in the order in which they are consulted. */
export function authorizationModes(
  { authorizationMode }: CompletedOptions,
  { authorizationConfig }: ConfigFiles,
): readonly string[] {
  return authorizationConfig?.map(({ type }) => type) ?? authorizationMode;
}

interface AuthorizationParts extends FileParts {
  /** Restricts the addresses of webhooks. */
  readonly addresses: AddressGuard;
  readonly metrics: { readonly access: AccessMetrics };
}

/** Authorizers from the current `--authorization-config`, or from `--authorization-mode`. */
export function buildAuthorizers(
  options: CompletedOptions,
  parts: AuthorizationParts,
  resources: ResourceAccess,
): Authorizers {
  const { files, logger, metrics, addresses } = parts;
  const authorizersOf = (entries: readonly ConfiguredAuthorizer[]) =>
    newAuthorizers(
      entries.map((entry) => configurationOf(entry, options, { files, logger, resources, addresses })),
      (decided) => metrics.access.decided(decided),
    );
  const configured = files.authorizationConfig;
  if (configured === undefined) return authorizersOf(entriesOfFlags(options, files));
  const file = reloadedFile('authorizationConfig', options, parts, {
    value: authorizersOf(configured),
    make(entries) {
      mustHaveModesOf(configured, entries);
      return authorizersOf(entries);
    },
  });
  const authorizer = new DynamicAuthorizer(() => file.current());
  return { authorizer, ruleResolver: authorizer };
}

/** A reload may only add and remove webhooks. Throws Error. */
function mustHaveModesOf(
  initial: readonly ConfiguredAuthorizer[],
  entries: readonly ConfiguredAuthorizer[],
): void {
  const modesOf = (list: readonly ConfiguredAuthorizer[]) =>
    list.map(({ type }) => type).filter((type) => type !== 'Webhook');
  const [before, now] = [modesOf(initial), modesOf(entries)];
  const missing = before.filter((type) => !now.includes(type)).sort();
  if (missing.length > 0) throw new Error(`missing required types: [${missing.join(' ')}]`);
  const added = now.find((type) => STATEFUL_MODES.has(type) && !before.includes(type));
  if (added !== undefined) {
    throw new Error(
      `authorizer type ${added} is not allowed if it was not enabled at initial server startup`,
    );
  }
}

function entriesOfFlags(options: CompletedOptions, files: ConfigFiles): ConfiguredAuthorizer[] {
  return options.authorizationMode.map((type) => ({
    type,
    name: type.toLowerCase(),
    ...(type === 'Webhook' && webhookOfFlags(options, files)),
  }));
}

function webhookOfFlags(
  options: CompletedOptions,
  { authorizationWebhookConfigFile: connection }: ConfigFiles,
) {
  const webhook: ValidatedWebhook = {
    authorizedTTL: options.authorizationWebhookCacheAuthorizedTTLSeconds * 1000,
    unauthorizedTTL: options.authorizationWebhookCacheUnauthorizedTTLSeconds * 1000,
    timeout: WEBHOOK_TIMEOUT,
    version: options.authorizationWebhookVersion as 'v1' | 'v1beta1',
    failurePolicy: 'NoOpinion',
    kubeConfigFile: options.authorizationWebhookConfigFile,
    matchConditions: [],
  };
  return { webhook, connection };
}

interface AuthorizerParts extends Pick<AuthorizationParts, 'files' | 'logger' | 'addresses'> {
  readonly resources: ResourceAccess;
}

function configurationOf(
  { type, name, webhook, connection }: ConfiguredAuthorizer,
  options: CompletedOptions,
  { files: { authorizationPolicyFile: policies }, logger, resources, addresses }: AuthorizerParts,
): AuthorizerConfiguration {
  switch (type) {
    case 'AlwaysAllow':
    case 'AlwaysDeny':
      return { type, name };
    case 'ABAC':
      return { type, name, policies: given(policies, type) };
    case 'Node':
      return {
        type,
        name,
        listers: nodeListers(resources),
        enabled: (gate) => featureEnabled(options, gate),
      };
    case 'RBAC':
      return { type, name, resolver: rbacRuleResolver(resources) };
    case 'Webhook': {
      const { timeout, failurePolicy, ...settings } = given(webhook, type);
      const client = new GenericWebhook(given(connection, type), { timeoutMs: timeout, logger, addresses });
      return { type, name, options: { ...settings, client, decisionOnError: failurePolicy } };
    }
    default:
      throw new Error(`unknown authorization mode ${type} specified`);
  }
}

function given<T>(value: T | undefined, mode: string): T {
  if (value === undefined) throw new Error(`authorization mode ${mode} has no configuration`);
  return value;
}
