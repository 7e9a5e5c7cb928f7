/** `zeroplane kubeconfig`: the kubeconfig of a tenant on AWS, which the template stores in Parameter Store. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { connectParameterStore } from '../parameter-store.ts';
import { CREDENTIAL_PLUGINS } from './credential-plugins.ts';

export interface TenantKubeconfigOptions {
  readonly tenant: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** The program that creates tokens: this one, or the AWS CLI. */
  readonly credentialPlugin: string;
  readonly writeKubeconfig?: string | undefined;
}

interface ExecConfig {
  command: string;
  args: string[];
  env?: { name: string; value: string }[];
}

interface Kubeconfig {
  readonly users: readonly { readonly user: { readonly exec: ExecConfig } }[];
}

/** The value of `--flag` among the arguments of the AWS CLI. */
function argument(args: readonly string[], flag: string): string {
  const value = args[args.indexOf(flag) + 1];
  if (!args.includes(flag) || value === undefined) throw new Error(`the kubeconfig names no ${flag}`);
  return value;
}

/**
 * Changes the template's kubeconfig, which uses the AWS CLI, to another plugin or profile. `program`: argv of this one.
 */
export function withCredentialPlugin(
  text: string,
  { credentialPlugin, profile }: Pick<TenantKubeconfigOptions, 'credentialPlugin' | 'profile'>,
  program: readonly string[],
): string {
  const kubeconfig = parse(text) as Kubeconfig;
  for (const { user } of kubeconfig.users) {
    const { args } = user.exec;
    if (credentialPlugin === 'zeroplane') {
      const [command = '', ...rest] = program;
      const clusterID = argument(args, '--cluster-name');
      user.exec.args = [...rest, 'token', '--cluster-id', clusterID, '--region', argument(args, '--region')];
      user.exec.command = command;
    }
    if (profile) user.exec.env = [{ name: 'AWS_PROFILE', value: profile }];
  }
  return stringify(kubeconfig, { lineWidth: 0 });
}

async function readParameter({ tenant, region, profile }: TenantKubeconfigOptions): Promise<string> {
  const { sdk, client } = await connectParameterStore({ region, profile });
  const Name = `/zeroplane/${tenant}/kubeconfig`;
  try {
    const { Parameter } = await client.send(new sdk.GetParameterCommand({ Name }));
    return Parameter?.Value ?? '';
  } catch (error) {
    if (!(error instanceof sdk.ParameterNotFound)) throw error;
    const where = await client.config.region();
    throw new Error(
      `no tenant ${JSON.stringify(tenant)} is deployed in ${where}: there is no parameter ${Name}`,
    );
  }
}

/** Writes the file, and prints how to use it. Throws Error with the reason if it can't. */
export async function writeTenantKubeconfig(
  options: TenantKubeconfigOptions,
  program: readonly string[],
): Promise<string> {
  if (!CREDENTIAL_PLUGINS.includes(options.credentialPlugin)) {
    throw new Error(`--credential-plugin must be one of ${CREDENTIAL_PLUGINS.join(', ')}`);
  }
  const text = withCredentialPlugin(await readParameter(options), options, program);
  const path = resolve(options.writeKubeconfig ?? `.zeroplane/aws/${options.tenant}.kubeconfig`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
