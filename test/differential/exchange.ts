/** Requests and answers of a comparison, and who can be asked. */

export interface Step {
  readonly method: string;
  /** `$N` stands for the session's namespace. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON, texts as they are. */
  readonly body?: unknown;
  /** Asked again for ten seconds, until the status is this. */
  readonly until?: number;
  /** What is answered is kept by this name: `$(name.metadata.uid)` in later paths and bodies stands for that of it. */
  readonly keeps?: string;
  /** A path that controllers write to: the next step waits until they have. */
  readonly settles?: string;
}

/** Steps that follow each other, in a namespace of their own. */
export interface Session {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly warnings: readonly string[];
  readonly text: string;
  /** Names are in lower case. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What a webhook was asked meanwhile. */
  readonly asked?: readonly unknown[];
  /** What stands in the audit log. */
  readonly events?: readonly unknown[];
}

/** An API server that can be asked. */
export interface Target {
  ask(step: Step): Promise<Reply>;
  /** Resolves when its controllers have nothing to do; absent: nobody knows. */
  idle?(): Promise<void>;
}

export const bodyOf = ({ body }: Step): Buffer =>
  body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

export const headersOf = ({ headers, body }: Step): Record<string, string> => ({
  ...(body !== undefined && { 'content-type': 'application/json' }),
  ...headers,
});

export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
