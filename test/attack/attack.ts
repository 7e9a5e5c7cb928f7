/** An attack: what one client sends, and who it is. */

import type { Target } from './target.ts';

/** Who sends: nobody, a user without any role, a namespace's admin, the cluster's admin. */
export type Sender = 'anonymous' | 'ordinary' | 'admin' | 'clusterAdmin';

export interface Attack {
  readonly name: string;
  /** It is answered with 500 by kube-apiserver too, as was looked at: why that is so. */
  readonly failsUpstream?: string;
  /** Sends it and returns the answers in a few words: their codes. */
  run(target: Target): Promise<string>;
}

/** A request as an attack sends it. */
export interface AttackRequest {
  readonly method?: string;
  readonly path: string;
  readonly sender?: Sender;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export const NAMESPACE = 'attacked';

/** An attack of one request, or of several that come one after the other; `body` is built just before it is sent. */
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

/** The text repeated, `count` times, with the number of the repetition in place of `#`. */
export function repeat(count: number, text: string, separator = ''): string {
  return Array.from({ length: count }, (_, i) => text.replaceAll('#', String(i))).join(separator);
}
