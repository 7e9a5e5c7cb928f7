import { type Logger, VERBOSITY } from './logger.ts';
import { reasonOf } from './reason-of.ts';

/** One request to somebody else's server. */
export interface OutgoingCall<T> {
  readonly method: string;
  /** Its query and credentials are not told. */
  readonly url: URL;
  /** The status of an answer. */
  readonly codeOf: (answer: T) => number;
}

/** Runs a call, and tells the log of it where it hears of calls. */
export async function tracedCall<T>(
  logger: Logger | undefined,
  { method, url, codeOf }: OutgoingCall<T>,
  run: () => Promise<T>,
): Promise<T> {
  if (logger === undefined || logger.verbosity < VERBOSITY.calls) return run();
  const begin = performance.now();
  const call = { method, url: `${url.protocol}//${url.host}${url.pathname}` };
  const tell = (outcome: { readonly code: number } | { readonly err: string }): void => {
    const milliseconds = Math.round(performance.now() - begin);
    logger.info(VERBOSITY.calls, 'call', { ...call, ...outcome, milliseconds });
  };
  try {
    const answer = await run();
    tell({ code: codeOf(answer) });
    return answer;
  } catch (error) {
    tell({ err: String(reasonOf(error)) });
    throw error;
  }
}
