/** The documents of an OpenID provider: its discovery document and its keys. */

import type { Agent } from 'node:https';
import type { JSONWebKeySet } from 'jose';
import { type AddressGuard, ANY_ADDRESS } from '../../util/address-guard.ts';
import { isJSONObject } from '../../util/json.ts';
import type { Logger } from '../../util/logger.ts';
import { tlsTrust } from '../../util/tls-trust.ts';
import { tracedCall } from '../../util/traced-call.ts';
import { whenWithoutResponse } from '../../util/without-response.ts';
import { AuthenticationError } from '../authenticator.ts';

const TIMEOUT_MS = 30_000;
const MAX_DOCUMENT_BYTES = 1024 * 1024;
/** Milliseconds before the next attempt after a failed fetch, or after a fetch for an unknown key. */
const RETRY_MS = 10_000;
/** Milliseconds after which keys are fetched again, so that revoked ones stop being accepted. */
const MAX_KEYS_AGE_MS = 3600_000;

export interface ProviderOptions {
  readonly issuerURL: string;
  readonly discoveryURL?: string | undefined;
  /** PEM. */
  readonly certificateAuthority?: string | undefined;
  readonly now?: (() => number) | undefined;
}

export interface FetcherOptions {
  /** Addresses that may be connected to; default: any. */
  readonly addresses?: AddressGuard | undefined;
  /** Logs each call. */
  readonly logger?: Logger | undefined;
}

/** Fetches documents over HTTPS, trusting the issuer's CA. */
export class DocumentFetcher {
  readonly #certificateAuthority: string | undefined;
  readonly #addresses: AddressGuard;
  readonly #logger: Logger | undefined;
  #agent: Agent | undefined;

  constructor(
    certificateAuthority: string | undefined,
    { addresses = ANY_ADDRESS, logger }: FetcherOptions = {},
  ) {
    this.#certificateAuthority = certificateAuthority || undefined;
    this.#addresses = addresses;
    this.#logger = logger;
  }

  async text(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
      throw new Error(`${url} is not an https URL`);
    const { Agent, get } = await import('node:https');
    const ca = this.#certificateAuthority;
    this.#agent ??= new Agent({ keepAlive: true, ...tlsTrust(ca) });
    const options = {
      agent: this.#agent,
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...this.#addresses.connection(new URL(url)),
    };
    const call = { method: 'GET', url: new URL(url), codeOf: () => 200 };
    const send = () =>
      new Promise<string>((resolve, reject) => {
        const request = get(url, options, (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_DOCUMENT_BYTES) response.destroy(new Error(`${url} is too long`));
            else chunks.push(chunk);
          });
          response.on('end', () => {
            if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
            else reject(new Error(`${url}: status ${response.statusCode}`));
          });
          response.on('error', reject);
        });
        whenWithoutResponse(request, reject);
      });
    return tracedCall(this.#logger, call, send);
  }

  async json(url: string): Promise<unknown> {
    return JSON.parse(await this.text(url));
  }
}

/** The keys of an issuer. They are fetched on first use, and again when a token names an unknown key. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #fetcher: DocumentFetcher;
  readonly #now: () => number;
  #keys: JSONWebKeySet | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;
  #failure: unknown;

  constructor(options: ProviderOptions, fetcher: DocumentFetcher) {
    this.#options = options;
    this.#fetcher = fetcher;
    this.#now = options.now ?? Date.now;
  }

  async #keysURL(): Promise<string> {
    const { issuerURL, discoveryURL } = this.#options;
    const url = discoveryURL || `${issuerURL.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = await this.#fetcher.json(url);
    const { issuer, jwks_uri: jwksURI } = isJSONObject(document) ? document : {};
    if (issuer !== issuerURL) {
      throw new Error(
        `issuer did not match the issuer returned by provider, expected "${issuerURL}" got "${String(issuer)}"`,
      );
    }
    if (typeof jwksURI !== 'string') throw new Error('provider did not return JWKS URL');
    return jwksURI;
  }

  async #fetch(): Promise<void> {
    try {
      const document = await this.#fetcher.json(await this.#keysURL());
      const keys = isJSONObject(document) ? document['keys'] : undefined;
      if (!Array.isArray(keys) || !keys.every(isJSONObject)) throw new Error('provider returned no key set');
      this.#keys = { keys } as JSONWebKeySet;
      this.#fetchedAt = this.#now();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#fetching = undefined;
    }
  }

  /** `lacksKey`: the keys known so far do not include the one a token names. Rejects with `AuthenticationError`. */
  async keys({ lacksKey = false }: { readonly lacksKey?: boolean } = {}): Promise<JSONWebKeySet> {
    const now = this.#now();
    const isOld = now - this.#fetchedAt > MAX_KEYS_AGE_MS;
    if (this.#fetching === undefined && (lacksKey || isOld) && now - this.#triedAt >= RETRY_MS) {
      this.#triedAt = now;
      this.#fetching = this.#fetch();
    }
    await this.#fetching;
    if (this.#keys === undefined) {
      throw new AuthenticationError('oidc: authenticator not initialized', { cause: this.#failure });
    }
    return this.#keys;
  }
}
