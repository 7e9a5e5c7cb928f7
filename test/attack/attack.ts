/** An attack: the requests of one client, and its identity. */

import type { Target } from './target.ts';

/** The identity: anonymous, a user without roles, a namespace's admin, the cluster's admin. */
export type Sender = 'anonymous' | 'ordinary' | 'admin' | 'clusterAdmin';

/** Flags that the server is started with, and other servers that they need. */
export interface Setting {
  readonly flags: readonly string[];
  close?(): Promise<void> | void;
}

/** Prepares a setting in an empty folder; consecutive attacks with the same setting share a server. */
export type MakeSetting = (folder: string) => Promise<Setting>;

export interface Attack {
  readonly name: string;
  /** Default: a server without flags. */
  readonly setting?: MakeSetting;
  /** The reason why kube-apiserver also answers 500, as verified. */
  readonly failsUpstream?: string;
  /** Sends the requests and returns a summary of the status codes. */
  run(target: Target): Promise<string>;
}

/** A request of an attack. */
export interface AttackRequest {
  readonly method?: string;
  readonly path: string;
  readonly sender?: Sender;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export const NAMESPACE = 'attacked';

/** An attack of one request, or of several in sequence; `body` is built just before it is sent. */
export function requests(name: string, ...build: readonly (() => AttackRequest)[]): Attack {
  return {
    name,
    run: async (target) => {
      const codes: string[] = [];
      for (const request of build) codes.push(await target.send(request()));
      return codes.join(' ');
    },
  };
}

/** Repeats the text `count` times, replacing `#` by the index. */
export function repeat(count: number, text: string, separator = ''): string {
  return Array.from({ length: count }, (_, i) => text.replaceAll('#', String(i))).join(separator);
}

/** As many repetitions as fit into `size` characters. */
export function filling(size: number, piece: string, separator = ','): string {
  const digits = (piece.match(/#/g)?.length ?? 0) * 5;
  return repeat(Math.floor(size / (piece.length + separator.length + digits)), piece, separator);
}

/** `3 x 401, 2 x ECONNRESET` */
export function summary(answers: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].map(([answer, count]) => `${count} x ${answer}`).join(', ');
}

export async function atOnce(count: number, send: (i: number) => Promise<string>): Promise<string> {
  return summary(await Promise.all(Array.from({ length: count }, (_, i) => send(i))));
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Polls as the cluster's admin until the response has the given code, for at most ten seconds. */
export async function until(target: Target, path: string, code: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await target.send({ path, sender: 'clusterAdmin' })) === code) return;
    await pause(100);
  }
}
