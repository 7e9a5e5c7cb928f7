/** STS's AssumeRole, signed here where possible: the SDK would be a large part of the code of a fleet's cold start. */

import type { STSClient } from '@aws-sdk/client-sts';
import { callFailure } from '../../shared/storage/dynamodb/call-failure.ts';
import type { AWSCredentials } from '../../shared/util/aws-signature.ts';
import { SignedEndpoint } from '../../shared/util/signed-endpoint.ts';
import { serviceEndpoint } from './function-table.ts';
import { sdkBounds } from './sdk-bounds.ts';
import { tableCaller } from './table-place.ts';

export interface SessionCredentials extends AWSCredentials {
  readonly sessionToken: string;
  /** The credentials should be renewed some minutes before. */
  readonly expiration: Date;
}

export interface AssumedRole {
  readonly roleARN: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Rejects with an Error named after STS's error code. */
export type AssumeRole = (role: AssumedRole) => Promise<SessionCredentials>;

const TIMEOUT_MS = 3_000;
const ATTEMPTS = 4;
/** Milliseconds, doubled with each attempt. */
const BACKOFF_MS = 50;
const API_VERSION = '2011-06-15';
/** Of a role's session, in the order of `SessionCredentials`. */
const FIELDS = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'] as const;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** By signed requests if the endpoint and the function's credentials are known, otherwise by the SDK, loaded here. */
export async function openAssumeRole(environment: NodeJS.ProcessEnv): Promise<AssumeRole> {
  const { region = '', credentials } = tableCaller(environment);
  const endpoint = serviceEndpoint(environment, { name: 'sts', region });
  if (endpoint === undefined || region === '' || credentials === undefined) return await sdkAssumeRole();
  const sts = new SignedEndpoint({ endpoint, region, service: 'sts', timeoutMs: TIMEOUT_MS });
  return (role) => retrying(() => sts.correctingClock(() => assume(sts, credentials, role)));
}

async function assume(
  sts: SignedEndpoint,
  credentials: AWSCredentials,
  { roleARN, sessionName, durationSeconds, tags }: AssumedRole,
): Promise<SessionCredentials> {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: API_VERSION,
    RoleArn: roleARN,
    RoleSessionName: sessionName,
    DurationSeconds: String(durationSeconds),
  });
  for (const [index, [key, value]] of Object.entries(tags).entries()) {
    form.set(`Tags.member.${index + 1}.Key`, key);
    form.set(`Tags.member.${index + 1}.Value`, value);
  }
  const request = Buffer.from(form.toString());
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const { status, body } = await sts.exchange(sts.sign(headers, request, credentials), request);
  const code = element(body, 'Code') ?? 'UnknownError';
  if (status >= 300) throw callFailure(code, element(body, 'Message') ?? `status ${status}`, status);
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = FIELDS.map((name) => element(body, name));
  if (!accessKeyId || !secretAccessKey || !sessionToken || !expiration)
    throw callFailure('UnknownError', `no credentials for the role ${roleARN}`, status);
  return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiration) };
}

/** The text of the first element of this name. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity]!);
}

async function retrying<R>(call: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || !mayPass(error as Parameters<typeof mayPass>[0])) throw error;
    }
    const pause = BACKOFF_MS * 2 ** attempt * Math.random();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Whether another attempt may succeed: no response, a fault of STS's, or too many requests. */
function mayPass({
  name,
  $metadata,
}: Error & { readonly $metadata?: { readonly httpStatusCode?: number | undefined } }): boolean {
  const { httpStatusCode = 500 } = $metadata ?? {};
  return httpStatusCode >= 500 || httpStatusCode === 429 || name.startsWith('Throttling');
}

async function sdkAssumeRole(): Promise<AssumeRole> {
  const sdk = await import('@aws-sdk/client-sts');
  const sts: STSClient = new sdk.STSClient(sdkBounds(TIMEOUT_MS));
  return async ({ roleARN, sessionName, durationSeconds, tags }) => {
    const { Credentials } = await sts.send(
      new sdk.AssumeRoleCommand({
        RoleArn: roleARN,
        RoleSessionName: sessionName,
        DurationSeconds: durationSeconds,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    if (Credentials === undefined) throw new Error(`no credentials for the role ${roleARN}`);
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials;
    return {
      accessKeyId: AccessKeyId!,
      secretAccessKey: SecretAccessKey!,
      sessionToken: SessionToken!,
      expiration: Expiration!,
    };
  };
}
