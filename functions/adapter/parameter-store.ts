/** A tenant's part of Systems Manager's Parameter Store: `/zeroplane/TENANT/...`. */

import type { SSMClient } from '@aws-sdk/client-ssm';
import { newServiceUnavailable } from '../../shared/meta/status-error.ts';
import type { ErrorLog } from '../../shared/util/logger.ts';
import { sdkBounds } from './sdk-bounds.ts';

const TIMEOUT_MS = 3_000;
const RETRY_SECONDS = 1;

/** The AWS account; unset: as configured in the environment. */
export interface Account {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

export class ParameterStore {
  /** `/zeroplane/acme` */
  readonly root: string;
  readonly #logger: ErrorLog;
  readonly #account: Account;
  #client: Promise<{ sdk: typeof import('@aws-sdk/client-ssm'); ssm: SSMClient }> | undefined;

  constructor(tenant: string, logger: ErrorLog, account: Account = {}) {
    this.root = `/zeroplane/${tenant}`;
    this.#logger = logger;
    this.#account = account;
  }

  /** The values below a folder, such as `keys/service-account`, by their names in it. Throws `StatusError`. */
  async list(folder: string): Promise<ReadonlyMap<string, string>> {
    const path = `${this.root}/${folder}`;
    const query = { Path: path, Recursive: true, WithDecryption: true };
    const values = new Map<string, string>();
    try {
      const { sdk, ssm } = await this.#connect();
      for await (const { Parameters = [] } of sdk.paginateGetParametersByPath({ client: ssm }, query)) {
        for (const { Name = '', Value = '' } of Parameters) values.set(Name.slice(path.length + 1), Value);
      }
      return values;
    } catch (error) {
      throw this.#failure(`${path} can't be read`, error);
    }
  }

  /** Encrypts and stores a value under a new name. False if the name is taken. Throws `StatusError`. */
  async create(name: string, value: string): Promise<boolean> {
    const { sdk, ssm } = await this.#connect();
    try {
      const parameter = { Name: `${this.root}/${name}`, Value: value, Type: 'SecureString' } as const;
      await ssm.send(new sdk.PutParameterCommand({ ...parameter, Overwrite: false }));
      return true;
    } catch (error) {
      if (error instanceof sdk.ParameterAlreadyExists) return false;
      throw this.#failure(`${this.root}/${name} can't be created`, error);
    }
  }

  /** The client gets the parameter's name; the cause is only logged. */
  #failure(message: string, error: unknown): Error {
    this.#logger.error(message, error);
    return newServiceUnavailable(message, RETRY_SECONDS);
  }

  /** Loaded on demand: most requests need no parameter. */
  #connect() {
    this.#client ??= import('@aws-sdk/client-ssm').then((sdk) => {
      const { region, profile } = this.#account;
      const account = { ...(region && { region }), ...(profile && { profile }) };
      return { sdk, ssm: new sdk.SSMClient({ ...sdkBounds(TIMEOUT_MS), ...account }) };
    });
    return this.#client;
  }
}
