/**
 * `DynamoDBTable` in AWS without the SDK: signs the one kind of request that DynamoDB's API has. For functions, whose
 * cold starts depend on the amount of code.
 */

import type { AWSCredentials } from '../../util/aws-signature.ts';
import { SignedEndpoint } from '../../util/signed-endpoint.ts';
import { BASE64 } from './attributes.ts';
import { callFailure, callRefusal, type RefusalBody } from './call-failure.ts';
import { ConnectedTable, type ConnectedTableOptions } from './connected-table.ts';
import {
  type Answer,
  type Connection,
  type Operation,
  REQUEST_TIMEOUT_MS,
  type SendOptions,
} from './connection.ts';
import { TableError } from './dynamodb-table.ts';

export interface SignedDynamoDBTableOptions extends Pick<ConnectedTableOptions, 'tableName' | 'onCapacity'> {
  /** `https://host`, or `http://host:port` of an emulator. */
  readonly endpoint: string;
  readonly region: string;
  /** Credentials valid for as long as the table is used, or a provider. */
  readonly credentials: AWSCredentials | CredentialsProvider;
  /** Milliseconds after which a request without a response counts as lost. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds since the epoch, by the log's clock. */
  readonly now?: (() => number) | undefined;
}

/** Called again some minutes before `expiration`. */
export type CredentialsProvider = () => Promise<AWSCredentials & { readonly expiration?: Date | undefined }>;

export class SignedDynamoDBTable extends ConnectedTable {
  constructor(options: SignedDynamoDBTableOptions) {
    super(new SignedConnection(options), options);
  }
}

/** Time before their expiration at which credentials are renewed. */
const RENEWED_MS = 5 * 60_000;

class SignedConnection implements Connection {
  readonly bytes = BASE64;
  readonly #options: SignedDynamoDBTableOptions;
  readonly #endpoint: SignedEndpoint;
  readonly #credentials: () => AWSCredentials | Promise<AWSCredentials>;

  constructor(options: SignedDynamoDBTableOptions) {
    this.#options = options;
    const { endpoint, region, credentials, requestTimeout: timeoutMs = REQUEST_TIMEOUT_MS } = options;
    this.#endpoint = new SignedEndpoint({ endpoint, region, service: 'dynamodb', timeoutMs });
    this.#credentials = typeof credentials === 'function' ? keeping(credentials) : () => credentials;
  }

  async send(operation: Operation, input: object, options: SendOptions = {}): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(input));
    return await this.#endpoint.correctingClock(() => this.#ask(operation, body, options));
  }

  close(): void {
    this.#endpoint.close();
  }

  async #ask(operation: Operation, body: Buffer, { notAfter }: SendOptions): Promise<Answer> {
    const { now = Date.now } = this.#options;
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    };
    const signed = this.#endpoint.sign(headers, body, await this.#credentials());
    // After signing: signatures expire, so a process frozen from here on can't write hours later.
    if (notAfter !== undefined && now() > notAfter)
      throw new TableError('TooLate', 'the revision is too old to write with');
    const { status, body: text } = await this.#endpoint
      .exchange(signed, body)
      .catch((error: NodeJS.ErrnoException) => {
        throw callFailure(error.code ?? error.name, error.message);
      });
    let answer: Answer & RefusalBody;
    try {
      answer = JSON.parse(text) as Answer & RefusalBody;
    } catch (cause) {
      throw callFailure('SyntaxError', `response with status ${status}: ${cause}`, status);
    }
    if (status >= 300) throw callRefusal(status, answer);
    return answer;
  }
}

/**
 * Caches a provider's credentials until they are due for renewal; concurrent callers share a call. Failures are not
 * cached.
 */
function keeping(provide: CredentialsProvider): () => Promise<AWSCredentials> {
  let given: ReturnType<CredentialsProvider> | undefined;
  let until = Number.POSITIVE_INFINITY;
  return async () => {
    if (given === undefined || Date.now() >= until) {
      until = Number.POSITIVE_INFINITY;
      const asked = provide();
      given = asked;
      asked.then(
        ({ expiration }) => {
          if (given === asked && expiration !== undefined) until = expiration.getTime() - RENEWED_MS;
        },
        () => {
          if (given === asked) given = undefined;
        },
      );
    }
    return await given;
  };
}
