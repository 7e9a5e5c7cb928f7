/**
 * `zeroplane token`: kubectl's exec credential plugin
 * (https://kubernetes.io/docs/reference/config-api/client-authentication.v1/).
 */

import { connectParameterStore } from '../parameter-store.ts';
import { type IAMToken, signIAMToken } from './iam-token.ts';

export interface TokenOptions {
  readonly clusterId: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

/** In the version that the client requests (`KUBERNETES_EXEC_INFO`). */
export function execCredential({ token, expiresAt }: IAMToken, execInfo: string | undefined): object {
  let apiVersion = V1BETA1;
  try {
    apiVersion = (JSON.parse(execInfo ?? '{}') as { apiVersion?: string }).apiVersion ?? V1BETA1;
  } catch {
    // Without a client, the version that all clients support.
  }
  const expirationTimestamp = new Date(expiresAt).toISOString().replace(/\.\d{3}/, '');
  return { kind: 'ExecCredential', apiVersion, spec: {}, status: { expirationTimestamp, token } };
}

/** Prints a token for the identity of the environment, the profile or the machine. */
export async function printToken({ clusterId: clusterID, region, profile }: TokenOptions): Promise<void> {
  const { client } = await connectParameterStore({ region, profile });
  const [credentials, signingRegion] = await Promise.all([
    client.config.credentials(),
    client.config.region(),
  ]);
  const token = signIAMToken({ clusterID, region: signingRegion, credentials });
  console.log(JSON.stringify(execCredential(token, process.env['KUBERNETES_EXEC_INFO'])));
}
