/**
 * Bounds the memory of conversions by webhooks: the objects, the request, the response, and the converted objects until
 * they are encoded. Webhooks may be slow, and convert many objects at once.
 */

import { newTooManyRequests } from '../../meta/status-error.ts';
import { ByteQueue, type HeldBytes } from '../../util/byte-queue.ts';
import { HEAP_PER_BYTE } from '../../util/byte-shares.ts';
import { keepTurn } from '../../util/turns.ts';

/** The objects before and after. */
const COPIES = 2;
const MEGABYTE = 1024 * 1024;
const BOUNDS = { least: 64 * MEGABYTE, most: 2048 * MEGABYTE, heapShare: 1 / 2 };
const MAX_WAITING = 200;
const MAX_WAITING_OF_ONE = 100;
const TIMEOUT_MS = 30_000;
const RETRY_AFTER_SECONDS = 1;

const refused = () =>
  newTooManyRequests(
    'Too many large objects are being converted, please try again later.',
    RETRY_AFTER_SECONDS,
  );

/** Memory of one conversion. */
export interface ConversionMemory {
  /** Called with the size of the response as it is received. Throws a 429 if there is no room for it. */
  received(bytes: number): void;
}

export interface ConversionsInFlightOptions {
  /** Default: by the memory limit of this process. */
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

export class ConversionsInFlight {
  /** By control plane. */
  readonly #queue: ByteQueue<object>;

  constructor({ maxBytes, timeoutMs = TIMEOUT_MS }: ConversionsInFlightOptions = {}) {
    this.#queue = new ByteQueue({
      bounds: BOUNDS,
      maxBytes,
      timeoutMs,
      maxWaiting: MAX_WAITING,
      maxWaitingOfOne: MAX_WAITING_OF_ONE,
      refused,
    });
  }

  /** Heap bytes in use. */
  get bytes(): number {
    return this.#queue.bytes;
  }

  /**
   * Converts objects of `bytes` as JSON when there is memory for it. A control plane gets at most half of the memory
   * while others convert. Rejects with a 429 if too many conversions wait, or for too long.
   */
  async within<T>(
    bytes: number,
    plane: object,
    convert: (memory: ConversionMemory) => Promise<T>,
  ): Promise<T> {
    const held = await keepTurn(this.#queue.acquire(bytes * COPIES * HEAP_PER_BYTE, plane));
    try {
      return await convert(memoryOf(held, bytes));
    } finally {
      held.release();
    }
  }
}

/** `expected`: size of a response that is already accounted for. */
function memoryOf(held: HeldBytes, expected: number): ConversionMemory {
  let accounted = expected;
  return {
    received(bytes) {
      if (bytes <= accounted) return;
      held.grow((bytes - accounted) * HEAP_PER_BYTE);
      accounted = bytes;
    },
  };
}

/** Those of this process: shared by all control planes, because memory is. */
export const conversionsInFlight = new ConversionsInFlight();
