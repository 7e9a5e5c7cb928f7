import { type Logger, VERBOSITY } from './logger.ts';
import { reasonOf } from './reason-of.ts';
import { inSpan } from './spans.ts';

/** A request to an external server. */
export interface OutgoingCall<T> {
  readonly method: string;
  /** Query and credentials are not logged. */
  readonly url: URL;
  /** The status code of a response. */
  readonly codeOf: (answer: T) => number;
}

/**
 * Runs a call in a span of its own and logs it at verbosity `calls`. Within `run`, `traceHeaders` returns the headers
 * to send.
 */
export function tracedCall<T>(
  logger: Logger | undefined,
  call: OutgoingCall<T>,
  run: () => Promise<T>,
): Promise<T> {
  const { method, url, codeOf } = call;
  const attributes = () => ({
    'http.request.method': method,
    'server.address': url.host,
    'url.path': url.pathname,
  });
  return inSpan(`HTTP ${method}`, attributes, async (span) => {
    const answer = await loggedCall(logger, call, run);
    span?.set({ 'http.response.status_code': codeOf(answer) });
    return answer;
  });
}

async function loggedCall<T>(
  logger: Logger | undefined,
  { method, url, codeOf }: OutgoingCall<T>,
  run: () => Promise<T>,
): Promise<T> {
  if (logger === undefined || logger.verbosity < VERBOSITY.calls) return run();
  const begin = performance.now();
  const call = { method, url: `${url.protocol}//${url.host}${url.pathname}` };
  const logOutcome = (outcome: { readonly code: number } | { readonly err: string }): void => {
    const milliseconds = Math.round(performance.now() - begin);
    logger.info(VERBOSITY.calls, 'call', { ...call, ...outcome, milliseconds });
  };
  try {
    const answer = await run();
    logOutcome({ code: codeOf(answer) });
    return answer;
  } catch (error) {
    logOutcome({ err: String(reasonOf(error)) });
    throw error;
  }
}
