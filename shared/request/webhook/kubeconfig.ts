/** Parses the kubeconfig files that configure the server's webhooks. */

import {
  ANY,
  BOOLEAN,
  ConfigFileError,
  type ConfigKind,
  decodeConfigFile,
  listOf,
  STRING,
  structOf,
} from '../../runtime/config-file.ts';

/** Address and credentials of a webhook. Certificates and keys are PEM. */
export interface WebhookConnection {
  /** Includes the path. */
  readonly url: string;
  readonly ca?: string | undefined;
  readonly serverName?: string | undefined;
  readonly insecureSkipTLSVerify?: boolean | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  readonly basic?: { readonly username: string; readonly password: string } | undefined;
}

/** Reads a file referenced by the kubeconfig; paths are relative to it. */
export type ReadFile = (path: string) => string;

export interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: Cluster }[];
  readonly users?: readonly { readonly name?: string; readonly user?: User }[];
  readonly contexts?: readonly {
    readonly name?: string;
    readonly context?: { readonly cluster?: string; readonly user?: string };
  }[];
}

interface Cluster {
  readonly server?: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
}

interface User {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
}

const strings = (...names: string[]) => Object.fromEntries(names.map((name) => [name, STRING]));

const CLUSTER = structOf('Cluster', {
  ...strings('server', 'tls-server-name', 'certificate-authority', 'certificate-authority-data', 'proxy-url'),
  'insecure-skip-tls-verify': BOOLEAN,
  'disable-compression': BOOLEAN,
  extensions: ANY,
});
const USER = structOf('AuthInfo', {
  ...strings('client-certificate', 'client-certificate-data', 'client-key', 'client-key-data'),
  ...strings('token', 'tokenFile', 'username', 'password'),
  extensions: ANY,
});
const CONTEXT = structOf('Context', { ...strings('cluster', 'user', 'namespace'), extensions: ANY });

const KUBECONFIG: ConfigKind = {
  group: '',
  versions: ['v1'],
  kind: 'Config',
  isImplied: true,
  fields: {
    preferences: ANY,
    extensions: ANY,
    'current-context': STRING,
    clusters: listOf(structOf('NamedCluster', { name: STRING, cluster: CLUSTER })),
    users: listOf(structOf('NamedAuthInfo', { name: STRING, user: USER })),
    contexts: listOf(structOf('NamedContext', { name: STRING, context: CONTEXT })),
  },
};

function named<T extends { readonly name?: string }>(
  list: readonly T[] | undefined,
  name: string,
  what: string,
): T {
  const found = list?.find((one) => one.name === name);
  if (found === undefined) throw new ConfigFileError(`${what} ${JSON.stringify(name)} does not exist`);
  return found;
}

/** Reads the current context of a kubeconfig file. Throws `ConfigFileError`. */
export async function parseKubeconfig(text: string, readFile: ReadFile): Promise<WebhookConnection> {
  const { config } = await decodeConfigFile<Kubeconfig>(text, KUBECONFIG);
  return webhookConnection(config, readFile);
}

/** The connection of the current context. Throws `ConfigFileError`. */
export function webhookConnection(config: Kubeconfig, readFile: ReadFile): WebhookConnection {
  const current = config['current-context'] ?? '';
  if (current === '') throw new ConfigFileError('current-context is not set');
  const { context } = named(config.contexts, current, 'context');
  const cluster = named(config.clusters, context?.cluster ?? '', 'cluster').cluster ?? {};
  const user: User = context?.user ? (named(config.users, context.user, 'auth info').user ?? {}) : {};
  const pem = (data: string | undefined, path: string | undefined): string | undefined =>
    data ? Buffer.from(data, 'base64').toString() : path ? readFile(path) : undefined;
  if (!cluster.server || !URL.canParse(cluster.server)) {
    // The URL is left out: it may contain a password.
    throw new ConfigFileError(`the server of cluster ${JSON.stringify(context?.cluster ?? '')} is no URL`);
  }
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority']);
  if (ca && cluster['insecure-skip-tls-verify']) {
    throw new ConfigFileError('specifying a root certificates file with the insecure flag is not allowed');
  }
  const { username = '', password = '' } = user;
  return {
    url: cluster.server,
    ca,
    serverName: cluster['tls-server-name'] || undefined,
    insecureSkipTLSVerify: cluster['insecure-skip-tls-verify'],
    certificate: pem(user['client-certificate-data'], user['client-certificate']),
    key: pem(user['client-key-data'], user['client-key']),
    token: user.token || (user.tokenFile ? readFile(user.tokenFile).trim() : undefined),
    basic: username ? { username, password } : undefined,
  };
}
