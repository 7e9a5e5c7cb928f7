/**
 * Credentials that can touch nothing but one tenant: a session of the fleet's tenant role, tagged with the tenant's id.
 * The role's policy compares that tag with what a key begins with, so that code which mixes tenants up is refused.
 */

import type { STSClient } from '@aws-sdk/client-sts';
import { sdkBounds } from './sdk-bounds.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** The SDK asks for others some minutes before. */
  readonly expiration: Date;
}

/** The session tag that the role's policy goes by. */
const TENANT_TAG = 'tenant';
/** The longest that a role which assumes another may ask for. */
const SECONDS = 3600;
const TIMEOUT_MS = 3_000;

export class TenantCredentials {
  readonly #roleARN: string;
  #client: Promise<{ sdk: typeof import('@aws-sdk/client-sts'); sts: STSClient }> | undefined;

  constructor(roleARN: string) {
    this.#roleARN = roleARN;
  }

  /** Loads what asks for them. */
  async prepare(): Promise<void> {
    await this.#connect();
  }

  /** A provider as AWS's SDK wants them, which keeps what it was given until it ends. */
  of(id: string): () => Promise<SessionCredentials> {
    return async () => {
      const { sdk, sts } = await this.#connect();
      const { Credentials } = await sts.send(
        new sdk.AssumeRoleCommand({
          RoleArn: this.#roleARN,
          RoleSessionName: id,
          DurationSeconds: SECONDS,
          Tags: [{ Key: TENANT_TAG, Value: id }],
        }),
      );
      if (Credentials === undefined) throw new Error(`no credentials for control plane ${id}`);
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials;
      return {
        accessKeyId: AccessKeyId!,
        secretAccessKey: SecretAccessKey!,
        sessionToken: SessionToken!,
        expiration: Expiration!,
      };
    };
  }

  #connect() {
    this.#client ??= import('@aws-sdk/client-sts').then((sdk) => ({
      sdk,
      sts: new sdk.STSClient(sdkBounds(TIMEOUT_MS)),
    }));
    return this.#client;
  }
}
