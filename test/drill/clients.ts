/** Clients that continuously write and watch, and count lost writes and missed events. */

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import { call, send } from '../fixtures/api-server.ts';

type Asked = { readonly handler: ApiHandler };

const CONFIG_MAPS = '/api/v1/namespaces/drill/configmaps';
/** Seconds after which informers reconnect, too. */
const WATCH_SECONDS = 5;
/** Milliseconds before a failed request is retried. */
const PAUSE = 100;
const headers = { 'content-type': 'application/merge-patch+json' };

/** Repeatedly increments a number in its own object, retrying failures. */
export class Writer {
  readonly #server: Asked;
  readonly name: string;
  /** The last acknowledged number. */
  acknowledged = 0;
  /** Number of 5xx responses. */
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

  /** Whether the object does not have the last acknowledged number. */
  async isLost(server: Asked): Promise<boolean> {
    const { json } = await call(server, 'GET', `${CONFIG_MAPS}/${this.name}`);
    return (json as { data: { n: string } }).data.n !== String(this.acknowledged);
  }
}

interface Watched {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: { readonly n?: string };
}

interface Event {
  readonly type: string;
  readonly object: Watched & { readonly code?: number };
}

interface WatchedList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Watched[];
}

/** Behaves as an informer: lists, watches, resumes after a watch ends, and lists again if told that it can't resume. */
export class Watcher {
  readonly #server: Asked;
  /** Numbers seen in the writers' objects. */
  readonly #seen = new Map<string, Set<string>>();
  /** Objects it believes to exist: revisions by name. */
  #known = new Map<string, string>();
  readonly #stop = new AbortController();
  #revision = '';
  #running: Promise<void> | undefined;
  #heard: () => void = () => undefined;
  /** Number of watches that ended and were resumed. */
  resumed = 0;
  /** Number of times it had to list again. */
  relisted = 0;

  constructor(server: Asked) {
    this.#server = server;
  }

  async start(): Promise<void> {
    await this.#list();
    this.#running = this.#run();
  }

  missed({ name, acknowledged }: Writer): number {
    const seen = this.#seen.get(name);
    return Array.from({ length: acknowledged }, (_, n) => String(n + 1)).filter((n) => !seen?.has(n)).length;
  }

  /** Resolves when it has seen the last write of each writer. */
  catchUp(writers: readonly Writer[]): Promise<void> {
    return this.#until(() =>
      writers.every(({ name, acknowledged }) => this.#seen.get(name)?.has(String(acknowledged))),
    );
  }

  /** Resolves when it knows the object at this revision. */
  knows({ name, resourceVersion }: Watched['metadata']): Promise<void> {
    return this.#until(() => this.#known.get(name) === resourceVersion);
  }

  /** Objects whose revision or existence differs from its knowledge. */
  async wrong(server: Asked): Promise<string[]> {
    const { items } = (await call(server, 'GET', CONFIG_MAPS)).json as unknown as WatchedList;
    const there = new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    return [...new Set([...there.keys(), ...this.#known.keys()])].filter(
      (name) => there.get(name) !== this.#known.get(name),
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  /** False if the list failed. */
  async #list(): Promise<boolean> {
    const { status, json } = await call(this.#server, 'GET', CONFIG_MAPS);
    if (status !== 200) return false;
    const { metadata, items } = json as unknown as WatchedList;
    this.#revision = metadata.resourceVersion;
    this.#known = new Map(items.map((item) => [item.metadata.name, item.metadata.resourceVersion]));
    this.#heard();
    return true;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let isKnown = true; !signal.aborted; ) {
      try {
        if (isKnown) isKnown = await this.#watch(signal);
        else if (await this.#list()) [isKnown, this.relisted] = [true, this.relisted + 1];
        else await sleep(PAUSE);
      } catch (error) {
        // An interrupted watch is restarted.
        if (signal.aborted) return;
        if (!(error instanceof Error && 'code' in error)) throw error;
        await sleep(PAUSE);
      }
    }
  }

  /** False if it can't resume. */
  async #watch(signal: AbortSignal): Promise<boolean> {
    const url = `${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${this.#revision}`;
    const { status, body } = await send(this.#server, 'GET', url, { signal });
    if (status !== 200 || body instanceof Uint8Array) {
      await sleep(PAUSE);
      return status !== 410;
    }
    let text = '';
    for await (const chunk of body) {
      const lines = (text + Buffer.from(chunk).toString()).split('\n');
      text = lines.pop()!;
      for (const line of lines) if (!this.#hear(JSON.parse(line) as Event)) return false;
    }
    this.resumed++;
    return true;
  }

  /** False for an error that requires a new list. */
  #hear({ type, object: { metadata, data, code } }: Event): boolean {
    if (type === 'ERROR') return code !== 410;
    this.#revision = metadata.resourceVersion;
    if (type === 'BOOKMARK') return true;
    if (type === 'DELETED') this.#known.delete(metadata.name);
    else this.#known.set(metadata.name, metadata.resourceVersion);
    const seen = this.#seen.get(metadata.name) ?? new Set();
    this.#seen.set(metadata.name, seen.add(data?.n ?? ''));
    this.#heard();
    return true;
  }
}
