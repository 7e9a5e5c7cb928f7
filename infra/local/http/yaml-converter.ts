/** Converts large YAML to JSON in a thread with its own memory, so that the event loop stays responsive. */

import { Worker } from 'node:worker_threads';
import { newTooManyRequests } from '../../../shared/meta/status-error.ts';
import { BodyBudgetError } from '../../../shared/runtime/serializer/body-budget.ts';
import { DecodingError } from '../../../shared/runtime/serializer/decoding-error.ts';
import type { ConvertedText } from '../../../shared/runtime/serializer/yaml/convert-yaml.ts';
import type { Conversion } from './yaml-worker.ts';

const MEMORY_MB = 256;
/** Milliseconds that a conversion may take. */
const TIMEOUT_MS = 20_000;
/** Milliseconds of idleness after which the thread ends. */
const IDLE_MS = 30_000;
/** Maximum number of waiting conversions. */
const MAX_WAITING = 16;

interface Task {
  readonly yaml: string;
  resolve(converted: ConvertedText): void;
  reject(error: unknown): void;
}

export class YAMLConverter {
  readonly #waiting: Task[] = [];
  #worker: Worker | undefined;
  #current: Task | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Rejects with `DecodingError`, `BodyBudgetError`, or a 429 if too many wait. */
  readonly convert = (yaml: string): Promise<ConvertedText> =>
    new Promise((resolve, reject) => {
      if (this.#waiting.length >= MAX_WAITING) {
        reject(newTooManyRequests('too many large YAML documents at once, please try again later.', 1));
        return;
      }
      this.#waiting.push({ yaml, resolve, reject });
      this.#next();
    });

  #next(): void {
    if (this.#current !== undefined) return;
    clearTimeout(this.#timer);
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) {
      this.#timer = setTimeout(() => this.#end(), IDLE_MS).unref();
      return;
    }
    this.#worker ??= this.#start();
    this.#worker.postMessage(this.#current.yaml);
    this.#timer = setTimeout(() => {
      this.#end();
      this.#done((task) => task.reject(new BodyBudgetError(`YAML that takes ${TIMEOUT_MS} ms to read`)));
    }, TIMEOUT_MS).unref();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./yaml-worker.mjs', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    worker.on('message', (conversion: Conversion) =>
      this.#done((task) => {
        if ('converted' in conversion) task.resolve(conversion.converted);
        else task.reject(errorOf(conversion));
      }),
    );
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#done((task) =>
        task.reject(isFull ? new BodyBudgetError(`YAML that takes ${MEMORY_MB} MB to read`) : error),
      );
    });
    // Doesn't keep an otherwise idle process alive; adding listeners would undo that.
    worker.unref();
    return worker;
  }

  #end(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #done(settle: (task: Task) => void): void {
    const task = this.#current;
    this.#current = undefined;
    if (task !== undefined) settle(task);
    this.#next();
  }
}

function errorOf(conversion: Exclude<Conversion, { converted: unknown }>): unknown {
  if ('decodingError' in conversion) return new DecodingError(conversion.decodingError);
  if ('budgetError' in conversion) return new BodyBudgetError(conversion.budgetError);
  return conversion.error;
}
