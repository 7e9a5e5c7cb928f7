/**
 * A child process whose tools are called over its standard input and output, with the Model Context Protocol: only its
 * parent can access it.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export interface ToolAnswer {
  readonly isError: boolean;
  /** JSON, or a plain text error. */
  readonly text: string;
}

export interface ToolProcessOptions {
  readonly command: readonly string[];
  /** Working directory for its own files; unset: this process's. */
  readonly folder?: string | undefined;
  /** Open files that it inherits. */
  readonly fds?: readonly number[] | undefined;
}

interface Waiting {
  readonly resolve: (answer: ToolAnswer) => void;
  readonly reject: (error: Error) => void;
}

interface Message {
  readonly id?: number;
  readonly result?: { readonly content?: readonly { readonly text?: string }[]; readonly isError?: boolean };
  readonly error?: { readonly message?: string };
}

const NEWLINE = 0x0a;
const START_MS = 10_000;
/** Time to finish running calls, once its input has ended. */
const STOP_MS = 5_000;

export class ToolProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed: Promise<void>;
  #lastId = 0;
  #chunks: Buffer[] = [];
  #output = '';
  #isStopping = false;
  #isHeld = true;
  /** Resolves, with its last output, when the process ends without being stopped. */
  readonly ended: Promise<string>;

  private constructor({ command, folder, fds = [] }: ToolProcessOptions) {
    // Files it writes are private. Detached, so that Ctrl-C in a terminal reaches only this process, which then shuts
    // down in order; however this process ends, the child's input ends with it, and so does the child.
    this.#child = spawn('/bin/sh', ['-c', 'umask 077; exec "$@"', 'sh', ...command], {
      stdio: ['pipe', 'pipe', 'pipe', 'ignore', ...fds],
      cwd: folder,
      detached: true,
    }) as ChildProcessByStdio<Writable, Readable, Readable>;
    const { stdin, stdout, stderr } = this.#child;
    stdin.on('error', () => {});
    stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    stderr.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-2_000);
    });
    this.#child.on('error', (error) => {
      this.#output = error.message;
    });
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', () => {
        for (const { reject } of this.#waiting.values()) reject(new Error('it ended before its answer'));
        this.#waiting.clear();
        resolve();
      });
    });
    this.ended = new Promise((resolve) => {
      void this.#closed.then(() => {
        if (!this.#isStopping) resolve(this.#output.trim());
      });
    });
  }

  /** Resolves when it answers. Throws Error with its output if it doesn't. */
  static async start(options: ToolProcessOptions): Promise<ToolProcess> {
    const started = new ToolProcess(options);
    const clientInfo = { name: 'zeroplane', version: '0' };
    started.#isStopping = true;
    const greeting = started.#request(
      'initialize',
      JSON.stringify({ protocolVersion: '2025-03-26', capabilities: {}, clientInfo }),
    );
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      started.#child.kill('SIGKILL');
    }, START_MS);
    try {
      await greeting;
    } catch (error) {
      const words = late ? `no response in ${START_MS} ms` : (error as Error).message;
      throw new Error(started.#output.trim() || words, { cause: error });
    } finally {
      clearTimeout(timer);
    }
    started.#isStopping = false;
    started.#send('"method":"notifications/initialized"');
    started.#hold();
    return started;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** `parameters`: an object, or its JSON. Rejects if the process ends first. */
  call(name: string, parameters: object | string): Promise<ToolAnswer> {
    const json = typeof parameters === 'string' ? parameters : JSON.stringify(parameters);
    return this.#request('tools/call', `{"name":${JSON.stringify(name)},"arguments":${json}}`);
  }

  /** Ends it after running calls, and waits for its end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.ref();
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  /** `params` is JSON. */
  #request(method: string, params: string): Promise<ToolAnswer> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#send(`"id":${id},"method":"${method}","params":${params}`);
      this.#hold();
    });
  }

  /** `fields`: the fields of a message, in JSON. */
  #send(fields: string): void {
    this.#child.stdin.write(`{"jsonrpc":"2.0",${fields}}\n`);
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#chunks.push(chunk.subarray(from, end));
      const line = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.#chunks = [];
      from = end + 1;
      this.#answer(line.toString());
    }
    if (from < chunk.length) this.#chunks.push(chunk.subarray(from));
  }

  #answer(line: string): void {
    const { id = 0, result, error } = JSON.parse(line) as Message;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#hold();
    if (error !== undefined) waiting?.resolve({ isError: true, text: error.message ?? '' });
    else waiting?.resolve({ isError: result?.isError === true, text: result?.content?.[0]?.text ?? '{}' });
  }

  /** Neither the child nor its pipes keep a process alive unless it waits for a response. */
  #hold(): void {
    const isHeld = this.#waiting.size > 0;
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    const way = isHeld ? 'ref' : 'unref';
    this.#child[way]();
    const { stdin, stdout, stderr } = this.#child;
    for (const pipe of [stdin, stdout, stderr] as unknown as { ref(): void; unref(): void }[]) pipe[way]();
  }
}
