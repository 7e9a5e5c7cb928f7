/** Checks memory before large work: Lambda kills an environment that exceeds its function's memory. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { newRequestEntityTooLarge } from '../../shared/meta/status-error.ts';
import type { AnswerSize } from '../../shared/request/api-request.ts';
import { HEAP_PER_BYTE } from '../../shared/util/byte-shares.ts';

const MEGABYTE = 1024 * 1024;
/** Share left for Lambda's own processes, and for growth between two checks. */
const KEPT_SHARE = 0.1;
const SHORT_SHARE = 0.75;
/** An answer, of which the pieces exist, is joined and compressed. */
const COPIES_OF_ANSWER = 1.25;

export interface FunctionMemoryOptions {
  /** Resident bytes of the process. */
  readonly usedBytes?: () => number;
  /** Collects garbage. */
  readonly collect?: () => void;
}

export class FunctionMemory {
  readonly #megabytes: number;
  readonly #usedBytes: () => number;
  readonly #collect: () => void;

  /** `megabytes`: `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`; 0 if unknown: then everything fits. */
  constructor(megabytes: number, options: FunctionMemoryOptions = {}) {
    this.#megabytes = megabytes;
    this.#usedBytes = options.usedBytes ?? (() => process.memoryUsage.rss());
    this.#collect = options.collect ?? (() => collectGarbage());
  }

  readonly hasRoom = (bytes: number): boolean => {
    if (this.#megabytes === 0) return true;
    const most = this.#megabytes * MEGABYTE * (1 - KEPT_SHARE) - bytes;
    if (this.#usedBytes() <= most) return true;
    this.#collect();
    return this.#usedBytes() <= most;
  };

  /** Whether caches should be dropped. */
  get isShort(): boolean {
    return this.#megabytes > 0 && this.#usedBytes() > this.#megabytes * MEGABYTE * SHORT_SHARE;
  }

  /** Throws 413 rather than 503 if it doesn't fit: it wouldn't fit into another environment either. */
  readonly claim = ({ bytes, objectBytes }: AnswerSize): void => {
    if (this.hasRoom(bytes * COPIES_OF_ANSWER + objectBytes * HEAP_PER_BYTE)) return;
    throw newRequestEntityTooLarge(
      `not enough memory in a function of ${this.#megabytes} MB; request less, with limit and continue, or raise MemorySize`,
    );
  };
}

let collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
};

/** The memory of this function. */
export const functionMemory = new FunctionMemory(Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) || 0);
