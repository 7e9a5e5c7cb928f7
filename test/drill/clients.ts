/** Clients that write and watch all the while, and count what was lost and what they missed. */

import { setImmediate } from 'node:timers/promises';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import { call, send } from '../fixtures/api-server.ts';

type Asked = { readonly handler: ApiHandler };

const CONFIG_MAPS = '/api/v1/namespaces/drill/configmaps';
/** After which informers come again, too. */
const WATCH_SECONDS = 5;
const headers = { 'content-type': 'application/merge-patch+json' };

/** Raises the number in an object of its own, again and again; what fails it tries again. */
export class Writer {
  readonly #server: Asked;
  readonly name: string;
  /** The last number that was acknowledged. */
  acknowledged = 0;
  /** Answers with 5xx. */
  failures = 0;

  constructor(server: Asked, name: string) {
    this.#server = server;
    this.name = name;
  }

  async create(): Promise<void> {
    const body = { metadata: { name: this.name }, data: { n: '0' } };
    const { status, text } = await call(this.#server, 'POST', CONFIG_MAPS, { body });
    if (status !== 201) throw new Error(text);
  }

  async write(): Promise<void> {
    const n = this.acknowledged + 1;
    const request = { headers, body: { data: { n: String(n) } } };
    for (;;) {
      const { status, text } = await call(this.#server, 'PATCH', `${CONFIG_MAPS}/${this.name}`, request);
      if (status === 200) break;
      if (status < 500) throw new Error(text);
      this.failures++;
    }
    this.acknowledged = n;
    await setImmediate();
  }

  /** Whether the object has less than what was acknowledged. */
  async isLost(server: Asked): Promise<boolean> {
    const { json } = await call(server, 'GET', `${CONFIG_MAPS}/${this.name}`);
    return (json as { data: { n: string } }).data.n !== String(this.acknowledged);
  }
}

interface Event {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly name: string; readonly resourceVersion: string };
    readonly data?: { readonly n?: string };
  };
}

/** Watches the writers' objects, and comes again where a watch ends. */
export class Watcher {
  readonly #server: Asked;
  readonly #seen = new Map<string, Set<string>>();
  readonly #stop = new AbortController();
  #revision = '';
  #running: Promise<void> | undefined;
  #heard: () => void = () => undefined;
  /** Watches that ended and were begun again. */
  resumed = 0;

  constructor(server: Asked) {
    this.#server = server;
  }

  async start(): Promise<void> {
    const { json } = await call(this.#server, 'GET', CONFIG_MAPS);
    this.#revision = (json as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
    this.#running = this.#run();
  }

  missed({ name, acknowledged }: Writer): number {
    const seen = this.#seen.get(name);
    return Array.from({ length: acknowledged }, (_, n) => String(n + 1)).filter((n) => !seen?.has(n)).length;
  }

  /** Resolves when it has seen the last that the writers wrote. */
  async catchUp(writers: readonly Writer[]): Promise<void> {
    const isBehind = () =>
      writers.some(({ name, acknowledged }) => !this.#seen.get(name)?.has(String(acknowledged)));
    while (isBehind()) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const url = `${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${this.#revision}`;
      const { status, body } = await send(this.#server, 'GET', url, { signal });
      if (status !== 200 || body instanceof Uint8Array)
        throw new Error(`a watch was answered with ${status}`);
      let text = '';
      try {
        for await (const chunk of body) {
          const lines = (text + Buffer.from(chunk).toString()).split('\n');
          text = lines.pop()!;
          for (const line of lines) this.#hear(JSON.parse(line) as Event);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      if (!signal.aborted) this.resumed++;
    }
  }

  #hear({ type, object: { metadata, data } }: Event): void {
    if (type === 'ERROR') throw new Error('a watch could not go on where it was');
    this.#revision = metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    const seen = this.#seen.get(metadata.name) ?? new Set();
    this.#seen.set(metadata.name, seen.add(data?.n ?? ''));
    this.#heard();
  }
}
