/** Authorizers from options (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/authorization.go). */

import {
  type AuthorizerConfiguration,
  type Authorizers,
  newAuthorizers,
} from '../authz/authorizer-config.ts';
import type { AuthorizerEntry, ValidatedWebhook } from '../authz/configuration.ts';
import { nodeListers } from '../authz/node/listers.ts';
import { rbacRuleResolver } from '../authz/rbac/listers.ts';
import { GenericWebhook } from '../request/webhook/generic-webhook.ts';
import type { WebhookConnection } from '../request/webhook/kubeconfig.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { CompletedOptions } from './completed-options.ts';
import type { ConfigFiles } from './config-files.ts';

/** Milliseconds. */
const WEBHOOK_TIMEOUT = 30_000;

/** The modes, in the order in which they are asked. */
export function authorizationModes(
  { authorizationMode }: CompletedOptions,
  { authorizationConfig }: ConfigFiles,
): readonly string[] {
  return authorizationConfig?.map(({ type }) => type) ?? authorizationMode;
}

/** The authorizers of `--authorization-config`, or of `--authorization-mode`. */
export function buildAuthorizers(
  options: CompletedOptions,
  files: ConfigFiles,
  resources: ResourceAccess,
): Authorizers {
  const entries =
    files.authorizationConfig ??
    options.authorizationMode.map((type) => ({
      type,
      name: type.toLowerCase(),
      ...(type === 'Webhook' && webhookOfFlags(options, files)),
    }));
  return newAuthorizers(entries.map((entry) => configurationOf(entry, files, resources)));
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

function configurationOf(
  { type, webhook, connection }: AuthorizerEntry & { readonly connection?: WebhookConnection | undefined },
  { authorizationPolicyFile: policies }: ConfigFiles,
  resources: ResourceAccess,
): AuthorizerConfiguration {
  switch (type) {
    case 'AlwaysAllow':
    case 'AlwaysDeny':
      return { type };
    case 'ABAC':
      return { type, policies: given(policies, type) };
    case 'Node':
      return { type, listers: nodeListers(resources) };
    case 'RBAC':
      return { type, resolver: rbacRuleResolver(resources) };
    case 'Webhook': {
      const { timeout, failurePolicy, ...settings } = given(webhook, type);
      const client = new GenericWebhook(given(connection, type), timeout);
      return { type, options: { ...settings, client, decisionOnError: failurePolicy } };
    }
    default:
      throw new Error(`unknown authorization mode ${type} specified`);
  }
}

function given<T>(value: T | undefined, mode: string): T {
  if (value === undefined) throw new Error(`authorization mode ${mode} has no configuration`);
  return value;
}
