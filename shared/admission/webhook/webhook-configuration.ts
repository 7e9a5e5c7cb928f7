/**
 * The webhook plugins' section of the admission configuration
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/config/kubeconfig.go).
 */

import { dirname, resolve } from 'node:path';
import type { WebhookClientOptions, WebhookCredentials } from '../../rest/webhook-client.ts';
import { notRegistered } from '../../runtime/scheme.ts';
import { isJSONObject } from '../../util/json.ts';
import type { ReadFile } from '../../util/read-file.ts';
import type { AdmissionDependencies } from '../admission.ts';

const KINDS = new Set(['WebhookAdmission', 'WebhookAdmissionConfiguration']);
const VERSIONS = new Set(['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1alpha1']);

type Users = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Client credentials for webhooks, from the kubeconfig file that the configuration names, if any. */
export function webhookCredentials({
  configuration,
  readFile,
  parseYAML,
}: Pick<
  AdmissionDependencies,
  'configuration' | 'readFile' | 'parseYAML'
>): WebhookClientOptions['credentials'] {
  if (configuration === undefined) return undefined;
  if (!isJSONObject(configuration)) throw new Error('webhook admission configuration: expected an object');
  const { apiVersion, kind, kubeConfigFile, staticManifestsDir: _, ...rest } = configuration;
  if (
    typeof kind !== 'string' ||
    !KINDS.has(kind) ||
    typeof apiVersion !== 'string' ||
    !VERSIONS.has(apiVersion)
  ) {
    throw new Error(notRegistered(String(kind), String(apiVersion)));
  }
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`strict decoding error: unknown field "${unknown}"`);
  if (typeof kubeConfigFile !== 'string' || kubeConfigFile === '') return undefined;
  const users = readUsers(parseYAML(readFile(kubeConfigFile)));
  const cache = new Map<string, WebhookCredentials | undefined>();
  return (host) => {
    if (!cache.has(host)) {
      const user = findUser(users, host);
      const readBeside = (file: string) => readFile(resolve(dirname(kubeConfigFile), file));
      cache.set(host, user && credentialsOf(user, readBeside));
    }
    return cache.get(host);
  };
}

function readUsers(kubeconfig: unknown): Users {
  const users = isJSONObject(kubeconfig) ? kubeconfig['users'] : undefined;
  const named = (Array.isArray(users) ? users : []).filter(isJSONObject);
  const entries = named.map(({ name, user }) => [String(name), isJSONObject(user) ? user : {}] as const);
  return new Map(entries);
}

/** Users are named after hosts: host and port, `*.` and a parent domain, the host alone, or `*`. */
function findUser(users: Users, host: string): Readonly<Record<string, unknown>> | undefined {
  const name = host.replace(/:443$/, '');
  const names = [host, ...domainsOf(host), ...(name === host ? [] : [name, ...domainsOf(name)]), '*'];
  const found = names.find((candidate) => users.has(candidate));
  return found === undefined ? undefined : users.get(found);
}

function domainsOf(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
}

function credentialsOf(user: Readonly<Record<string, unknown>>, readFile: ReadFile): WebhookCredentials {
  const text = (field: string): string | undefined => {
    const value = user[field];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const file = (field: string): string | undefined => {
    const path = text(field);
    return path && readFile(path);
  };
  const pem = (field: string): string | undefined => {
    const data = text(`${field}-data`);
    return data ? Buffer.from(data, 'base64').toString() : file(field);
  };
  const token = text('token') ?? file('tokenFile')?.trim();
  const username = text('username');
  const basic = username && Buffer.from(`${username}:${text('password') ?? ''}`).toString('base64');
  return {
    certificate: pem('client-certificate'),
    key: pem('client-key'),
    authorization: token ? `Bearer ${token}` : basic && `Basic ${basic}`,
  };
}
