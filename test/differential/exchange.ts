/** Requests and responses of a comparison, and the servers compared. */

export interface Step {
  readonly method: string;
  /** `$N` is replaced by the session's namespace. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON, strings unchanged. */
  readonly body?: unknown;
  /** Repeats the request until the response has this status, or is a rejection, for at most ten seconds. */
  readonly until?: number | 'refused';
  /** Keeps the response under this name: `$(name.metadata.uid)` in later paths and bodies is replaced by its value. */
  readonly keeps?: string;
  /** A path of objects that controllers write to: the next step waits until they have. */
  readonly settles?: string;
}

/** Steps that run in sequence, in a namespace of their own. */
export interface Session {
  readonly name: string;
  /** Spends its time waiting and affects no other namespace: several such sessions run concurrently. */
  readonly besideOthers?: boolean;
  readonly steps: readonly Step[];
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly warnings: readonly string[];
  readonly text: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The reviews a webhook received meanwhile. */
  readonly asked?: readonly unknown[];
  /** The entries of the audit log. */
  readonly events?: readonly unknown[];
}

/** An API server under comparison. */
export interface Target {
  ask(step: Step): Promise<Reply>;
  /** Resolves when its controllers are idle; absent if that can't be determined. */
  idle?(): Promise<void>;
}

/** Whether this is the status that the step waits for. */
export const isAwaited = ({ until }: Pick<Step, 'until'>, status: number): boolean =>
  until === undefined || (until === 'refused' ? status >= 400 : status === until);

export const bodyOf = ({ body }: Step): Buffer =>
  body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

export const headersOf = ({ headers, body }: Step): Record<string, string> => ({
  ...(body !== undefined && { 'content-type': 'application/json' }),
  ...headers,
});

export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
