/**
 * A tenant's keys, in Parameter Store: made by the first request that needs one, kept in memory, read again now and
 * then, so that a key that was added or taken away comes to be known.
 */

import type {
  ServiceAccountPublicKey,
  ServiceAccountSigningKey,
} from '../../shared/authn/serviceaccount/keys.ts';
import { parsePublicKeys, parseSigningKey } from '../../shared/authn/serviceaccount/keys.ts';
import { newServiceUnavailable } from '../../shared/meta/status-error.ts';
import type { HostKeys } from '../../shared/server/host-keys.ts';
import { type Clock, systemClock } from '../../shared/util/clock.ts';
import type { KeyPair } from '../../shared/util/issue-certificate.ts';
import { once } from '../../shared/util/once.ts';
import { amazonRoots } from './amazon-roots.ts';

/** What is asked of `ParameterStore`. */
export interface KeyParameters {
  list(folder: string): Promise<ReadonlyMap<string, string>>;
  create(name: string, value: string): Promise<boolean>;
}

/** Below it a parameter per key; the one whose name is last signs. */
const SERVICE_ACCOUNT_KEYS = 'keys/service-account';
/** Certificate and key in one parameter, so that they can't come apart. */
const AUTHORITIES = 'keys/authorities';
/** Signs for `certificates.k8s.io`, and for the aggregator. */
const KUBERNETES = 'kubernetes';
const FRONT_PROXY = 'front-proxy-ca';
const FIRST = 1;
const DIGITS = 4;

/** Milliseconds that what was read is believed. */
const BELIEVED_MS = 10 * 60_000;
/** Milliseconds that an authority that wasn't there is believed not to be there. */
const ABSENT_MS = 10_000;
/** Milliseconds between two looks, however many ask for what isn't there. */
const LOOK_AGAIN_MS = 1_000;
/** Looks for what someone else is said to have made. */
const LOOKS = 5;

type ParameterClock = Pick<Clock, 'now' | 'sleep'>;

/** A folder's parameters, parsed. */
class Folder<T> {
  readonly #read: () => Promise<T>;
  readonly #clock: ParameterClock;
  #held: Promise<{ readonly value: T; readonly readAt: number }> | undefined;

  constructor(read: () => Promise<T>, clock: ParameterClock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** What is there, as of so long ago at most. */
  async value(maxAgeMs = BELIEVED_MS): Promise<T> {
    const { value, readAt } = await (this.#held ?? this.#reload());
    return this.#clock.now() - readAt < maxAgeMs ? value : (await this.#reload()).value;
  }

  /** As of `pauseMs` after the last look: those who ask meanwhile wait, and share the next. */
  async lookAgain(pauseMs = LOOK_AGAIN_MS): Promise<T> {
    const held = this.#held ?? this.#reload();
    const wait = (await held).readAt + pauseMs - this.#clock.now();
    if (wait > 0) await this.#clock.sleep(wait);
    const next = this.#held === held || this.#held === undefined ? this.#reload() : this.#held;
    return (await next).value;
  }

  #reload(): Promise<{ readonly value: T; readonly readAt: number }> {
    const loading = this.#read().then((value) => ({ value, readAt: this.#clock.now() }));
    this.#held = loading;
    // A failure is for those who wait for it; the next tries anew.
    loading.catch(() => {
      if (this.#held === loading) this.#held = undefined;
    });
    return loading;
  }
}

/** `appearMs`: milliseconds after which what was made can be read. */
export function tenantKeys(
  parameters: KeyParameters,
  clock: ParameterClock = systemClock,
  appearMs = LOOK_AGAIN_MS,
): HostKeys {
  const { find, ensure } = authorities(parameters, clock, appearMs);
  return {
    serviceAccounts: serviceAccountKeys(parameters, clock, appearMs),
    clusterSigning: () => ensure(KUBERNETES),
    clientCA: async () => (await find(KUBERNETES))?.certificate,
    proxyClient: frontProxyClient(() => ensure(FRONT_PROXY)),
    frontProxyCA: async () => (await find(FRONT_PROXY))?.certificate,
    rootCA: amazonRoots,
  };
}

/** What `find` finds, made if there is nothing: of several who make it at once, all get what the first has made. */
async function ensure<T>(
  find: () => Promise<T | undefined>,
  lookAgain: () => Promise<T | undefined>,
  make: () => Promise<void>,
): Promise<T> {
  let found = await find();
  if (found !== undefined) return found;
  await make();
  for (let look = 0; look < LOOKS && found === undefined; look++) found = await lookAgain();
  if (found === undefined) throw newServiceUnavailable('a key was made, and can not be read yet', 1);
  return found;
}

interface ServiceAccountKeys {
  readonly signing: ServiceAccountSigningKey | undefined;
  readonly all: readonly ServiceAccountPublicKey[];
}

function serviceAccountKeys(
  parameters: KeyParameters,
  clock: ParameterClock,
  appearMs: number,
): HostKeys['serviceAccounts'] {
  const folder = new Folder<ServiceAccountKeys>(async () => {
    const found = [...(await parameters.list(SERVICE_ACCOUNT_KEYS))].sort(([a], [b]) => (a < b ? 1 : -1));
    const pems = found.map(([, pem]) => pem);
    return {
      signing: pems[0] === undefined ? undefined : parseSigningKey(pems[0]),
      all: pems.flatMap(parsePublicKeys),
    };
  }, clock);
  return {
    async getPublicKeys(keyID) {
      const { all } = await folder.value();
      if (keyID === '' || all.some((key) => key.keyID === keyID)) return all;
      return (await folder.lookAgain()).all;
    },
    signingKey: () =>
      ensure(
        async () => (await folder.value()).signing,
        async () => (await folder.lookAgain(appearMs)).signing,
        () => makeSigningKey(parameters, FIRST),
      ),
  };
}

/** Names are in the order of the numbers. */
export function signingKeyName(number: number): string {
  return String(number).padStart(DIGITS, '0');
}

/** Makes the key of service accounts of that number, unless it is there: the highest signs, all verify. */
export async function makeSigningKey(parameters: KeyParameters, number: number): Promise<void> {
  const { newSigningKey } = await import('../../shared/util/issue-certificate.ts');
  await parameters.create(`${SERVICE_ACCOUNT_KEYS}/${signingKeyName(number)}`, newSigningKey());
}

/** Authorities, each of which is made when something is to be signed by it. */
function authorities(parameters: KeyParameters, clock: ParameterClock, appearMs: number) {
  const folder = new Folder<ReadonlyMap<string, KeyPair>>(async () => {
    const found = await parameters.list(AUTHORITIES);
    return new Map([...found].map(([name, pem]) => [name, splitPair(name, pem)]));
  }, clock);
  const find = async (name: string) =>
    (await folder.value()).get(name) ?? (await folder.value(ABSENT_MS)).get(name);
  return {
    find,
    ensure: (name: string) =>
      ensure(
        () => find(name),
        async () => (await folder.lookAgain(appearMs)).get(name),
        async () => {
          const { issueCertificate } = await import('../../shared/util/issue-certificate.ts');
          const { certificate, key } = await issueCertificate({ name: `CN=${name}`, usage: 'ca' });
          await parameters.create(`${AUTHORITIES}/${name}`, `${certificate}${key}`);
        },
      ),
  };
}

/** What remote servers know the aggregator by: no two environments need the same. */
function frontProxyClient(authority: () => Promise<KeyPair>): () => Promise<KeyPair> {
  return once(async () => {
    const { issueCertificate } = await import('../../shared/util/issue-certificate.ts');
    return issueCertificate({ name: 'CN=front-proxy-client', usage: 'client' }, await authority());
  });
}

function splitPair(name: string, pem: string): KeyPair {
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----\n?/.exec(pem)?.[0];
  if (key === undefined) throw new Error(`${AUTHORITIES}/${name} holds no private key`);
  return { certificate: pem.replace(key, ''), key };
}
