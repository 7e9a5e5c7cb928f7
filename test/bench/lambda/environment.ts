/** An execution environment of a function: a process that receives events on standard input. */

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
  /** Peak memory of the process so far. */
  readonly megabytes: number;
}

interface Told extends Answered {
  readonly status: number;
  readonly body?: string;
}

/** The location of the functions' bundles, and their environment variables. */
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

  /** Starts an environment that has loaded the function `program`. */
  static async start(program: string, { bundles, environment }: Place): Promise<BenchEnvironment> {
    const started = spawn(
      process.execPath,
      [resolve('test/bench/lambda/cold-environment.mjs'), join(bundles, `${program}.mjs`)],
      { env: environment, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const lines = createInterface({ input: started.stdout! })[Symbol.asyncIterator]();
    return new BenchEnvironment(started, lines, await next<Measured>(lines));
  }

  /** Rejects with an Error for a failed response. `passMs`: time to advance its clocks beforehand. */
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
