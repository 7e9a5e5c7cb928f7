/** The execution environments of one function: created on demand, one invocation at a time each, kept warm. */

import { EventEmitter, once } from 'node:events';
import { basename, dirname, extname } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

export interface FunctionPoolOptions {
  readonly name: string;
  /** The bundle, and the handler's export. */
  readonly file: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly workerFile: string;
  /** Called with each line that the function logs. Absent: lines go to this process's output. */
  readonly onLog?: ((name: string, line: string) => void) | undefined;
}

/** Result of an invocation: the value of a buffered handler, or the bytes of a streaming one. */
export type Invocation =
  | { readonly kind: 'buffered'; readonly result: unknown }
  | { readonly kind: 'stream'; readonly chunks: AsyncIterable<Buffer> };

type Message =
  | { type: 'ready' }
  | { type: 'chunk'; id: number; bytes: Uint8Array }
  | { type: 'end'; id: number }
  | { type: 'result'; id: number; result: unknown }
  | { type: 'error'; id: number; message: string };

interface Environment {
  readonly worker: Worker;
  readonly messages: EventEmitter;
}

export class FunctionPool {
  readonly #options: FunctionPoolOptions;
  readonly #idle: Environment[] = [];
  readonly #all = new Set<Environment>();
  #nextId = 1;

  constructor(options: FunctionPoolOptions) {
    this.#options = options;
  }

  /** Number of environments created so far: cold starts. */
  get environments(): number {
    return this.#all.size;
  }

  /** Rejects if the function failed before it responded; the gateway's response is then 502. */
  async invoke(event: unknown): Promise<Invocation> {
    const environment = this.#idle.pop() ?? (await this.#start());
    const id = this.#nextId++;
    const context = {
      awsRequestId: `${this.#options.name}-${id}`,
      functionName: this.#options.name,
      deadline: Date.now() + this.#options.timeoutSeconds * 1000,
    };
    const messages = incoming(environment, id);
    environment.worker.postMessage({ type: 'invoke', id, event, context });
    const first = await messages.next();
    const release = () => this.#idle.push(environment);
    if (first.done || first.value.type !== 'chunk') await messages.return(undefined);
    if (first.done || first.value.type === 'error') {
      release();
      throw new Error(
        first.done
          ? `${this.#options.name} ended without a response`
          : (first.value as { message: string }).message,
      );
    }
    if (first.value.type === 'result') {
      release();
      return { kind: 'buffered', result: first.value.result };
    }
    return { kind: 'stream', chunks: stream(environment, first.value, messages, release) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map(({ worker }) => worker.terminate()));
    this.#all.clear();
  }

  async #start(): Promise<Environment> {
    const { workerFile, file, exportName, environment: variables } = this.#options;
    const { name, onLog } = this.#options;
    const _HANDLER = `${basename(file, extname(file))}.${exportName}`;
    const env = { ...variables, _HANDLER, LAMBDA_TASK_ROOT: dirname(file) };
    const isTold = onLog !== undefined;
    const worker = new Worker(workerFile, {
      workerData: { file, exportName },
      env,
      stdout: isTold,
      stderr: isTold,
    });
    if (isTold) {
      for (const input of [worker.stdout, worker.stderr]) {
        createInterface({ input }).on('line', (line) => onLog(name, line));
      }
    }
    const messages = new EventEmitter();
    const environment = { worker, messages };
    this.#all.add(environment);
    worker.on('error', (error) => messages.emit('failed', error));
    worker.on('exit', () => {
      this.#all.delete(environment);
      messages.emit('failed', new Error('the environment ended'));
    });
    await once(worker, 'message');
    worker.on('message', (message: Message) => messages.emit('message', message));
    return environment;
  }
}

/** The messages of one invocation, in order, ending after the last. */
async function* incoming({ messages }: Environment, id: number): AsyncGenerator<Message> {
  const queue: Message[] = [];
  let wake = () => {};
  let failure: Error | undefined;
  const onMessage = (message: Message) => {
    if ('id' in message && message.id === id) queue.push(message);
    wake();
  };
  const onFailed = (error: Error) => {
    failure = error;
    wake();
  };
  messages.on('message', onMessage);
  messages.on('failed', onFailed);
  try {
    for (;;) {
      const message = queue.shift();
      if (message !== undefined) {
        yield message;
        if (message.type !== 'chunk') return;
      } else if (failure !== undefined) {
        throw failure;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    messages.off('message', onMessage);
    messages.off('failed', onFailed);
  }
}

async function* stream(
  environment: Environment,
  first: Message,
  rest: AsyncGenerator<Message>,
  release: () => void,
): AsyncGenerator<Buffer> {
  try {
    for (let message: Message | undefined = first; message !== undefined; ) {
      if (message.type === 'error') throw new Error(message.message);
      if (message.type === 'chunk') {
        yield Buffer.from(message.bytes);
        environment.worker.postMessage({ type: 'taken' });
      }
      const next: IteratorResult<Message> = await rest.next();
      message = next.done ? undefined : next.value;
    }
  } finally {
    release();
  }
}
