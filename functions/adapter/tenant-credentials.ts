/**
 * Credentials limited to one tenant: a session of the fleet's tenant role, tagged with the tenant's id. The role's
 * policy compares that tag with the prefix of keys, so code that mixes up tenants is denied access.
 */

import type { STSClient } from '@aws-sdk/client-sts';
import { sdkBounds } from './sdk-bounds.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** The SDK renews them some minutes before. */
  readonly expiration: Date;
}

/** The session tag in the role's policy. */
const TENANT_TAG = 'tenant';
/** The maximum session duration for role chaining. */
const SECONDS = 3600;
const TIMEOUT_MS = 3_000;

export class TenantCredentials {
  readonly #roleARN: string;
  #client: Promise<{ sdk: typeof import('@aws-sdk/client-sts'); sts: STSClient }> | undefined;

  constructor(roleARN: string) {
    this.#roleARN = roleARN;
  }

  /** Loads the code that requests them. */
  async prepare(): Promise<void> {
    await this.#connect();
  }

  /** A credentials provider for the AWS SDK, which caches the result until it expires. */
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
