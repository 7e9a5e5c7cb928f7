/** Lets the functions of a running gateway run in `sam local start-api`'s containers on the same data. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endpointOf } from '../../functions/adapter/api-gateway-event.ts';
import { shellWord } from '../local/shell-word.ts';
import { type Deployment, REGION } from './deployment.ts';
import { API_ID, DEFAULT_STAGE } from './proxy-event.ts';
import { type Relay, relay } from './relay.ts';

/** Host name by which containers of Docker Desktop reach this machine's loopback. */
const DESKTOP = 'host.docker.internal';

export interface SamLocalOptions {
  readonly deployment: Pick<Deployment, 'gateway' | 'tableName' | 'parameterStore'>;
  readonly dynamodbEndpoint: string;
  /** Folder that contains the deployment's `pki`, and receives the file of variables. */
  readonly folder: string;
  readonly tenant: string;
  /** The template's parameters, as given. */
  readonly parameters: Readonly<Record<string, string>>;
  /** This machine's address on the containers' network; absent: `DESKTOP`. */
  readonly containersAt?: string | undefined;
}

export interface SamLocal {
  /** Command to run beside the gateway, after `sam build`. */
  readonly command: string;
  close(): void;
}

/** Rejects if this machine has no such address. */
export async function samLocal(options: SamLocalOptions): Promise<SamLocal> {
  const { deployment, dynamodbEndpoint, folder, tenant, parameters, containersAt } = options;
  const relays: Relay[] = [];
  const reached = async (endpoint: string): Promise<string> => {
    if (containersAt === undefined) return endpoint.replace('127.0.0.1', DESKTOP);
    const made = await relay(endpoint, containersAt);
    relays.push(made);
    return made.url;
  };
  const Parameters = {
    ZEROPLANE_TABLE: deployment.tableName,
    ZEROPLANE_ARGUMENTS: [
      parameters['ServerArguments'] ?? '',
      `--service-account-issuer=${issuerOf(options)}`,
    ]
      .join(' ')
      .trim(),
    AWS_ENDPOINT_URL_DYNAMODB: await reached(dynamodbEndpoint),
    AWS_ENDPOINT_URL_SSM: await reached(deployment.parameterStore.endpoint),
  };
  const variables = join(folder, 'sam-local.json');
  // Private, since the parameter store's address grants access.
  writeFileSync(variables, `${JSON.stringify({ Parameters }, null, 2)}\n`, { mode: 0o600 });
  const words = [
    ['--env-vars', variables],
    // kubectl sends tokens only over TLS.
    ['--ssl-cert-file', join(folder, 'pki/apiserver.crt')],
    ['--ssl-key-file', join(folder, 'pki/apiserver.key')],
    ['--parameter-overrides', `Tenant=${tenant}`],
  ].flatMap(([flag = '', value = '']) => [flag, shellWord(value)]);
  return {
    command: ['sam local start-api', ...words].join(' '),
    close: () => {
      for (const each of relays) each.close();
    },
  };
}

/**
 * The token issuer of the gateway's functions: those in SAM's containers would derive a different one from their
 * address.
 */
function issuerOf({ deployment, parameters }: SamLocalOptions): string {
  const { DomainName } = parameters;
  if (DomainName) return `https://${DomainName}`;
  const { stage = DEFAULT_STAGE } = deployment.gateway.template;
  return endpointOf({ requestContext: { apiId: API_ID, stage } }, REGION)!;
}
