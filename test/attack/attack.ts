/** An attack: the requests of one client, and its identity. */

import type { Target } from './target.ts';

/** The identity: anonymous, a user without roles, a namespace's admin, the cluster's admin. */
export type Sender = 'anonymous' | 'ordinary' | 'admin' | 'clusterAdmin';

export interface Attack {
  readonly name: string;
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
