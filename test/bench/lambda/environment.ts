/** An execution environment of a function: a process of its own, asked by its input. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** Milliseconds. */
export interface Measured {
  readonly wall: number;
  readonly cpu: number;
}

export interface Answered extends Measured {
  /** The most that the process has held so far. */
  readonly megabytes: number;
}

interface Told extends Answered {
  readonly status: number;
  readonly body?: string;
}

/** Of the functions' bundles. */
export interface Place {
  readonly bundles: string;
  readonly environment: NodeJS.ProcessEnv;
}

export class BenchEnvironment {
  readonly imported: Measured;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(started: ChildProcess, lines: AsyncIterator<string>, imported: Measured) {
    this.#process = started;
    this.#lines = lines;
    this.imported = imported;
  }

  /** One that has loaded the function `program`. */
  static async start(program: string, { bundles, environment }: Place): Promise<BenchEnvironment> {
    const started = spawn(
      process.execPath,
      [resolve('test/bench/lambda/cold-environment.mjs'), join(bundles, `${program}.mjs`)],
      { env: environment, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const lines = createInterface({ input: started.stdout! })[Symbol.asyncIterator]();
    return new BenchEnvironment(started, lines, await next<Measured>(lines));
  }

  /** Throws Error for an answer that is none. `passMs`: by its clocks, before. */
  async ask(event: object, passMs = 0): Promise<Answered> {
    this.#process.stdin!.write(`${JSON.stringify({ event, passMs })}\n`);
    const { status, body, ...answered } = await next<Told>(this.#lines);
    if (status >= 300) throw new Error(`${status} for ${JSON.stringify(event)}: ${body}`);
    return answered;
  }

  async close(): Promise<void> {
    this.#process.stdin!.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}

async function next<T>(lines: AsyncIterator<string>): Promise<T> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error('the environment ended');
  return JSON.parse(value) as T;
}
