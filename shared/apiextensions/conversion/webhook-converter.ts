/**
 * Converts custom resources with a webhook
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/conversion/webhook_converter.go).
 */

import { randomUUID } from 'node:crypto';
import type { ConversionResponse, CustomResourceConversion } from '../../apis/apiextensions/v1/types.ts';
import { asUnstructured, type UnstructuredObject } from '../../meta/kube-object.ts';
import { StatusError } from '../../meta/status-error.ts';
import type { WebhookClient, WebhookClientConfig } from '../../rest/webhook-client.ts';
import { quote } from '../../runtime/go-format.ts';
import { formatGroupVersionKind, gvkOf } from '../../runtime/group-version.ts';
import { breathe, inPieces } from '../../util/breathe.ts';
import { HEAP_PER_BYTE } from '../../util/byte-shares.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { ForeignFault } from '../../util/foreign-fault.ts';
import { isJSONObject } from '../../util/json.ts';
import { weightInPieces } from '../../util/weight.ts';
import {
  type ConversionMemory,
  type ConversionsInFlight,
  conversionsInFlight,
} from './conversions-in-flight.ts';
import type { RemoteConverter } from './converter.ts';
import { restoreObjectMeta } from './restore-object-meta.ts';

const GROUP = 'apiextensions.k8s.io';
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const TIMEOUT_MS = 30_000;

export class WebhookConverter implements RemoteConverter {
  readonly remote = true;
  readonly #client: WebhookClient;
  readonly #config: WebhookClientConfig;
  readonly #reviewVersion: string | undefined;
  readonly #inFlight: ConversionsInFlight;

  constructor(
    client: WebhookClient,
    { webhook }: CustomResourceConversion,
    inFlight: ConversionsInFlight = conversionsInFlight,
  ) {
    this.#client = client;
    this.#inFlight = inFlight;
    this.#config = (webhook?.clientConfig ?? {}) as WebhookClientConfig;
    this.#reviewVersion = webhook?.conversionReviewVersions?.find((version) =>
      REVIEW_VERSIONS.includes(version),
    );
  }

  /** Memory is shared between control planes, each of which has a client of its own. */
  reserve<T>(bytes: number, work: (memory: ConversionMemory) => Promise<T>): Promise<T> {
    return this.#inFlight.within(bytes, this.#client, work);
  }

  /** Converts all objects in one call. Throws a ForeignFault with upstream's text, or a 429 if memory is short. */
  async convert(
    objects: readonly UnstructuredObject[],
    apiVersion: string,
    memory?: ConversionMemory,
  ): Promise<UnstructuredObject[]> {
    const others = objects.filter((object) => object.apiVersion !== apiVersion);
    if (others.length === 0) return [...objects];
    const call = (reserved: ConversionMemory) => this.#call(others, apiVersion, reserved);
    const converted = (await (memory === undefined ? this.#reserveFor(others, call) : call(memory)))[
      Symbol.iterator
    ]();
    return objects.map((object) => (object.apiVersion === apiVersion ? object : converted.next().value!));
  }

  async #reserveFor<T>(
    objects: readonly UnstructuredObject[],
    work: (memory: ConversionMemory) => Promise<T>,
  ): Promise<T> {
    return this.reserve(Math.ceil((await inPieces(weightInPieces(objects))) / HEAP_PER_BYTE), work);
  }

  async #call(
    objects: readonly UnstructuredObject[],
    apiVersion: string,
    memory: ConversionMemory,
  ): Promise<UnstructuredObject[]> {
    if (this.#reviewVersion === undefined) throw new Error('no supported conversion review versions');
    const subject = `conversion webhook for ${formatGroupVersionKind(gvkOf(objects[0]!))}`;
    const uid = randomUUID();
    const review = {
      kind: 'ConversionReview',
      apiVersion: `${GROUP}/${this.#reviewVersion}`,
      request: { uid, desiredAPIVersion: apiVersion, objects },
    };
    let converted: readonly unknown[];
    try {
      const call = { timeoutMs: TIMEOUT_MS, received: memory.received };
      const answer = await this.#client.post(this.#config, review, call);
      converted = convertedObjects(answer, { reviewVersion: this.#reviewVersion, uid });
    } catch (error) {
      if (error instanceof StatusError) throw error;
      throw new ForeignFault(`${subject} failed: ${(error as Error).message}`, { cause: error });
    }
    if (converted.length !== objects.length) {
      throw new ForeignFault(`${subject} returned ${converted.length} objects, expected ${objects.length}`);
    }
    const results: UnstructuredObject[] = [];
    for (const [index, original] of objects.entries()) {
      try {
        results.push(await checked(original, converted[index], apiVersion));
      } catch (error) {
        if (!(error instanceof InvalidObjectError)) throw error;
        throw new ForeignFault(
          `${subject} returned ${error.describe(objects.length === 1 ? undefined : index)}`,
        );
      }
      await breathe();
    }
    return results;
  }
}

/** An invalid converted object, with upstream's prefix for the error. */
class InvalidObjectError extends Error {
  readonly #part: 'type' | 'identity' | 'metadata';

  constructor(part: 'type' | 'identity' | 'metadata', message: string) {
    super(message);
    this.#part = part;
  }

  /** `index` is set for an item of a list. */
  describe(index: number | undefined): string {
    const noun = this.#part === 'metadata' ? 'invalid metadata' : 'invalid object';
    if (index === undefined) return `${noun}${this.#part === 'type' ? ' at index 0' : ''}: ${this.message}`;
    if (this.#part === 'metadata') return `invalid metadata in object at index ${index}: ${this.message}`;
    return `invalid converted object at index ${index}: ${this.message}`;
  }
}

/** The objects in the answer. Kind and uid are checked for v1 but not for v1beta1, as upstream does. */
function convertedObjects(
  answer: unknown,
  { reviewVersion, uid }: { readonly reviewVersion: string; readonly uid: string },
): readonly unknown[] {
  if (!isJSONObject(answer)) throw new Error('no response provided');
  const expected = { group: GROUP, version: reviewVersion, kind: 'ConversionReview' };
  const actual = gvkOf(answer);
  if (reviewVersion === 'v1' && formatGroupVersionKind(actual) !== formatGroupVersionKind(expected)) {
    const [wanted, got] = [formatGroupVersionKind(expected), formatGroupVersionKind(actual)];
    throw new Error(`expected webhook response of ${wanted}, got ${got}`);
  }
  if (!isJSONObject(answer['response'])) throw new Error('no response provided');
  const response = answer['response'] as unknown as ConversionResponse;
  if (reviewVersion === 'v1' && response.uid !== uid) {
    throw new Error(`expected response.uid=${quote(uid)}, got ${quote(response.uid ?? '')}`);
  }
  const { status = '', message = '' } = response.result ?? {};
  if (status !== 'Success')
    throw new Error(message || `response.result.status was '${status}', not 'Success'`);
  return response.convertedObjects ?? [];
}

/**
 * Checks that a webhook has changed neither the object's identity nor its metadata other than labels and annotations.
 */
async function checked(
  original: UnstructuredObject,
  converted: unknown,
  apiVersion: string,
): Promise<UnstructuredObject> {
  if (!isJSONObject(converted)) throw new InvalidObjectError('type', 'not an object');
  const object = asUnstructured(converted as object);
  if (!object.kind) {
    throw new InvalidObjectError('type', `Object 'Kind' is missing in '${stringifyJSON(converted)}'`);
  }
  const received = object.apiVersion ?? '';
  if (received !== apiVersion) {
    const detail = `invalid groupVersion (expected ${apiVersion}, received ${received})`;
    throw new InvalidObjectError('type', detail);
  }
  if (object.kind !== original.kind) {
    const detail = `invalid kind (expected ${original.kind}, received ${object.kind ?? ''})`;
    throw new InvalidObjectError('type', detail);
  }
  for (const [field, noun] of IDENTITY) {
    const before = original.metadata[field] ?? '';
    const after = object.metadata?.[field] ?? '';
    if (before !== after) {
      throw new InvalidObjectError('identity', `must have the same ${noun}: ${before} != ${after}`);
    }
  }
  try {
    await restoreObjectMeta(original, object);
  } catch (error) {
    throw new InvalidObjectError('metadata', (error as Error).message);
  }
  return object;
}

const IDENTITY = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;
